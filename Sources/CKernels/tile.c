#include "tile.h"

#include <string.h>

#include "multiversion.h"

void descent_copy_tile(size_t rows, size_t columns, const float *source, size_t stride, float *target, size_t width) {
    for (size_t i = 0; i < rows; i++) memcpy(target + i * width, source + i * stride, columns * sizeof(float));
}

/// The side of a block: the lanes of a vector of AVX-512.
enum { SIDE = 16 };

typedef float lanes __attribute__((vector_size(SIDE * sizeof(float)), aligned(sizeof(float))));

/// Deals the lanes of vectors i and i + 8 out in turn to vectors 2i and 2i + 1. With a lane's place written as 4 bits of
/// vector and 4 bits of lane, that turns the 8 bits by one; four times, and vector and lane have changed places.
INLINE void deal(const lanes *a, lanes *b) {
    for (int i = 0; i < SIDE / 2; i++) {
        b[2 * i] = __builtin_shufflevector(a[i], a[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        b[2 * i + 1] =
            __builtin_shufflevector(a[i], a[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
}

INLINE void transpose_block(const float *source, size_t stride, float *target, size_t width) {
    lanes a[SIDE], b[SIDE];
    for (int i = 0; i < SIDE; i++) a[i] = *(const lanes *)(source + i * stride);
    deal(a, b);
    deal(b, a);
    deal(a, b);
    deal(b, a);
    for (int i = 0; i < SIDE; i++) *(lanes *)(target + i * width) = a[i];
}

MULTIVERSION void descent_transpose_tile(size_t rows, size_t columns, const float *source, size_t stride, float *target,
                                         size_t width) {
    for (size_t j = 0; j < columns; j += SIDE) {
        for (size_t i = 0; i < rows; i += SIDE) {
            if (i + SIDE <= rows && j + SIDE <= columns) {
                transpose_block(source + j * stride + i, stride, target + i * width + j, width);
            } else {
                for (size_t y = j; y < columns && y < j + SIDE; y++)
                    for (size_t x = i; x < rows && x < i + SIDE; x++) target[x * width + y] = source[y * stride + x];
            }
        }
    }
}
