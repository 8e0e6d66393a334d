#ifndef DESCENT_REDUCTION_H
#define DESCENT_REDUCTION_H

#include <stddef.h>
#include <stdint.h>

/// c = a + b; c may be a or b.
void descent_add(size_t count, const float *a, const float *b, float *c);

/// c = a * b; c may be a or b.
void descent_multiply(size_t count, const float *a, const float *b, float *c);

/// The sum over the rows of a rows x columns matrix, first row first.
void descent_column_sums(size_t rows, size_t columns, const float *x, float *sums);

/// sums = the sums of |x| (sums[0]) and of x^2 (sums[1]) in double, in eight interleaved lanes.
void descent_norms(size_t count, const float *x, double sums[2]);

/// The sum of x^2, added up in float; not finite if an element is not, or where squares leave the range of a float.
double descent_square_sum(size_t count, const float *x);

/// 1 if every element is finite, else 0.
int descent_all_finite(size_t count, const float *x);

/// Copies rows of so many bytes, picked by index, next to one another. `known` indices, `rows` at least, may be looked
/// at: those behind the last row are the rows that come next, and are fetched ahead.
void descent_gather(size_t rows, size_t known, size_t bytes, const void *source, const uint32_t *indices,
                    void *target);

#endif
