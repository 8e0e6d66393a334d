#ifndef DESCENT_RANDOM_H
#define DESCENT_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/// Four words of Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
void descent_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t output[4]);

/// mask = 0 with probability threshold / 2^32, else `scale`, for rows x columns elements.
///
/// The word for (row, column) is word (column / 16) % 4 of the block whose counter is
/// (16 * (column / 64) + column % 16, first_row + row, counter2, counter3): a function of the position alone, laid
/// out so that sixteen blocks are computed side by side.
void descent_dropout_mask(const uint32_t key[2], uint32_t counter2, uint32_t counter3, size_t first_row, size_t rows,
                          size_t columns, uint32_t threshold, float scale, float *mask);

#endif
