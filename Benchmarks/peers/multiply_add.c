// The most multiply-adds a core can do: independent accumulators that never leave their registers.
//
// Compiled by limits.py with -DWIDTH=8 (AVX2) and -DWIDTH=16 (AVX-512). A core starts one or two vector multiply-adds per
// cycle and each takes four or five, so ten in flight keep it busy; twelve accumulators and two constants fit the sixteen
// registers of AVX2.

typedef float vector __attribute__((vector_size(WIDTH * sizeof(float))));

#define ACCUMULATORS 12

const long flop_per_turn = 2L * WIDTH * ACCUMULATORS;

// x = x * 0.999 + 0.001 for every accumulator, `turns` times. They start at different values, or the compiler would keep one
// for all; the values tend to 1, so that none is ever subnormal. The sum is returned for the work to be of use.
float multiply_add(long turns, float start) {
    vector x[ACCUMULATORS];
    for (int i = 0; i < ACCUMULATORS; ++i) x[i] = (vector){} + (start + i);
    for (long turn = 0; turn < turns; ++turn) {
#pragma GCC unroll 12
        for (int i = 0; i < ACCUMULATORS; ++i) x[i] = x[i] * 0.999f + 0.001f;
    }
    vector total = {};
    for (int i = 0; i < ACCUMULATORS; ++i) total += x[i];
    float sum = 0;
    for (int i = 0; i < WIDTH; ++i) sum += total[i];
    return sum;
}
