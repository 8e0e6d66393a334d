#ifndef DESCENT_COLUMNS_H
#define DESCENT_COLUMNS_H

#include <stddef.h>

/// y = (x - center) * factor + offset, each given per column; a center or offset that is null is 0. y may be x.
void descent_shift_scale(size_t rows, size_t columns, const float *x, const float *center, const float *factor,
                         const float *offset, float *y);

#endif
