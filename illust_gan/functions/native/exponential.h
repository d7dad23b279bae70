/* exp and log1p of the numbers that the losses need them of, within 3 units in the last place.
 * They have no branches, so that the compiler makes vectors of loops over them. */
#ifndef ILLUST_GAN_EXPONENTIAL_H
#define ILLUST_GAN_EXPONENTIAL_H

#include "real.h"

/* exp(x) for x of 0 or less, or NaN: 2ⁿ · exp(r), |r| ≤ ln(2) / 2, by the series of exp. */
INLINE real exp_of_negative(real x)
{
    enum { FLOAT = sizeof(real) == 4, MANTISSA = FLOAT ? 23 : 52, BIAS = FLOAT ? 127 : 1023 };
    typedef __typeof__(__builtin_choose_expr(FLOAT, (int32_t)0, (int64_t)0)) integer;
    const real lowest = FLOAT ? -104 : -746; /* exp is 0 from here on */
    /* Added to a small number, it leaves that number rounded to an integer in the last bits. */
    const real rounder = FLOAT ? 0x1.8p23 : 0x1.8p52;
    /* ln(2) in two parts; n times the first is exact. */
    const real ln2_high = FLOAT ? 0x1.62e4p-1 : 0x1.62e42fefap-1;
    const real ln2_low = FLOAT ? 0x1.7f7d1cf79abcap-20 : 0x1.cf79abc9e3b3ap-40;

    x = x < lowest ? lowest : x;
    const real turned = x * (real)0x1.71547652b82fep+0 + rounder;
    const real n = turned - rounder, r = x - n * ln2_high - n * ln2_low;
    real sum = 1;
#pragma GCC unroll 13
    for (int k = FLOAT ? 7 : 13; k > 0; k--)
        sum = 1 + r * sum * ((real)1 / k);

    /* In two steps, since 2ⁿ alone may be too small for a normal number. */
    integer whole, zero, half, rest;
    memcpy(&whole, &turned, sizeof whole);
    memcpy(&zero, &rounder, sizeof zero);
    half = (whole - zero) >> 1;
    rest = (whole - zero - half + BIAS) << MANTISSA;
    half = (half + BIAS) << MANTISSA;
    real first, second;
    memcpy(&first, &half, sizeof first);
    memcpy(&second, &rest, sizeof second);
    return sum * first * second;
}

/* log(1 + u) for u from 0 to 1: 2 · artanh(s), s = u / (2 + u), by the series of artanh. */
INLINE real log1p_of_fraction(real u)
{
    const real s = u / (2 + u);
    real sum = 0;
#pragma GCC unroll 18
    for (int k = sizeof(real) == 4 ? 8 : 17; k >= 0; k--)
        sum = s * s * sum + (real)2 / (2 * k + 1);
    return s * sum;
}

#endif
