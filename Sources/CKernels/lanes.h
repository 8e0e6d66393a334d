#ifndef DESCENT_LANES_H
#define DESCENT_LANES_H

#include <stddef.h>

#include "multiversion.h"

/// Reductions in sixteen interleaved lanes, folded in a fixed order: the order of the sum is written in the source,
/// so the compiler may use any vector width and still give the same bits.
enum { LANES = 16 };

INLINE float fold_sum(const float lanes[LANES]) {
    float eight[8], four[4];
    for (int k = 0; k < 8; k++) eight[k] = lanes[k] + lanes[k + 8];
    for (int k = 0; k < 4; k++) four[k] = eight[k] + eight[k + 4];
    return (four[0] + four[2]) + (four[1] + four[3]);
}

/// The largest of count >= 1 elements; a NaN among them may be passed over.
INLINE float row_maximum(size_t count, const float *x) {
    float largest = x[0];
    size_t j = 0;
    if (count >= LANES) {
        float lanes[LANES];
        for (int k = 0; k < LANES; k++) lanes[k] = x[k];
        for (j = LANES; j + LANES <= count; j += LANES)
            for (int k = 0; k < LANES; k++) lanes[k] = x[j + k] > lanes[k] ? x[j + k] : lanes[k];
        for (int k = 0; k < LANES; k++) largest = lanes[k] > largest ? lanes[k] : largest;
    }
    for (; j < count; j++) largest = x[j] > largest ? x[j] : largest;
    return largest;
}

#endif
