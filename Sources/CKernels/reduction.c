#include "reduction.h"

#include <string.h>

#include "lanes.h"

MULTIVERSION void descent_add(size_t count, const float *a, const float *b, float *c) {
    INDEPENDENT
    for (size_t i = 0; i < count; i++) c[i] = a[i] + b[i];
}

MULTIVERSION void descent_multiply(size_t count, const float *a, const float *b, float *c) {
    INDEPENDENT
    for (size_t i = 0; i < count; i++) c[i] = a[i] * b[i];
}

MULTIVERSION void descent_column_sums(size_t rows, size_t columns, const float *x, float *sums) {
    memset(sums, 0, columns * sizeof *sums);
    for (size_t i = 0; i < rows; i++) {
        INDEPENDENT
        for (size_t j = 0; j < columns; j++) sums[j] += x[i * columns + j];
    }
}

MULTIVERSION void descent_norms(size_t count, const float *x, double sums[2]) {
    double absolute[8] = {0}, square[8] = {0};
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        for (int k = 0; k < 8; k++) {
            double v = x[i + k];
            absolute[k] += v < 0 ? -v : v;
            square[k] += v * v;
        }
    for (int k = 0; i < count; i++, k++) {
        double v = x[i];
        absolute[k] += v < 0 ? -v : v;
        square[k] += v * v;
    }
    sums[0] = sums[1] = 0;
    for (int k = 0; k < 8; k++) {
        sums[0] += absolute[k];
        sums[1] += square[k];
    }
}

MULTIVERSION double descent_square_sum(size_t count, const float *x) {
    // As many lanes as keep several wide registers busy: what bounds this is the latency of the sums.
    float lanes[64] = {0};
    size_t i = 0;
    for (; i + 64 <= count; i += 64)
        for (int k = 0; k < 64; k++) lanes[k] += x[i + k] * x[i + k];
    for (int k = 0; i < count; i++, k++) lanes[k] += x[i] * x[i];
    double sums[LANES];
    for (int k = 0; k < LANES; k++)
        sums[k] = ((double)lanes[k] + lanes[k + 16]) + ((double)lanes[k + 32] + lanes[k + 48]);
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int k = 0; k < width; k++) sums[k] += sums[k + width];
    return sums[0];
}

MULTIVERSION int descent_all_finite(size_t count, const float *x) {
    // Without the sign, the bits of infinity are the first that no finite number reaches; integer arithmetic, so that
    // nothing depends on floating-point flags.
    uint32_t largest = 0;
#pragma clang loop interleave_count(2)
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        bits &= 0x7FFFFFFFu;
        largest = bits > largest ? bits : largest;
    }
    return largest < 0x7F800000u;
}

/// Asks for a row before it is needed.
INLINE void prefetch_row(const char *row, size_t bytes) {
    for (size_t byte = 0; byte < bytes; byte += 64) __builtin_prefetch(row + byte);
}

void descent_gather(size_t rows, size_t known, size_t bytes, const void *source, const uint32_t *indices,
                    void *target) {
    // Rows lie anywhere in memory, and a processor foresees only what lies in sequence. Some kilobytes ahead are on
    // their way while earlier ones are copied.
    const size_t ahead = bytes >= 4096 ? 1 : 8192 / (bytes + 64);
    const char *from = source;
    char *to = target;
    for (size_t i = 0; i < ahead && i < rows; i++) prefetch_row(from + indices[i] * bytes, bytes);
    for (size_t i = 0; i < rows; i++) {
        if (i + ahead < known) prefetch_row(from + indices[i + ahead] * bytes, bytes);
        if (bytes == sizeof(float))
            memcpy(to + i * bytes, from + indices[i] * bytes, sizeof(float));
        else
            memcpy(to + i * bytes, from + indices[i] * bytes, bytes);
    }
}
