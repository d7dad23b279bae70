/* Activation functions of one number and their derivatives, exactly as Chainer defines them.
 *
 * `kind` is a constant wherever these are called, so that the compiler makes loops of vectors of
 * them. Comparisons are written so that NaN goes the way it goes in Chainer.
 */
#ifndef ILLUST_GAN_ACTIVATION_H
#define ILLUST_GAN_ACTIVATION_H

#include "real.h"

/* The same numbers as in activation.py. */
enum { IDENTITY, RELU, LEAKY_RELU, ELU, LEAKY_RELU_OF_2015 };

/* One of five calls of f, the kind a constant in each. */
#define FOR_KIND(kind, f, ...) \
    switch (kind) { \
    case RELU: \
        f(RELU, __VA_ARGS__); \
        break; \
    case LEAKY_RELU: \
        f(LEAKY_RELU, __VA_ARGS__); \
        break; \
    case ELU: \
        f(ELU, __VA_ARGS__); \
        break; \
    case LEAKY_RELU_OF_2015: \
        f(LEAKY_RELU_OF_2015, __VA_ARGS__); \
        break; \
    default: \
        f(IDENTITY, __VA_ARGS__); \
    }

enum {
    IS_FLOAT = sizeof(real) == sizeof(float),
    MANTISSA_BITS = IS_FLOAT ? 23 : 52,
    EXPONENT_BIAS = IS_FLOAT ? 127 : 1023,
    TERMS = IS_FLOAT ? 7 : 13, /* of the series below; the next one is under half an ulp */
};

typedef __typeof__(__builtin_choose_expr(IS_FLOAT, (uint32_t)0, (uint64_t)0)) bits;

/* exp(x) - 1 for x <= 0, within 1.2 ulp; -1 for -inf, NaN for NaN.
 *
 * With x = k ln 2 + r and |r| <= ln(2)/2 it is (2^k - 1) + 2^k (exp(r) - 1), where the last is
 * Taylor's series. Adding 1.5 * 2^MANTISSA_BITS rounds to the integer k and leaves it in the low
 * bits; ln 2 has two parts, the first of few bits (W. J. Cody, W. Waite, "Software Manual for the
 * Elementary Functions", 1980). */
INLINE real expm1_of_negative(real x)
{
    static const real inverse_factorial[] = {
        1.0, 1.0, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320,
        1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800};
    const real shifter = IS_FLOAT ? 0x1.8p23 : 0x1.8p52, least_x = IS_FLOAT ? -18 : -40;
    const real high = IS_FLOAT ? 0x1.63p-1 : 0x1.62e42feep-1;
    const real low = IS_FLOAT ? -0x1.bd0105c610ca8p-13 : 0x1.a39ef35793c76p-33;
    x = x < least_x ? least_x : x;
    const real shifted = x * (real)1.4426950408889634 + shifter;
    const real k = shifted - shifter;
    const real r = (x - k * high) - k * low;
    real series = inverse_factorial[TERMS];
#pragma GCC unroll 16
    for (int i = TERMS - 1; i > 1; i--)
        series = series * r + inverse_factorial[i];
    bits exponent;
    real power;
    memcpy(&exponent, &shifted, sizeof exponent);
    exponent = (exponent + EXPONENT_BIAS) << MANTISSA_BITS;
    memcpy(&power, &exponent, sizeof power);
    return power * (r + r * r * series) + (power - 1);
}

INLINE real activation(const int kind, real x, real slope)
{
    switch (kind) {
    case RELU:
        return x <= 0 ? 0 : x;
    case LEAKY_RELU:
        return x <= 0 ? x * slope : x;
    case LEAKY_RELU_OF_2015:
        return x < 0 ? x * slope : x;
    case ELU:
        return x <= 0 ? slope * expm1_of_negative(x) : x;
    default:
        return x;
    }
}

/* gy times the derivative. `y` is the output (of ELU, whose derivative needs it), or any number of
 * the same sign (of the others). */
INLINE real activation_gradient(const int kind, real y, real gy, real slope)
{
    switch (kind) {
    case RELU:
        return gy * (real)(y > 0);
    case LEAKY_RELU:
        return y <= 0 ? gy * slope : gy;
    case LEAKY_RELU_OF_2015:
        return y < 0 ? gy * slope : gy;
    case ELU:
        return gy * (y > 0 ? 1 : y + slope);
    default:
        return gy;
    }
}

#endif
