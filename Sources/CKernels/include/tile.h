#ifndef DESCENT_TILE_H
#define DESCENT_TILE_H

#include <stddef.h>

/// Copies a rows x columns tile of a matrix, whose rows are `stride` floats apart, so that its rows are `width` apart.
void descent_copy_tile(size_t rows, size_t columns, const float *source, size_t stride, float *target, size_t width);

/// Copies the transpose of a columns x rows tile of a matrix, whose rows are `stride` floats apart: rows x columns, rows
/// `width` apart.
void descent_transpose_tile(size_t rows, size_t columns, const float *source, size_t stride, float *target,
                            size_t width);

#endif
