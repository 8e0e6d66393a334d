#ifndef DESCENT_PEAK_H
#define DESCENT_PEAK_H

#include <stddef.h>

/// Do nothing but multiply and add in registers, `rounds` times, and return the number of operations done: how long that
/// takes tells the processor's peak. In vectors of 64 bytes, for AVX-512, and of 32 bytes, for AVX2 and the baseline,
/// whose registers the wider ones would not fit.
double descent_multiply_add_512(size_t rounds);
double descent_multiply_add_256(size_t rounds);

#endif
