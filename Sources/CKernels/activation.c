#include "activation.h"

#include "vector_math.h"

#define SELU_ALPHA 1.67326324235437728481f
#define SELU_SCALE 1.05070098735548049342f

// NaN must come out of every function as NaN, or a broken network would look healthy: hence `x < 0 ? 0 : x`.

INLINE float linear(float x, float a) { return x; }
INLINE float relu(float x, float a) { return x < 0.0f ? 0.0f : x; }
INLINE float leaky_relu(float x, float a) { return x < 0.0f ? a * x : x; }
INLINE float sigmoid(float x, float a) { return sigmoid_vector(x); }
INLINE float hyperbolic(float x, float a) { return tanh_vector(x); }

/// e^x - 1 for x <= 0: the series keeps its digits near 0.
INLINE float exp_minus_one(float x) {
    float series = x * (1.0f + x * (0.5f + x * (1.0f / 6.0f + x * (1.0f / 24.0f + x * (1.0f / 120.0f + x * (1.0f / 720.0f))))));
    return x > -0.35f ? series : exp_vector(x) - 1.0f;
}

INLINE float elu(float x, float a) { return x < 0.0f ? a * exp_minus_one(x) : x; }
INLINE float selu(float x, float a) { return SELU_SCALE * elu(x, SELU_ALPHA); }
INLINE float softplus(float x, float a) { return softplus_vector(x); }
INLINE float gelu(float x, float a) { return 0.5f * x * (1.0f + erf_vector(x * 0.70710678118654752440f)); }
INLINE float silu(float x, float a) { return x * sigmoid_vector(x); }

// Derivatives: of the output y for the first seven, of the input x for softplus, GELU and SiLU.

INLINE float linear_slope(float y, float a) { return 1.0f; }
INLINE float relu_slope(float y, float a) { return y > 0.0f ? 1.0f : 0.0f; }
INLINE float leaky_relu_slope(float y, float a) { return y > 0.0f ? 1.0f : a; }
INLINE float sigmoid_slope(float y, float a) { return y * (1.0f - y); }
INLINE float hyperbolic_slope(float y, float a) { return 1.0f - y * y; }
INLINE float elu_slope(float y, float a) { return y > 0.0f ? 1.0f : y + a; }
INLINE float selu_slope(float y, float a) { return y > 0.0f ? SELU_SCALE : y + SELU_SCALE * SELU_ALPHA; }
INLINE float softplus_slope(float x, float a) { return sigmoid_vector(x); }
INLINE float gelu_slope(float x, float a) {
    float cumulative = 0.5f * (1.0f + erf_vector(x * 0.70710678118654752440f));
    float density = 0.39894228040143267794f * exp_vector(-0.5f * x * x);
    return cumulative + x * density;
}
INLINE float silu_slope(float x, float a) {
    float s = sigmoid_vector(x);
    return s * (1.0f + x * (1.0f - s));
}

#define FORWARD(name)                                                                                              \
    MULTIVERSION static void name##_forward(float a, size_t rows, size_t columns, const float *bias,               \
                                            const float *x, float *pre, float *y) {                                \
        for (size_t i = 0; i < rows; i++) {                                                                        \
            const float *input = x + i * columns;                                                                  \
            float *output = y + i * columns;                                                                       \
            if (pre) {                                                                                             \
                float *sum = pre + i * columns;                                                                    \
                INDEPENDENT                                                                                        \
                for (size_t j = 0; j < columns; j++) {                                                             \
                    float v = bias ? input[j] + bias[j] : input[j];                                                \
                    sum[j] = v;                                                                                    \
                    output[j] = name(v, a);                                                                        \
                }                                                                                                  \
            } else if (bias) {                                                                                     \
                INDEPENDENT                                                                                        \
                for (size_t j = 0; j < columns; j++) output[j] = name(input[j] + bias[j], a);                      \
            } else {                                                                                               \
                INDEPENDENT                                                                                        \
                for (size_t j = 0; j < columns; j++) output[j] = name(input[j], a);                                \
            }                                                                                                      \
        }                                                                                                          \
    }

#define BACKWARD(name)                                                                                             \
    INLINE void name##_backward_rows(float a, size_t rows, size_t columns, const float *s, const float *g, float *d,\
                                     float *sums) {                                                                \
        INDEPENDENT                                                                                                \
        for (size_t j = 0; j < columns; j++) {                                                                     \
            float total = sums ? sums[j] : 0.0f;                                                                   \
            _Pragma("clang loop unroll(full)")                                                                     \
            for (size_t i = 0; i < rows; i++) {                                                                    \
                float v = g[i * columns + j] * name##_slope(s[i * columns + j], a);                                \
                d[i * columns + j] = v;                                                                            \
                total += v;                                                                                        \
            }                                                                                                      \
            if (sums) sums[j] = total;                                                                             \
        }                                                                                                          \
    }                                                                                                              \
    MULTIVERSION static void name##_backward(float a, size_t rows, size_t columns, const float *state,             \
                                             const float *out, float *in, float *sums) {                           \
        if (sums) memset(sums, 0, columns * sizeof *sums);                                                         \
        size_t i = 0;                                                                                              \
        for (; i + 4 <= rows; i += 4)                                                                              \
            name##_backward_rows(a, 4, columns, state + i * columns, out + i * columns, in + i * columns, sums);   \
        for (; i < rows; i++)                                                                                      \
            name##_backward_rows(a, 1, columns, state + i * columns, out + i * columns, in + i * columns, sums);   \
    }

#define BOTH(name) FORWARD(name) BACKWARD(name)

BOTH(linear)
BOTH(relu)
BOTH(leaky_relu)
BOTH(sigmoid)
BOTH(hyperbolic)
BOTH(elu)
BOTH(selu)
BOTH(softplus)
BOTH(gelu)
BOTH(silu)

typedef void (*forward_function)(float, size_t, size_t, const float *, const float *, float *, float *);
typedef void (*backward_function)(float, size_t, size_t, const float *, const float *, float *, float *);

void descent_activate(int kind, float parameter, size_t rows, size_t columns, const float *bias, const float *x,
                      float *pre, float *y) {
    static const forward_function functions[] = {
        [DESCENT_LINEAR] = linear_forward, [DESCENT_RELU] = relu_forward,
        [DESCENT_LEAKY_RELU] = leaky_relu_forward, [DESCENT_SIGMOID] = sigmoid_forward,
        [DESCENT_TANH] = hyperbolic_forward, [DESCENT_ELU] = elu_forward,
        [DESCENT_SELU] = selu_forward, [DESCENT_SOFTPLUS] = softplus_forward,
        [DESCENT_GELU] = gelu_forward, [DESCENT_SILU] = silu_forward,
    };
    functions[kind](parameter, rows, columns, bias, x, pre, y);
}

void descent_activate_backward(int kind, float parameter, size_t rows, size_t columns, const float *state,
                               const float *gradient_out, float *gradient_in, float *column_sums) {
    static const backward_function functions[] = {
        [DESCENT_LINEAR] = linear_backward, [DESCENT_RELU] = relu_backward,
        [DESCENT_LEAKY_RELU] = leaky_relu_backward, [DESCENT_SIGMOID] = sigmoid_backward,
        [DESCENT_TANH] = hyperbolic_backward, [DESCENT_ELU] = elu_backward,
        [DESCENT_SELU] = selu_backward, [DESCENT_SOFTPLUS] = softplus_backward,
        [DESCENT_GELU] = gelu_backward, [DESCENT_SILU] = silu_backward,
    };
    functions[kind](parameter, rows, columns, state, gradient_out, gradient_in, column_sums);
}
