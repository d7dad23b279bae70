/* What products are made of: numbers, or with -DBF16 pairs of numbers rounded to bfloat16.
 *
 * bfloat16 is the upper half of a float32; AVX512-BF16 and AMX multiply two pairs and add both
 * products to a float32, with zero for denormal numbers. An operand holds DEPTH numbers that follow
 * each other along the sum of a product, k and k + 1. They are put there either as a ROW, one after
 * another along the sum, or for many columns at once: then `half` is k % DEPTH, and half 0, which
 * leaves zero in half 1, comes before it.
 */
#ifndef ILLUST_GAN_OPERAND_H
#define ILLUST_GAN_OPERAND_H

#include "real.h"

enum { ROW = -1 };

#ifndef BF16

enum { DEPTH = 1 };
typedef real operand;
typedef vec operands;

INLINE void put_vector(operand *to, vec v, int half)
{
    (void)half;
    store(to, v);
}

INLINE void put(operand *to, real x, int half)
{
    (void)half;
    *to = x;
}

/* Put n numbers from the `first` of a row or column on; zeros if `from` is NULL. */
INLINE void put_run(operand *to, int64_t first, const real *from, int64_t n, int half)
{
    (void)half;
    if (from)
        memcpy(to + first, from, n * sizeof(real));
    else
        memset(to + first, 0, n * sizeof(real));
}

INLINE vec multiply_add(operands a, operands b, vec sum)
{
    return sum + a * b;
}

#else

#if defined __AVX512BF16__ && !defined EMULATED
#include <immintrin.h>
#endif

enum { DEPTH = 2 };
typedef uint32_t __attribute__((may_alias)) operand;
typedef uint32_t operands __attribute__((vector_size(VECTOR_BYTES)));
typedef uint16_t __attribute__((may_alias)) bfloat16;
typedef uint16_t bfloat16s __attribute__((vector_size(VECTOR_BYTES / 2)));

/* To nearest, ties to even. Without the first case a NaN could be rounded to infinity or zero. */
INLINE bfloat16 rounded(real x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return x != x ? bits >> 16 | 0x40 : (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

INLINE bfloat16s rounded_vector(vec v)
{
#ifdef __AVX512BF16__
    return (bfloat16s)_mm512_cvtneps_pbh((__m512)v);
#else
    const operands bits = (operands)v, nan = (operands)(v != v);
    const operands nearest = bits + 0x7fff + (bits >> 16 & 1);
    return __builtin_convertvector((nan & (bits | 0x400000)) >> 16 | (~nan & nearest) >> 16,
                                   bfloat16s);
#endif
}

INLINE void put_vector(operand *to, vec v, int half)
{
    const bfloat16s low = rounded_vector(v);
    if (half == ROW) {
        memcpy(to, &low, sizeof low);
        return;
    }
    operands both = __builtin_convertvector(low, operands);
    if (half == 1) {
        operands before;
        memcpy(&before, to, sizeof before);
        both = before | both << 16;
    }
    memcpy(to, &both, sizeof both);
}

INLINE void put(operand *to, real x, int half)
{
    *to = half == 1 ? *to | (uint32_t)rounded(x) << 16 : rounded(x);
}

/* Put n numbers from the `first` of a row or column on; zeros if `from` is NULL. */
INLINE void put_run(operand *to, int64_t first, const real *from, int64_t n, int half)
{
    if (half != ROW) {
        for (int64_t i = 0; i < n; i++)
            put(to + first + i, from ? from[i] : 0, half);
        return;
    }
    bfloat16 *row = (bfloat16 *)to + first;
    for (int64_t i = 0; i < n; i++)
        row[i] = from ? rounded(from[i]) : 0;
    if ((first + n) % DEPTH)
        row[n] = 0; /* in the last operand of a row of odd length */
}

INLINE vec multiply_add(operands a, operands b, vec sum)
{
#ifdef __AVX512BF16__
    return (vec)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
#else
    const uint32_t upper = 0xffff0000;
    sum += (vec)(a << 16) * (vec)(b << 16);
    return sum + (vec)(a & upper) * (vec)(b & upper);
#endif
}

#endif

INLINE operands load_operands(const operand *p)
{
    operands v;
    memcpy(&v, p, sizeof v);
    return v;
}

#endif
