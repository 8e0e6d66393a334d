#ifndef DESCENT_UPDATE_H
#define DESCENT_UPDATE_H

#include <stddef.h>

/// g += l1 * sign(w) + 2 * l2 * w: the gradient of l1 * sum |w| + l2 * sum w^2, 0 for l1 at w = 0.
void descent_regularize(size_t count, const float *w, float l1, float l2, float *g);

/// g *= factor.
void descent_scale(size_t count, float factor, float *g);

/// g = min(max(g, -limit), limit); NaN stays NaN.
void descent_clip(size_t count, float limit, float *g);

/// w -= rate * g.
void descent_sgd(size_t count, float rate, const float *g, float *w);

/// m = momentum * m - rate * g; w += m, or with Nesterov w += momentum * m - rate * g.
void descent_momentum(size_t count, float rate, float momentum, int nesterov, const float *g, float *m, float *w);

/// m += (g - m) fresh1; v += (g^2 - v) fresh2; w -= rate * m / (sqrt(v) + epsilon).
/// `rate` carries the bias correction: learning rate * sqrt(1 - beta2^t) / (1 - beta1^t).
/// The complements of the betas come from the caller, who can subtract in double: 1 - 0.999f is off by 1e-5.
void descent_adam(size_t count, float rate, float fresh1, float fresh2, float epsilon, const float *g, float *m,
                  float *v, float *w);

/// v = rho v + fresh g^2; d = v + epsilon, or centred: a = rho a + fresh g, d = v - a^2 + epsilon;
/// step = rate * g / sqrt(d); with momentum: b = momentum b + step, w -= b, else w -= step.
/// `average` is null unless centred, `velocity` null without momentum.
void descent_rmsprop(size_t count, float rate, float rho, float fresh, float momentum, float epsilon, const float *g,
                     float *v, float *average, float *velocity, float *w);

/// a += g^2; w -= rate * g / sqrt(a + epsilon).
void descent_adagrad(size_t count, float rate, float epsilon, const float *g, float *a, float *w);

/// w -= w * decay.
void descent_decay(size_t count, float decay, float *w);

#endif
