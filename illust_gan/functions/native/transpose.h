/* Transposition of VW vectors of VW numbers, by rounds that interleave two of them. */
#ifndef ILLUST_GAN_TRANSPOSE_H
#define ILLUST_GAN_TRANSPOSE_H

#include "real.h"

/* What a vector holds has to be known before the compiler proper, for lists of as many numbers. */
#define BITS_float 32
#define BITS_double 64
#define BITS_OF(type) JOIN(BITS_, type)
#define JOIN(a, b) JOIN_EXPANDED(a, b)
#define JOIN_EXPANDED(a, b) a##b

#if VECTOR_BYTES * 8 / BITS_OF(REAL) == 16
#define LOW 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif VECTOR_BYTES * 8 / BITS_OF(REAL) == 8
#define LOW 0, 8, 1, 9, 2, 10, 3, 11
#define HIGH 4, 12, 5, 13, 6, 14, 7, 15
#else
#define LOW 0, 4, 1, 5
#define HIGH 2, 6, 3, 7
#endif

#ifdef __clang__
#define INTERLEAVE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
typedef __typeof__(__builtin_choose_expr(sizeof(real) == 4, (int32_t)0, (int64_t)0)) lane;
typedef lane lanes __attribute__((vector_size(VECTOR_BYTES)));
#define INTERLEAVE(a, b, ...) __builtin_shuffle(a, b, (lanes){__VA_ARGS__})
#endif

/* One round: numbers of vectors i and i + VW/2 take turns. log2(VW) rounds are a transposition. */
INLINE void interleave(const vec *in, vec *out)
{
    for (int i = 0; i < VW / 2; i++) {
        out[2 * i] = INTERLEAVE(in[i], in[i + VW / 2], LOW);
        out[2 * i + 1] = INTERLEAVE(in[i], in[i + VW / 2], HIGH);
    }
}

/* Number j of vector i becomes number i of vector j. */
INLINE void transpose_vectors(vec v[VW])
{
    vec other[VW];
    interleave(v, other);
    interleave(other, v);
    if (VW == 4)
        return;
    interleave(v, other);
    if (VW == 16)
        interleave(other, v);
    else
        memcpy(v, other, sizeof other);
}

#endif
