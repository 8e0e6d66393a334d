#include "scoring.h"

static size_t largest(size_t count, const float *x) {
    size_t best = 0;
    float top = x[0];
    // Selected, not branched on: between two classes the branch is a toss of a coin.
    for (size_t j = 1; j < count; j++) {
        best = x[j] > top ? j : best;
        top = x[j] > top ? x[j] : top;
    }
    return best;
}

size_t descent_count_correct(size_t rows, size_t columns, const float *outputs, const int32_t *labels) {
    size_t correct = 0;
    for (size_t i = 0; i < rows; i++) correct += largest(columns, outputs + i * columns) == (size_t)labels[i];
    return correct;
}

size_t descent_count_correct_dense(size_t rows, size_t columns, const float *outputs, const float *targets) {
    size_t correct = 0;
    for (size_t i = 0; i < rows; i++)
        correct += largest(columns, outputs + i * columns) == largest(columns, targets + i * columns);
    return correct;
}

size_t descent_count_correct_binary(size_t count, const float *outputs, const float *targets) {
    size_t correct = 0;
    for (size_t i = 0; i < count; i++) correct += (outputs[i] > 0.0f) == (targets[i] > 0.5f);
    return correct;
}

double descent_squared_error(size_t count, const float *outputs, const float *targets) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double difference = (double)outputs[i] - (double)targets[i];
        sum += difference * difference;
    }
    return sum;
}
