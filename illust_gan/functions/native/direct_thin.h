/* Thin pictures, those of few channels, as rows with the zeros of their padding.
 *
 * What one output position sees in a row of taps is then one piece of memory, `kw * B` numbers, and
 * the next position's begins `sx * B` numbers later: products read them where they are, without a
 * copy of each window, which would take as long as these short products do.
 *
 * All of this is in reals, with -DBF16 rounded beforehand: the sums are the same, windows may begin
 * amid a pair of operand.h, and AVX512-BF16's product was measured to take as long as four others.
 */
#ifndef ILLUST_GAN_DIRECT_THIN_H
#define ILLUST_GAN_DIRECT_THIN_H

#include "direct.h"
#include "finish.h"

enum {
    FEW_CHANNELS = 16,
    LARGEST_WINDOW = 256, /* numbers */
    WIDEST = 3,           /* vectors in a row of a tile of sums */
    MOST_SUMS = VECTOR_BYTES == 64 ? 24 : 12, /* vectors, of 32 registers or 16 */
    TALLEST = MOST_SUMS / 2,
};

#define CASES_TO_6(CASE) CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#if VECTOR_BYTES == 64
#define CASES_TO_TALLEST(CASE) \
    CASES_TO_6(CASE) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
#else
#define CASES_TO_TALLEST CASES_TO_6
#endif

/* Whether a kernel's bigger picture is thin and its windows are pieces of its rows. */
static inline int is_thin(const geometry *g)
{
    return g->B <= FEW_CHANNELS && g->kh * g->kw * g->B <= LARGEST_WINDOW && g->dx == 1;
}

/* As those of direct_*.c, for thin pictures; transposed convolution is_thin_deconvolution() too. */
int thin_convolution(const geometry *g, const real *big, const real *W, const real *bias,
                     real *small);
int is_thin_deconvolution(const geometry *g);
int thin_deconvolution(const geometry *g, const real *small, const real *W, const real *bias,
                       real *big, const finish *finish);
int thin_gradient(const geometry *g, const real *big, const real *small, real *gW);

/* Numbers in a row. */
static inline int64_t length_of_row(const geometry *g)
{
    return ((g->w - 1) * g->sx + g->kw) * g->B;
}

/* Rows that `count` rows of positions see. */
static inline int64_t rows_seen(const geometry *g, int64_t count)
{
    return (count - 1) * g->sy + (g->kh - 1) * g->dy + 1;
}

/* A number as products are to see it. */
INLINE real factor(real x)
{
#ifdef BF16
    const uint32_t bits = (uint32_t)rounded(x) << 16;
    memcpy(&x, &bits, sizeof x);
#endif
    return x;
}

INLINE void copy_factors(real *to, const real *from, int64_t n)
{
#ifdef BF16
    int64_t i = 0;
    for (; i + VW <= n; i += VW) {
        const bfloat16s upper = rounded_vector(load(from + i));
        store(to + i, (vec)(__builtin_convertvector(upper, operands) << 16));
    }
    for (; i < n; i++)
        to[i] = factor(from[i]);
#else
    memcpy(to, from, n * sizeof(real));
#endif
}

/* Row y of a picture, or zeros beyond its edges. */
static inline void copy_row(const geometry *g, const real *picture, int64_t y, real *to)
{
    const int64_t length = length_of_row(g), B = g->B;
    const int64_t before = least(g->pw * B, length), count = least(g->width * B, length - before);
    if (y < 0 || y >= g->H) {
        memset(to, 0, length * sizeof(real));
        return;
    }
    const real *from = picture + y * g->width * g->big_step;
    memset(to, 0, before * sizeof(real));
    if (g->big_step == B)
        copy_factors(to + before, from, count);
    else
        for (int64_t i = 0; i < count; i++)
            to[before + i] = factor(from[i / B * g->big_step + i % B]);
    memset(to + before + count, 0, (length - before - count) * sizeof(real));
}

/* Add `k` steps of a product to the sums of a tile, which stay in registers. Element (r, i) of A is
 * a[r * row + i * column]; row i of B is b[i * ldb]. `rows` and `vectors`, 2 or 3, are constants.
 *
 * Meanwhile memory that comes next is fetched, ahead_step numbers a step: products so short wait
 * for it otherwise. Beyond the end of an array this does nothing. */
INLINE void accumulate(const int rows, const int vectors, int64_t k, const real *a, int64_t row,
                       int64_t column, const real *b, int64_t ldb, vec sum[][WIDEST],
                       const real *ahead, int64_t ahead_step)
{
    for (int64_t i = 0; i < k; i++) {
        __builtin_prefetch(ahead + i * ahead_step, 0, 2);
        const real *from = b + i * ldb;
        const vec b0 = load(from), b1 = load(from + VW);
        const vec b2 = vectors == 3 ? load(from + 2 * VW) : b0;
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            const vec x = a[r * row + i * column] - (vec){0};
            sum[r][0] += x * b0;
            sum[r][1] += x * b1;
            if (vectors == 3)
                sum[r][2] += x * b2;
        }
    }
}

#endif
