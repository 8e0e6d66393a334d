#include "random.h"

#include "multiversion.h"

enum { BLOCKS = 16 };

#define MULTIPLIER_0 0xD2511F53u
#define MULTIPLIER_1 0xCD9E8D57u
#define WEYL_0 0x9E3779B9u
#define WEYL_1 0xBB67AE85u

/// One round on one block: two 32 x 32 -> 64 products, their halves crossed over.
INLINE void philox_round(uint32_t c[4], uint32_t key0, uint32_t key1) {
    uint64_t a = (uint64_t)MULTIPLIER_0 * c[0];
    uint64_t b = (uint64_t)MULTIPLIER_1 * c[2];
    uint32_t next0 = (uint32_t)(b >> 32) ^ c[1] ^ key0;
    uint32_t next2 = (uint32_t)(a >> 32) ^ c[3] ^ key1;
    c[1] = (uint32_t)b;
    c[3] = (uint32_t)a;
    c[0] = next0;
    c[2] = next2;
}

void descent_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t output[4]) {
    uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]};
    for (uint32_t r = 0; r < 10; r++) philox_round(c, key[0] + r * WEYL_0, key[1] + r * WEYL_1);
    for (int k = 0; k < 4; k++) output[k] = c[k];
}

MULTIVERSION void descent_dropout_mask(const uint32_t key[2], uint32_t counter2, uint32_t counter3, size_t first_row,
                                       size_t rows, size_t columns, uint32_t threshold, float scale, float *mask) {
    for (size_t i = 0; i < rows; i++) {
        float *row = mask + i * columns;
        for (size_t group = 0; group * 64 < columns; group++) {
            uint32_t c0[BLOCKS], c1[BLOCKS], c2[BLOCKS], c3[BLOCKS];
            for (uint32_t k = 0; k < BLOCKS; k++) {
                c0[k] = (uint32_t)group * BLOCKS + k;
                c1[k] = (uint32_t)(first_row + i);
                c2[k] = counter2;
                c3[k] = counter3;
            }
            for (uint32_t r = 0; r < 10; r++) {
                const uint32_t key0 = key[0] + r * WEYL_0, key1 = key[1] + r * WEYL_1;
                for (int k = 0; k < BLOCKS; k++) {
                    uint64_t a = (uint64_t)MULTIPLIER_0 * c0[k];
                    uint64_t b = (uint64_t)MULTIPLIER_1 * c2[k];
                    uint32_t next0 = (uint32_t)(b >> 32) ^ c1[k] ^ key0;
                    uint32_t next2 = (uint32_t)(a >> 32) ^ c3[k] ^ key1;
                    c1[k] = (uint32_t)b;
                    c3[k] = (uint32_t)a;
                    c0[k] = next0;
                    c2[k] = next2;
                }
            }
            const uint32_t *words[4] = {c0, c1, c2, c3};
            for (size_t w = 0; w < 4; w++) {
                size_t first = group * 64 + w * BLOCKS;
                size_t end = first < columns ? (columns - first < BLOCKS ? columns - first : BLOCKS) : 0;
                for (size_t k = 0; k < end; k++) row[first + k] = words[w][k] < threshold ? 0.0f : scale;
            }
        }
    }
}
