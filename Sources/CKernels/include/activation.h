#ifndef DESCENT_ACTIVATION_H
#define DESCENT_ACTIVATION_H

#include <stddef.h>

/// The element-wise functions f of a layer. `parameter` is the slope of LEAKY_RELU and the alpha of ELU.
enum descent_activation {
    DESCENT_LINEAR = 0,
    DESCENT_RELU = 1,
    DESCENT_LEAKY_RELU = 2,
    DESCENT_SIGMOID = 3,
    DESCENT_TANH = 4,
    DESCENT_ELU = 5,
    DESCENT_SELU = 6,
    DESCENT_SOFTPLUS = 7,
    DESCENT_GELU = 8,
    DESCENT_SILU = 9,
};

/// y = f(x + bias) over rows x columns, row-major and dense. `bias` (columns) may be null; y may be x.
/// Where `pre` is not null it receives x + bias, which the derivatives of SOFTPLUS, GELU and SILU need.
void descent_activate(int kind, float parameter, size_t rows, size_t columns, const float *bias, const float *x,
                      float *pre, float *y);

/// gradient_in = gradient_out * f'. `state` is y, or x + bias for SOFTPLUS, GELU and SILU; gradient_in may be
/// gradient_out. Where `column_sums` is not null it receives the sum of gradient_in over the rows, first row first.
void descent_activate_backward(int kind, float parameter, size_t rows, size_t columns, const float *state,
                               const float *gradient_out, float *gradient_in, float *column_sums);

/// y = softmax(x) in each row; y may be x.
void descent_softmax(size_t rows, size_t columns, const float *x, float *y);

/// gradient_in = y * (gradient_out - <gradient_out, y>) in each row: the softmax Jacobian applied, never built.
void descent_softmax_backward(size_t rows, size_t columns, const float *y, const float *gradient_out,
                              float *gradient_in);

#endif
