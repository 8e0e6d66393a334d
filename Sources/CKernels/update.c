#include "update.h"

#include "multiversion.h"

/// The instruction: `sqrtf` may set errno, which keeps a loop from being vectorised.
INLINE float square_root(float x) { return __builtin_elementwise_sqrt(x); }

MULTIVERSION void descent_regularize(size_t count, const float *w, float l1, float l2, float *g) {
    const float twice = 2.0f * l2;
    INDEPENDENT
    for (size_t i = 0; i < count; i++) {
        float sign = w[i] > 0.0f ? 1.0f : (w[i] < 0.0f ? -1.0f : 0.0f);
        g[i] += l1 * sign + twice * w[i];
    }
}

MULTIVERSION void descent_scale(size_t count, float factor, float *g) {
    INDEPENDENT
    for (size_t i = 0; i < count; i++) g[i] *= factor;
}

MULTIVERSION void descent_clip(size_t count, float limit, float *g) {
    INDEPENDENT
    for (size_t i = 0; i < count; i++) {
        float v = g[i] > limit ? limit : g[i];
        g[i] = v < -limit ? -limit : v;
    }
}

MULTIVERSION void descent_decay(size_t count, float decay, float *w) {
    INDEPENDENT
    for (size_t i = 0; i < count; i++) w[i] -= w[i] * decay;
}

MULTIVERSION void descent_sgd(size_t count, float rate, const float *g, float *w) {
    INDEPENDENT
    for (size_t i = 0; i < count; i++) w[i] -= rate * g[i];
}

MULTIVERSION void descent_momentum(size_t count, float rate, float momentum, int nesterov, const float *g, float *m,
                                   float *w) {
    if (nesterov) {
        INDEPENDENT
        for (size_t i = 0; i < count; i++) {
            float step = rate * g[i];
            m[i] = momentum * m[i] - step;
            w[i] += momentum * m[i] - step;
        }
    } else {
        INDEPENDENT
        for (size_t i = 0; i < count; i++) {
            m[i] = momentum * m[i] - rate * g[i];
            w[i] += m[i];
        }
    }
}

MULTIVERSION void descent_adam(size_t count, float rate, float fresh1, float fresh2, float epsilon, const float *g,
                               float *m, float *v, float *w) {
    INDEPENDENT
    for (size_t i = 0; i < count; i++) {
        m[i] += (g[i] - m[i]) * fresh1;
        v[i] += (g[i] * g[i] - v[i]) * fresh2;
        w[i] -= rate * m[i] / (square_root(v[i]) + epsilon);
    }
}

MULTIVERSION void descent_rmsprop(size_t count, float rate, float rho, float fresh, float momentum, float epsilon,
                                  const float *g, float *v, float *average, float *velocity, float *w) {
    INDEPENDENT
    for (size_t i = 0; i < count; i++) {
        v[i] = rho * v[i] + fresh * (g[i] * g[i]);
        float denominator = v[i] + epsilon;
        if (average) {
            average[i] = rho * average[i] + fresh * g[i];
            denominator = v[i] - average[i] * average[i] + epsilon;
        }
        float step = rate * g[i] / square_root(denominator);
        if (velocity) {
            velocity[i] = momentum * velocity[i] + step;
            step = velocity[i];
        }
        w[i] -= step;
    }
}

MULTIVERSION void descent_adagrad(size_t count, float rate, float epsilon, const float *g, float *a, float *w) {
    INDEPENDENT
    for (size_t i = 0; i < count; i++) {
        a[i] += g[i] * g[i];
        w[i] -= rate * g[i] / square_root(a[i] + epsilon);
    }
}
