#include "columns.h"

#include "multiversion.h"

MULTIVERSION void descent_shift_scale(size_t rows, size_t columns, const float *x, const float *center,
                                      const float *factor, const float *offset, float *y) {
    if (columns == 1) {
        // One number for all columns: the rows are the loop.
        const float c = center ? center[0] : 0.0f, f = factor[0], o = offset ? offset[0] : 0.0f;
        INDEPENDENT
        for (size_t i = 0; i < rows; i++) y[i] = (x[i] - c) * f + o;
        return;
    }
    for (size_t i = 0; i < rows; i++) {
        const float *from = x + i * columns;
        float *to = y + i * columns;
        if (center && offset) {
            INDEPENDENT
            for (size_t j = 0; j < columns; j++) to[j] = (from[j] - center[j]) * factor[j] + offset[j];
        } else if (center) {
            INDEPENDENT
            for (size_t j = 0; j < columns; j++) to[j] = (from[j] - center[j]) * factor[j];
        } else if (offset) {
            INDEPENDENT
            for (size_t j = 0; j < columns; j++) to[j] = from[j] * factor[j] + offset[j];
        } else {
            INDEPENDENT
            for (size_t j = 0; j < columns; j++) to[j] = from[j] * factor[j];
        }
    }
}
