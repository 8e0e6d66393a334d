#include "loss.h"

#include <math.h>

#include "lanes.h"
#include "vector_math.h"

INLINE float squared(float y, float t, float a) { return (y - t) * (y - t); }
INLINE float squared_slope(float y, float t, float a) { return 2.0f * (y - t); }

INLINE float absolute(float y, float t, float a) { return fabsf(y - t); }
INLINE float absolute_slope(float y, float t, float a) {
    float d = y - t;
    return d > 0.0f ? 1.0f : (d < 0.0f ? -1.0f : d);
}

INLINE float huber(float y, float t, float a) {
    float d = fabsf(y - t);
    return d > a ? a * (d - 0.5f * a) : 0.5f * d * d;
}
INLINE float huber_slope(float y, float t, float a) {
    float d = y - t;
    d = d > a ? a : d;
    return d < -a ? -a : d;
}

INLINE float binary_cross_entropy(float z, float t, float a) { return softplus_vector(z) - z * t; }
INLINE float binary_cross_entropy_slope(float z, float t, float a) { return sigmoid_vector(z) - t; }

INLINE float cross_entropy(float x, float t, float a) {
    x = x < a ? a : x;
    x = x > 1.0f - a ? 1.0f - a : x;
    // A target of 0 makes any probability irrelevant, but not a NaN.
    return t == 0.0f && x == x ? 0.0f : -t * log_vector(x);
}
INLINE float cross_entropy_slope(float x, float t, float a) { return x < a || x > 1.0f - a ? 0.0f : -t / x; }

#define LOSS(name)                                                                                                \
    MULTIVERSION static void name##_loss(float a, float factor, size_t rows, size_t columns, const float *y,      \
                                         const float *t, const float *weights, float scale, float *losses,        \
                                         float *gradient) {                                                       \
        if (columns == 1) {                                                                                       \
            INDEPENDENT                                                                                           \
            for (size_t i = 0; i < rows; i++) {                                                                   \
                const float weight = (weights ? weights[i] : 1.0f) * factor;                                      \
                const float prediction = y[i];                                                                    \
                losses[i] = weight * name(prediction, t[i], a);                                                   \
                if (gradient) gradient[i] = scale * weight * name##_slope(prediction, t[i], a);                   \
            }                                                                                                     \
            return;                                                                                               \
        }                                                                                                         \
        for (size_t i = 0; i < rows; i++) {                                                                       \
            const float *prediction = y + i * columns;                                                            \
            const float *target = t + i * columns;                                                                \
            const float weight = (weights ? weights[i] : 1.0f) * factor;                                          \
            float lanes[LANES] = {0};                                                                             \
            size_t j = 0;                                                                                         \
            for (; j + LANES <= columns; j += LANES)                                                              \
                for (int k = 0; k < LANES; k++) lanes[k] += name(prediction[j + k], target[j + k], a);            \
            for (int k = 0; j < columns; j++, k++) lanes[k] += name(prediction[j], target[j], a);                 \
            losses[i] = weight * fold_sum(lanes);                                                                 \
            if (gradient) {                                                                                       \
                float *g = gradient + i * columns;                                                                \
                const float multiplier = scale * weight;                                                          \
                for (size_t c = 0; c < columns; c++)                                                              \
                    g[c] = multiplier * name##_slope(prediction[c], target[c], a);                                \
            }                                                                                                     \
        }                                                                                                         \
    }

LOSS(squared)
LOSS(absolute)
LOSS(huber)
LOSS(binary_cross_entropy)
LOSS(cross_entropy)

typedef void (*loss_function)(float, float, size_t, size_t, const float *, const float *, const float *, float,
                              float *, float *);

void descent_elementwise_loss(int kind, float parameter, float factor, size_t rows, size_t columns,
                              const float *predictions, const float *targets, const float *weights, float scale,
                              float *losses, float *gradient) {
    static const loss_function functions[] = {
        [DESCENT_SQUARED] = squared_loss,
        [DESCENT_ABSOLUTE] = absolute_loss,
        [DESCENT_HUBER] = huber_loss,
        [DESCENT_BINARY_CROSS_ENTROPY] = binary_cross_entropy_loss,
        [DESCENT_CROSS_ENTROPY] = cross_entropy_loss,
    };
    functions[kind](parameter, factor, rows, columns, predictions, targets, weights, scale, losses, gradient);
}
