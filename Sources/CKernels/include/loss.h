#ifndef DESCENT_LOSS_H
#define DESCENT_LOSS_H

#include <stddef.h>
#include <stdint.h>

/// Softmax cross-entropy on logits, a class index for a target, label smoothing s:
/// t = (1 - s) onehot(label) + s / columns, loss = logsumexp(z) - <t, z>, gradient = scale * w * (softmax(z) - t).
/// `weights` (rows) may be null; `losses` (rows) receives w * loss; `gradient` may be null, and may be `logits`.
void descent_softmax_cross_entropy(size_t rows, size_t columns, const float *logits, const int32_t *labels,
                                   const float *weights, float smoothing, float scale, float *losses,
                                   float *gradient);

/// The same with the target as a distribution, rows x columns. A one-hot row gives the bits of its index.
void descent_softmax_cross_entropy_dense(size_t rows, size_t columns, const float *logits, const float *targets,
                                         const float *weights, float smoothing, float scale, float *losses,
                                         float *gradient);

/// Element-wise losses, summed over the columns of a row. `parameter` is the delta of HUBER.
enum descent_loss {
    /// (y - t)^2, gradient 2 (y - t)
    DESCENT_SQUARED = 0,
    /// |y - t|, gradient sign(y - t), 0 at 0
    DESCENT_ABSOLUTE = 1,
    /// (y - t)^2 / 2 within delta, delta (|y - t| - delta / 2) outside
    DESCENT_HUBER = 2,
    /// binary cross-entropy on a logit: max(z, 0) - z t + log(1 + exp(-|z|)), gradient sigmoid(z) - t
    DESCENT_BINARY_CROSS_ENTROPY = 3,
    /// -t log(clip(x)), x clipped to [parameter, 1 - parameter], gradient -t / x, 0 where clipped
    DESCENT_CROSS_ENTROPY = 4,
};

/// losses = w * factor * sum over columns, gradient = scale * w * factor * derivative. As above for null and aliases.
void descent_elementwise_loss(int kind, float parameter, float factor, size_t rows, size_t columns,
                              const float *predictions, const float *targets, const float *weights, float scale,
                              float *losses, float *gradient);

#endif
