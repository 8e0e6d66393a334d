#ifndef DESCENT_DECIMAL_H
#define DESCENT_DECIMAL_H

#include <stdint.h>
#include <string.h>

#include "multiversion.h"

/// Decimal numbers to the nearest float, nearly always without looking at a digit by itself.
///
/// A number is w * 10^e with w of at most 19 digits. In double, (double)w, the power and their product are each within
/// 2^-53 of the truth, relatively, and so is the rest of a longer w: the product is off by less than 4 units in its last
/// place. The float nearest to it is the float nearest to the decimal unless a midpoint between two floats lies in
/// between, which shows in the 29 bits that the float drops. Such numbers (one in 2^26), and those beyond the normal
/// range of a float, are left to a slower parser.

typedef uint8_t bytes32 __attribute__((ext_vector_type(32)));
typedef _Bool bits32 __attribute__((ext_vector_type(32)));

/// A bit for each of the 32 bytes whose lane of `condition` is set. No function has a vector for an argument: how one is
/// passed would depend on the processor.
#define MASK32(condition)                                             \
    ({                                                                \
        bits32 mask_bits = __builtin_convertvector(condition, bits32); \
        uint32_t mask_word;                                           \
        memcpy(&mask_word, &mask_bits, sizeof mask_word);             \
        mask_word;                                                    \
    })

/// The bytes from `p` on that are no digits.
INLINE uint32_t other_than_digits(const uint8_t *p) {
    bytes32 v;
    memcpy(&v, p, sizeof v);
    v -= (bytes32)'0';
    return MASK32(v > (bytes32)9);
}

INLINE uint64_t load8(const uint8_t *bytes) {
    uint64_t v;
    memcpy(&v, bytes, sizeof v);
    return v;
}

/// The value of the digits that fill the high end of a word, below which are zero bytes (little endian).
INLINE uint64_t digits8(uint64_t v) {
    v &= 0x0F0F0F0F0F0F0F0Full;
    v = v * 10 + (v >> 8);
    return ((v & 0x000000FF000000FFull) * 0x000F424000000064ull +
            ((v >> 16) & 0x000000FF000000FFull) * 0x0000271000000001ull) >> 32;
}

/// The value of 0 to 8 digits.
INLINE uint64_t digits(const uint8_t *bytes, uint32_t count) {
    uint64_t v = load8(bytes);
    return digits8(count ? v << (64 - 8 * count) : 0);
}

static const uint64_t integer_powers[20] = {
    1ull, 10ull, 100ull, 1000ull, 10000ull, 100000ull, 1000000ull, 10000000ull, 100000000ull, 1000000000ull,
    10000000000ull, 100000000000ull, 1000000000000ull, 10000000000000ull, 100000000000000ull, 1000000000000000ull,
    10000000000000000ull, 100000000000000000ull, 1000000000000000000ull, 10000000000000000000ull};

enum { POWER_MIN = -64, POWER_MAX = 40 };

#define TEN(a) 1e##a##0, 1e##a##1, 1e##a##2, 1e##a##3, 1e##a##4, 1e##a##5, 1e##a##6, 1e##a##7, 1e##a##8, 1e##a##9
#define TENTH(a) 1e-##a##9, 1e-##a##8, 1e-##a##7, 1e-##a##6, 1e-##a##5, 1e-##a##4, 1e-##a##3, 1e-##a##2, 1e-##a##1, 1e-##a##0
static const double powers[POWER_MAX - POWER_MIN + 1] = {
    1e-64, 1e-63, 1e-62, 1e-61, 1e-60, TENTH(5), TENTH(4), TENTH(3), TENTH(2), TENTH(1),
    1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, TEN(), TEN(1), TEN(2), TEN(3), 1e40};
#undef TEN
#undef TENTH

typedef struct {
    /// The byte after the number; NULL where there is no number, or none that is certain.
    const uint8_t *end;
    float value;
    /// The nearest double, or one a few units in the last place away where there are more digits than a double holds.
    double exact;
    int is_integer;
} decimal;

/// w * 10^exponent with a sign; `end` is kept where the float is certain.
INLINE decimal scaled(uint64_t w, int64_t exponent, int is_negative, int is_integer, const uint8_t *end) {
    decimal result = {end, 0, 0, is_integer};
    double sign = is_negative ? -1 : 1;
    if (is_integer) {
        // One rounding each; midpoints, which are common among integers, go to even as they should.
        result.value = (float)sign * (float)w;
        result.exact = sign * (double)w;
        return result;
    }
    if (exponent < POWER_MIN || exponent > POWER_MAX) {
        result.end = NULL;
        return result;
    }
    double magnitude = (double)w * powers[exponent - POWER_MIN];
    // For sums the nearest double, where one operation gives it: w and the power are exact.
    result.exact = sign * (w >> 53 == 0 && exponent < 0 && exponent >= -22 ? (double)w / powers[-exponent - POWER_MIN]
                                                                            : magnitude);
    uint64_t bits;
    memcpy(&bits, &magnitude, sizeof bits);
    int is_normal = (uint64_t)((bits >> 52) - 898) <= 1149 - 898;
    int is_clear = (((bits & 0x1FFFFFFF) - 0x10000000 + 4) & 0xFFFFFFFF) > 8;
    if (!((is_normal && is_clear) || w == 0)) result.end = NULL;
    result.value = (float)sign * (float)magnitude;
    return result;
}

INLINE int is_digit(uint8_t byte) { return (uint8_t)(byte - '0') < 10; }

/// An exponent of any length at `p`, after the `e`; NULL where there is none.
INLINE const uint8_t *read_exponent(const uint8_t *p, int64_t *exponent) {
    int is_negative = *p == '-';
    p += is_negative || *p == '+';
    if (!is_digit(*p)) return NULL;
    int64_t value = 0;
    do {
        if (value < 100000) value = value * 10 + (*p - '0');
        p++;
    } while (is_digit(*p));
    *exponent += is_negative ? -value : value;
    return p;
}

/// A number of any length, digit by digit.
static decimal read_long_decimal(const uint8_t *p, uint8_t point, int is_negative) {
    uint64_t w = 0;
    int64_t exponent = 0;
    int kept = 0, seen = 0, is_integer = 1, is_exact = 1;
    for (;; p++) {
        if (*p == point && is_integer) {
            is_integer = 0;
            continue;
        }
        if (!is_digit(*p)) break;
        seen = 1;
        if (kept < 19) {
            w = w * 10 + (*p - '0');
            kept += w != 0;
            exponent -= !is_integer;
        } else {
            is_exact = 0;
            exponent += is_integer;
        }
    }
    decimal none = {NULL, 0, 0, 0};
    if (!seen) return none;
    if ((*p | 0x20) == 'e') {
        is_integer = 0;
        p = read_exponent(p + 1, &exponent);
        if (!p) return none;
    }
    if (is_integer && !is_exact) return none;
    return scaled(w, exponent, is_negative, is_integer, p);
}

/// The number at `p`, which readable bytes follow.
INLINE decimal read_decimal(const uint8_t *p, uint8_t point) {
    decimal none = {NULL, 0, 0, 0};
    int is_negative = *p == '-';
    p += is_negative | (*p == '+');
    uint32_t other = other_than_digits(p);
    if (__builtin_expect(other == 0, 0)) return read_long_decimal(p, point, is_negative);
    uint32_t whole = (uint32_t)__builtin_ctz(other);
    const uint8_t *end = p + whole;
    if (__builtin_expect(whole > 8, 0)) return read_long_decimal(p, point, is_negative);
    uint64_t w;
    uint32_t fraction = 0;
    int64_t exponent = 0;
    int is_integer = 1;
    if (*end == point) {
        is_integer = 0;
        other &= other - 1;
        if (__builtin_expect(other == 0, 0)) return read_long_decimal(p, point, is_negative);
        fraction = (uint32_t)__builtin_ctz(other) - whole - 1;
        const uint8_t *q = end + 1;
        end = q + fraction;
        if (whole + fraction <= 7) {
            // All in one word: the fraction is moved over the point.
            uint64_t v = load8(p), below = (1ull << 8 * whole) - 1;
            v = (v & below) | (v >> 8 & ~below);
            w = digits8(v << 8 * ((8 - whole - fraction) & 7));
            if (__builtin_expect(whole + fraction == 0, 0)) return none;
        } else if (w = digits(p, whole), fraction <= 8) {
            w = w * integer_powers[fraction] + digits(q, fraction);
        } else if (__builtin_expect(whole + fraction > 19, 0)) {
            return read_long_decimal(p, point, is_negative);
        } else if (fraction <= 16) {
            w = w * integer_powers[fraction] + digits8(load8(q)) * integer_powers[fraction - 8] +
                digits(q + 8, fraction - 8);
        } else {
            w = w * integer_powers[fraction] + digits8(load8(q)) * integer_powers[fraction - 8] +
                digits8(load8(q + 8)) * integer_powers[fraction - 16] + digits(q + 16, fraction - 16);
        }
        exponent = -(int64_t)fraction;
    } else {
        if (__builtin_expect(whole == 0, 0)) return none;
        w = digits(p, whole);
    }
    if ((*end | 0x20) == 'e') {
        is_integer = 0;
        end = read_exponent(end + 1, &exponent);
        if (!end) return none;
    }
    return scaled(w, exponent, is_negative, is_integer, end);
}

#endif
