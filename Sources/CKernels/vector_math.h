#ifndef DESCENT_VECTOR_MATH_H
#define DESCENT_VECTOR_MATH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "multiversion.h"

/// Branch-free single-precision functions that the compiler vectorises. Polynomials: Moshier's Cephes library
/// (1984-) unless said. Errors, measured against double over the whole range, are asserted by the tests.

/// e^x, within 2 ulp. Gives infinity above 88.73, 0 below -103.98, NaN for NaN.
INLINE float exp_vector(float x) {
    // NaN fails both comparisons and goes through.
    x = x > 89.0f ? 89.0f : x;
    x = x < -104.0f ? -104.0f : x;
    // Adding 1.5 * 2^23 rounds x / ln 2 to an integer, which then sits in the low bits.
    const float magic = 12582912.0f;
    float shifted = x * 1.44269504088896341f + magic;
    float n = shifted - magic;
    float r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    float y = p * (r * r) + r + 1.0f;
    // 2^n in two factors, so that results near both ends of the range neither overflow early nor lose their
    // subnormal values.
    int32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    int32_t exponent = (int32_t)((uint32_t)bits << 9) >> 9;
    exponent -= 4194304;
    int32_t half = exponent >> 1;
    int32_t first_bits = (int32_t)((uint32_t)(half + 127) << 23);
    int32_t second_bits = (int32_t)((uint32_t)(exponent - half + 127) << 23);
    float first, second;
    memcpy(&first, &first_bits, sizeof first);
    memcpy(&second, &second_bits, sizeof second);
    return y * first * second;
}

/// 1 / (1 + e^-x).
INLINE float sigmoid_vector(float x) { return 1.0f / (1.0f + exp_vector(-x)); }

/// Hyperbolic tangent: a polynomial near 0, 1 - 2 / (e^2x + 1) elsewhere.
INLINE float tanh_vector(float x) {
    float magnitude = fabsf(x);
    float s = x * x;
    float p = -5.70498872745e-3f;
    p = p * s + 2.06390887954e-2f;
    p = p * s - 5.37397155531e-2f;
    p = p * s + 1.33314422036e-1f;
    p = p * s - 3.33332819422e-1f;
    float near = p * s * x + x;
    float far = copysignf(1.0f - 2.0f / (exp_vector(2.0f * magnitude) + 1.0f), x);
    return magnitude < 0.625f ? near : far;
}

/// log x, within 1 ulp, for positive normal x; NaN for NaN.
INLINE float log_vector(float x) {
    // x = m 2^n with m in [1/sqrt 2, sqrt 2).
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    int32_t exponent = (int32_t)(bits - 0x3F3504F3u) >> 23;
    bits -= (uint32_t)exponent << 23;
    float m;
    memcpy(&m, &bits, sizeof m);
    float n = (float)exponent;
    float r = m - 1.0f;
    float p = 7.0376836292e-2f;
    p = p * r - 1.1514610310e-1f;
    p = p * r + 1.1676998740e-1f;
    p = p * r - 1.2420140846e-1f;
    p = p * r + 1.4249322787e-1f;
    p = p * r - 1.6668057665e-1f;
    p = p * r + 2.0000714765e-1f;
    p = p * r - 2.4999993993e-1f;
    p = p * r + 3.3333331174e-1f;
    float s = r * r;
    float y = p * r * s + n * -2.12194440e-4f - 0.5f * s;
    y = r + y + n * 0.693359375f;
    return x != x ? x : y;
}

/// log(1 + e) for e in [0, 1], by 2 atanh(e / (2 + e)) and its series.
INLINE float log1p_unit_vector(float e) {
    float s = e / (2.0f + e);
    float q = s * s;
    float p = 1.0f / 13.0f;
    p = p * q + 1.0f / 11.0f;
    p = p * q + 1.0f / 9.0f;
    p = p * q + 1.0f / 7.0f;
    p = p * q + 1.0f / 5.0f;
    p = p * q + 1.0f / 3.0f;
    return 2.0f * (s + s * q * p);
}

/// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|).
INLINE float softplus_vector(float x) {
    // Comparing this way round keeps NaN.
    float positive = x < 0.0f ? 0.0f : x;
    return positive + log1p_unit_vector(exp_vector(-fabsf(x)));
}

/// The error function, within 2 ulp (polynomials after N. Juffa, 2015).
INLINE float erf_vector(float x) {
    float t = fabsf(x);
    float s = x * x;
    float far = -1.72853470e-5f * t + 3.83197126e-4f;
    float odd = -3.88396438e-3f * t + 2.42546219e-2f;
    far = far * s + odd;
    far = far * t - 1.06777877e-1f;
    far = far * t - 6.34846687e-1f;
    far = far * t - 1.28717512e-1f;
    far = far * t - t;
    // The polynomial turns upward beyond the range where erf differs from 1.
    far = t > 4.0f ? -50.0f : far;
    far = copysignf(1.0f - exp_vector(far), x);
    float near = -5.96761703e-4f;
    near = near * s + 4.99119423e-3f;
    near = near * s - 2.67681349e-2f;
    near = near * s + 1.12819925e-1f;
    near = near * s - 3.76125336e-1f;
    near = near * s + 1.28379166e-1f;
    near = near * x + x;
    float y = t > 0.927734375f ? far : near;
    return x != x ? x : y;
}

#endif
