#include "normalization.h"

#include <math.h>
#include <string.h>

#include "lanes.h"

INLINE float row_sum(size_t count, const float *x) {
    float lanes[LANES] = {0};
    size_t j = 0;
    for (; j + LANES <= count; j += LANES)
        for (int k = 0; k < LANES; k++) lanes[k] += x[j + k];
    for (int k = 0; j < count; j++, k++) lanes[k] += x[j];
    return fold_sum(lanes);
}

INLINE float row_square_sum(size_t count, const float *x, float mean) {
    float lanes[LANES] = {0};
    size_t j = 0;
    for (; j + LANES <= count; j += LANES)
        for (int k = 0; k < LANES; k++) {
            float d = x[j + k] - mean;
            lanes[k] += d * d;
        }
    for (int k = 0; j < count; j++, k++) {
        float d = x[j] - mean;
        lanes[k] += d * d;
    }
    return fold_sum(lanes);
}

MULTIVERSION void descent_layer_normalize(size_t rows, size_t columns, float epsilon, const float *x,
                                          const float *gamma, const float *beta, float *statistics, float *y) {
    const float share = 1.0f / (float)columns;
    for (size_t i = 0; i < rows; i++) {
        const float *from = x + i * columns;
        float *to = y + i * columns;
        const float mean = row_sum(columns, from) * share;
        // A second pass over the row, which is in cache: the difference of two large sums would lose digits.
        const float inverse = 1.0f / sqrtf(row_square_sum(columns, from, mean) * share + epsilon);
        statistics[i] = mean;
        statistics[rows + i] = inverse;
        if (gamma && beta) {
            INDEPENDENT
            for (size_t j = 0; j < columns; j++) to[j] = (from[j] - mean) * inverse * gamma[j] + beta[j];
        } else if (gamma) {
            INDEPENDENT
            for (size_t j = 0; j < columns; j++) to[j] = (from[j] - mean) * inverse * gamma[j];
        } else if (beta) {
            INDEPENDENT
            for (size_t j = 0; j < columns; j++) to[j] = (from[j] - mean) * inverse + beta[j];
        } else {
            INDEPENDENT
            for (size_t j = 0; j < columns; j++) to[j] = (from[j] - mean) * inverse;
        }
    }
}

/// sums[0] = the sum of g gamma, sums[1] = that of g gamma (x - mean) inverse.
INLINE void weighted_sums(size_t count, const float *x, float mean, float inverse, const float *gamma,
                          const float *g, float sums[2]) {
    float plain[LANES] = {0}, product[LANES] = {0};
    size_t j = 0;
    for (; j + LANES <= count; j += LANES)
        for (int k = 0; k < LANES; k++) {
            float v = gamma ? g[j + k] * gamma[j + k] : g[j + k];
            plain[k] += v;
            product[k] += v * ((x[j + k] - mean) * inverse);
        }
    for (int k = 0; j < count; j++, k++) {
        float v = gamma ? g[j] * gamma[j] : g[j];
        plain[k] += v;
        product[k] += v * ((x[j] - mean) * inverse);
    }
    sums[0] = fold_sum(plain);
    sums[1] = fold_sum(product);
}

MULTIVERSION void descent_layer_normalize_backward(size_t rows, size_t columns, const float *x,
                                                   const float *statistics, const float *gamma,
                                                   const float *gradient_out, float *gradient_in,
                                                   float *gamma_gradient, float *beta_gradient) {
    const float share = 1.0f / (float)columns;
    if (gamma_gradient) memset(gamma_gradient, 0, columns * sizeof *gamma_gradient);
    if (beta_gradient) memset(beta_gradient, 0, columns * sizeof *beta_gradient);
    for (size_t i = 0; i < rows; i++) {
        const float *from = x + i * columns;
        const float *g = gradient_out + i * columns;
        const float mean = statistics[i], inverse = statistics[rows + i];
        if (gamma_gradient) {
            INDEPENDENT
            for (size_t j = 0; j < columns; j++) gamma_gradient[j] += g[j] * ((from[j] - mean) * inverse);
        }
        if (beta_gradient) {
            INDEPENDENT
            for (size_t j = 0; j < columns; j++) beta_gradient[j] += g[j];
        }
        if (!gradient_in) continue;
        float *d = gradient_in + i * columns;
        float sums[2];
        weighted_sums(columns, from, mean, inverse, gamma, g, sums);
        const float average = sums[0] * share, slope = sums[1] * share;
        if (gamma) {
            INDEPENDENT
            for (size_t j = 0; j < columns; j++)
                d[j] = inverse * (g[j] * gamma[j] - average - (from[j] - mean) * inverse * slope);
        } else {
            INDEPENDENT
            for (size_t j = 0; j < columns; j++)
                d[j] = inverse * (g[j] - average - (from[j] - mean) * inverse * slope);
        }
    }
}

MULTIVERSION void descent_column_moments(size_t rows, size_t columns, const float *x, double *sums,
                                         double *squares) {
    memset(sums, 0, columns * sizeof *sums);
    memset(squares, 0, columns * sizeof *squares);
    size_t i = 0;
    // Four rows at a time, so that the sums are loaded and stored once for four additions. The square of a float is
    // exact in double.
    for (; i + 4 <= rows; i += 4) {
        const float *a = x + i * columns, *b = a + columns, *c = b + columns, *d = c + columns;
        INDEPENDENT
        for (size_t j = 0; j < columns; j++) {
            double p = a[j], q = b[j], r = c[j], s = d[j];
            sums[j] += (p + q) + (r + s);
            squares[j] += (p * p + q * q) + (r * r + s * s);
        }
    }
    for (; i < rows; i++) {
        INDEPENDENT
        for (size_t j = 0; j < columns; j++) {
            double v = x[i * columns + j];
            sums[j] += v;
            squares[j] += v * v;
        }
    }
}

MULTIVERSION void descent_standardized_sums(size_t rows, size_t columns, const float *x, const float *mean,
                                            const float *inverse, const float *g, double *sums, double *products) {
    memset(sums, 0, columns * sizeof *sums);
    memset(products, 0, columns * sizeof *products);
    size_t i = 0;
    for (; i + 2 <= rows; i += 2) {
        const float *a = x + i * columns, *b = a + columns;
        const float *e = g + i * columns, *f = e + columns;
        INDEPENDENT
        for (size_t j = 0; j < columns; j++) {
            double p = (a[j] - mean[j]) * inverse[j], q = (b[j] - mean[j]) * inverse[j];
            sums[j] += (double)e[j] + (double)f[j];
            products[j] += e[j] * p + f[j] * q;
        }
    }
    for (; i < rows; i++) {
        INDEPENDENT
        for (size_t j = 0; j < columns; j++) {
            double v = (x[i * columns + j] - mean[j]) * inverse[j];
            sums[j] += g[i * columns + j];
            products[j] += g[i * columns + j] * v;
        }
    }
}

enum { BLOCK = 32 };

/// The tree over the shards [first, last) for up to BLOCK sums.
static void sum_tree(size_t first, size_t last, size_t stride, size_t count, const double *sums,
                     double total[BLOCK]) {
    if (last - first == 1) {
        memcpy(total, sums + first * stride, count * sizeof *total);
        return;
    }
    // The left subtree is the largest full one, so that it is the same whatever stands to its right.
    size_t left = 1;
    while (2 * left < last - first) left *= 2;
    double right[BLOCK];
    sum_tree(first, first + left, stride, count, sums, total);
    sum_tree(first + left, last, stride, count, sums, right);
    for (size_t j = 0; j < count; j++) total[j] += right[j];
}

void descent_sum_shards(size_t shards, size_t stride, size_t count, const double *sums, double *total) {
    for (size_t j = 0; j < count; j += BLOCK) {
        const size_t part = count - j < BLOCK ? count - j : BLOCK;
        double block[BLOCK];
        sum_tree(0, shards, stride, part, sums + j, block);
        memcpy(total + j, block, part * sizeof *total);
    }
}

MULTIVERSION void descent_batch_normalize_backward(size_t rows, size_t columns, const float *x, const float *mean,
                                                   const float *inverse, const float *factor, const float *mean_g,
                                                   const float *mean_product, const float *g, float *dx) {
    for (size_t i = 0; i < rows; i++) {
        const float *from = x + i * columns;
        const float *out = g + i * columns;
        float *to = dx + i * columns;
        INDEPENDENT
        for (size_t j = 0; j < columns; j++)
            to[j] = factor[j] * (out[j] - mean_g[j] - (from[j] - mean[j]) * inverse[j] * mean_product[j]);
    }
}
