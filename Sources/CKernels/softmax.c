#include <math.h>
#include <string.h>

#include "activation.h"
#include "lanes.h"
#include "loss.h"
#include "vector_math.h"

/// exponentials = e^(x - maximum), and their sum.
INLINE float exponentials(size_t count, const float *x, float maximum, float *y) {
    float lanes[LANES] = {0};
    size_t j = 0;
    for (; j + LANES <= count; j += LANES)
        for (int k = 0; k < LANES; k++) {
            float e = exp_vector(x[j + k] - maximum);
            y[j + k] = e;
            lanes[k] += e;
        }
    for (int k = 0; j < count; j++, k++) {
        float e = exp_vector(x[j] - maximum);
        y[j] = e;
        lanes[k] += e;
    }
    return fold_sum(lanes);
}

INLINE float dot(size_t count, const float *a, const float *b) {
    float lanes[LANES] = {0};
    size_t j = 0;
    for (; j + LANES <= count; j += LANES)
        for (int k = 0; k < LANES; k++) lanes[k] += a[j + k] * b[j + k];
    for (int k = 0; j < count; j++, k++) lanes[k] += a[j] * b[j];
    return fold_sum(lanes);
}

INLINE float sum(size_t count, const float *a) {
    float lanes[LANES] = {0};
    size_t j = 0;
    for (; j + LANES <= count; j += LANES)
        for (int k = 0; k < LANES; k++) lanes[k] += a[j + k];
    for (int k = 0; j < count; j++, k++) lanes[k] += a[j];
    return fold_sum(lanes);
}

MULTIVERSION void descent_softmax(size_t rows, size_t columns, const float *x, float *y) {
    for (size_t i = 0; i < rows; i++) {
        const float *input = x + i * columns;
        float *output = y + i * columns;
        float total = exponentials(columns, input, row_maximum(columns, input), output);
        for (size_t j = 0; j < columns; j++) output[j] /= total;
    }
}

MULTIVERSION void descent_softmax_backward(size_t rows, size_t columns, const float *y, const float *gradient_out,
                                           float *gradient_in) {
    for (size_t i = 0; i < rows; i++) {
        const float *p = y + i * columns;
        const float *g = gradient_out + i * columns;
        float *d = gradient_in + i * columns;
        float inner = dot(columns, g, p);
        for (size_t j = 0; j < columns; j++) d[j] = p[j] * (g[j] - inner);
    }
}

enum { BLOCK = 256 };

/// The sum of e^(z - maximum) without a place to keep the exponentials.
INLINE float sum_of_exponentials(size_t count, const float *z, float maximum) {
    float block[BLOCK];
    float total = 0.0f;
    for (size_t j = 0; j < count; j += BLOCK) {
        size_t part = count - j < BLOCK ? count - j : BLOCK;
        total += exponentials(part, z + j, maximum, block);
    }
    return total;
}

/// The widest rows that are worked on side by side rather than one after another.
enum { NARROW = 16 };

/// Cross-entropy of LANES rows of few columns, column by column: z and t are columns x LANES, z becomes the gradient.
INLINE void narrow_cross_entropy(size_t columns, float (*z)[LANES], float (*t)[LANES], const float *weight,
                                 float kept, float spread, float scale, float *loss) {
    float maximum[LANES], inner[LANES], plain[LANES], total[LANES];
    for (int k = 0; k < LANES; k++) {
        maximum[k] = z[0][k];
        inner[k] = plain[k] = total[k] = 0.0f;
    }
    for (size_t j = 0; j < columns; j++)
        for (int k = 0; k < LANES; k++) {
            maximum[k] = z[j][k] > maximum[k] ? z[j][k] : maximum[k];
            inner[k] += t[j][k] * z[j][k];
            plain[k] += z[j][k];
        }
    for (size_t j = 0; j < columns; j++)
        for (int k = 0; k < LANES; k++) {
            z[j][k] = exp_vector(z[j][k] - maximum[k]);
            total[k] += z[j][k];
        }
    for (int k = 0; k < LANES; k++) {
        float found = kept * inner[k];
        if (spread != 0.0f) found += spread * plain[k];
        // The difference of the two large numbers first: it is exact when they are close.
        loss[k] = weight[k] * (log_vector(total[k]) + (maximum[k] - found));
    }
    for (size_t j = 0; j < columns; j++)
        for (int k = 0; k < LANES; k++)
            z[j][k] = scale * weight[k] * (z[j][k] / total[k] - (kept * t[j][k] + spread));
}

/// Cross-entropy of rows of at most NARROW columns, sixteen rows side by side. A row's target is its label, or where
/// `labels` is null its row of `targets`.
INLINE void narrow_rows(size_t rows, size_t columns, const float *logits, const int32_t *labels,
                        const float *targets, const float *weights, float smoothing, float scale, float *losses,
                        float *gradient) {
    for (size_t i = 0; i < rows; i += LANES) {
        const size_t count = rows - i < LANES ? rows - i : LANES;
        float z[NARROW][LANES], t[NARROW][LANES], weight[LANES], loss[LANES];
        for (size_t k = 0; k < LANES; k++) {
            // Rows beyond the last repeat it, so that no lane computes what might trap or slow down.
            const size_t row = i + (k < count ? k : count - 1);
            weight[k] = weights ? weights[row] : 1.0f;
            for (size_t j = 0; j < columns; j++) {
                z[j][k] = logits[row * columns + j];
                t[j][k] = labels ? (float)((size_t)labels[row] == j) : targets[row * columns + j];
            }
        }
        narrow_cross_entropy(columns, z, t, weight, 1.0f - smoothing, smoothing / (float)columns, scale, loss);
        for (size_t k = 0; k < count; k++) {
            losses[i + k] = loss[k];
            if (gradient)
                for (size_t j = 0; j < columns; j++) gradient[(i + k) * columns + j] = z[j][k];
        }
    }
}

MULTIVERSION void descent_softmax_cross_entropy(size_t rows, size_t columns, const float *logits,
                                                const int32_t *labels, const float *weights, float smoothing,
                                                float scale, float *losses, float *gradient) {
    if (columns <= NARROW) {
        narrow_rows(rows, columns, logits, labels, 0, weights, smoothing, scale, losses, gradient);
        return;
    }
    const float kept = 1.0f - smoothing;
    const float spread = smoothing / (float)columns;
    for (size_t i = 0; i < rows; i++) {
        const float *z = logits + i * columns;
        const float weight = weights ? weights[i] : 1.0f;
        const float maximum = row_maximum(columns, z);
        const float target_logit = z[labels[i]];
        float inner = kept * target_logit;
        if (smoothing != 0.0f) inner += spread * sum(columns, z);
        const float total = sum_of_exponentials(columns, z, maximum);
        // The difference of the two large numbers first: it is exact when they are close.
        losses[i] = weight * (log_vector(total) + (maximum - inner));
        if (gradient) {
            float *g = gradient + i * columns;
            const float factor = scale * weight;
            for (size_t j = 0; j < columns; j++) g[j] = factor * (exp_vector(z[j] - maximum) / total - spread);
            const float t = kept + spread;
            // The label's own entry, computed whole so that softmax - t does not lose digits twice.
            float p = exp_vector(target_logit - maximum) / total;
            g[labels[i]] = factor * (p - t);
        }
    }
}

MULTIVERSION void descent_softmax_cross_entropy_dense(size_t rows, size_t columns, const float *logits,
                                                      const float *targets, const float *weights, float smoothing,
                                                      float scale, float *losses, float *gradient) {
    if (columns <= NARROW) {
        narrow_rows(rows, columns, logits, 0, targets, weights, smoothing, scale, losses, gradient);
        return;
    }
    const float kept = 1.0f - smoothing;
    const float spread = smoothing / (float)columns;
    for (size_t i = 0; i < rows; i++) {
        const float *z = logits + i * columns;
        const float *t = targets + i * columns;
        const float weight = weights ? weights[i] : 1.0f;
        const float maximum = row_maximum(columns, z);
        float inner = kept * dot(columns, t, z);
        if (smoothing != 0.0f) inner += spread * sum(columns, z);
        const float total = sum_of_exponentials(columns, z, maximum);
        // The difference of the two large numbers first: it is exact when they are close.
        losses[i] = weight * (log_vector(total) + (maximum - inner));
        if (gradient) {
            float *g = gradient + i * columns;
            const float factor = scale * weight;
            for (size_t j = 0; j < columns; j++)
                g[j] = factor * (exp_vector(z[j] - maximum) / total - (kept * t[j] + spread));
        }
    }
}
