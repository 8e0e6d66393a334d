#ifndef DESCENT_SCORING_H
#define DESCENT_SCORING_H

#include <stddef.h>
#include <stdint.h>

/// The rows whose first largest output stands at the label.
size_t descent_count_correct(size_t rows, size_t columns, const float *outputs, const int32_t *labels);

/// The rows whose first largest output stands where the first largest target stands.
size_t descent_count_correct_dense(size_t rows, size_t columns, const float *outputs, const float *targets);

/// The elements for which (output > 0) == (target > 0.5): logits of independent yes-or-no questions.
size_t descent_count_correct_binary(size_t count, const float *outputs, const float *targets);

/// The sum of (output - target)^2 in double, first element first.
double descent_squared_error(size_t count, const float *outputs, const float *targets);

#endif
