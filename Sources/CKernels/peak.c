#include "peak.h"

#include "multiversion.h"

/// Independent chains: enough to hide an operation's latency, few enough for sixteen registers with two constants.
enum { CHAINS = 12 };

#define MULTIPLY_ADD(bits)                                                                             \
    typedef float vector_##bits __attribute__((vector_size(bits / 8)));                                \
    MULTIVERSION double descent_multiply_add_##bits(size_t rounds) {                                   \
        _Pragma("clang fp contract(fast)")                                                             \
        enum { WIDTH = bits / 32 };                                                                    \
        const vector_##bits factor = (vector_##bits){0} + 0.999f;                                      \
        const vector_##bits term = (vector_##bits){0} + 0.001f;                                        \
        vector_##bits sums[CHAINS];                                                                    \
        for (int c = 0; c < CHAINS; c++) sums[c] = (vector_##bits){0} + (float)c;                      \
        for (size_t i = 0; i < rounds; i++) {                                                          \
            _Pragma("clang loop unroll(full)")                                                         \
            for (int c = 0; c < CHAINS; c++) sums[c] = sums[c] * factor + term;                        \
        }                                                                                              \
        float total = 0.0f;                                                                            \
        for (int c = 0; c < CHAINS; c++)                                                               \
            for (int k = 0; k < WIDTH; k++) total += sums[c][k];                                       \
        /* The sum is positive: comparing it only keeps the work from being optimised away. */         \
        return total >= 0.0f ? 2.0 * CHAINS * WIDTH * (double)rounds : 0.0;                            \
    }

MULTIPLY_ADD(512)
MULTIPLY_ADD(256)
