#ifndef DESCENT_NORMALIZATION_H
#define DESCENT_NORMALIZATION_H

#include <stddef.h>

/// Layer normalization: y = (x - mean) / sqrt(variance + epsilon) * gamma + beta with mean and variance of each row;
/// gamma or beta that is null is 1 or 0. statistics = the rows' means, then their 1 / sqrt(variance + epsilon).
void descent_layer_normalize(size_t rows, size_t columns, float epsilon, const float *x, const float *gamma,
                             const float *beta, float *statistics, float *y);

/// The gradients of layer normalization; each that is null is left out. gradient_in may be gradient_out.
void descent_layer_normalize_backward(size_t rows, size_t columns, const float *x, const float *statistics,
                                      const float *gamma, const float *gradient_out, float *gradient_in,
                                      float *gamma_gradient, float *beta_gradient);

/// sums = the sums of x over the rows, squares = those of x^2, in double.
void descent_column_moments(size_t rows, size_t columns, const float *x, double *sums, double *squares);

/// sums = the sums of g over the rows, products = those of g (x - mean) inverse, in double.
void descent_standardized_sums(size_t rows, size_t columns, const float *x, const float *mean, const float *inverse,
                               const float *g, double *sums, double *products);

/// The sums of a batch from those of its shards, each `stride` doubles after the one before, in a balanced binary tree
/// over the shard's index: ((0 + 1) + (2 + 3)) + ...
void descent_sum_shards(size_t shards, size_t stride, size_t count, const double *sums, double *total);

/// dx = factor * (g - mean_g - (x - mean) inverse mean_product), all but x and g per column; dx may be g.
void descent_batch_normalize_backward(size_t rows, size_t columns, const float *x, const float *mean,
                                      const float *inverse, const float *factor, const float *mean_g,
                                      const float *mean_product, const float *g, float *dx);

#endif
