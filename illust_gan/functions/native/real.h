/* The number type and the vectors of one build of this library.
 *
 * Every file is compiled once for each instruction set and number type; -DREAL=float or double and
 * -DVECTOR_BYTES=32 or 64 come from setup.py. Vectors are those of GCC and Clang, so one source
 * serves all: https://gcc.gnu.org/onlinedocs/gcc/Vector-Extensions.html
 */
#ifndef ILLUST_GAN_REAL_H
#define ILLUST_GAN_REAL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifndef REAL
#define REAL float
#endif
#ifndef VECTOR_BYTES
#define VECTOR_BYTES 32
#endif

typedef REAL real;
typedef real vec __attribute__((vector_size(VECTOR_BYTES)));

enum {
    VW = VECTOR_BYTES / sizeof(real), /* numbers in a vector */
    NR = 2 * VW,                      /* columns of the tile of a product that stays in registers */
};

#define EXPORT __attribute__((visibility("default")))
#define INLINE static inline __attribute__((always_inline))

INLINE vec load(const real *p)
{
    vec v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE void store(real *p, vec v)
{
    memcpy(p, &v, sizeof v);
}

INLINE int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

INLINE int64_t divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

#endif
