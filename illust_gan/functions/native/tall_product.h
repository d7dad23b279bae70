/* Products of few rows with a matrix that is read once, where it lies.
 *
 * The tile of product.h is twice as wide as a vector and packs B, which pays where many rows pass by
 * it. A tile that is one vector wide has room for so many rows that it is through with B at once.
 */
#ifndef ILLUST_GAN_TALL_PRODUCT_H
#define ILLUST_GAN_TALL_PRODUCT_H

#include "product.h"

enum {
    TALL = VECTOR_BYTES == 64 ? 24 : 12, /* rows of a tile: sums in 24 of 32 registers, or 12 of 16 */
    SHORT = KC, /* a sum: which of both products is taken may hang on threads, and bits must not */
};

/* Rows of each tile: all alike, an even number, since each number has code of its own. */
INLINE int64_t tall_rows(int64_t m)
{
    const int64_t tiles = divide_up(m, TALL);
    return divide_up(m, tiles * 2) * 2;
}

/* A (m × k, row by row), as [tile][k][row]; rows beyond the last are zero. */
static void pack_tall(int64_t m, int64_t k, const real *a, int64_t lda, real *packed)
{
    const int64_t rows = tall_rows(m);
    for (int64_t first = 0; first < m; first += rows, packed += rows * k)
        for (int64_t r = 0; r < rows; r++)
            for (int64_t i = 0; i < k; i++)
                packed[i * rows + r] = first + r < m ? a[(first + r) * lda + i] : 0;
}

/* VW columns of C (+)= A · B. */
INLINE void tall_tile(const int rows, int64_t k, const real *a, const real *b, int64_t ldb, real *c,
                      int64_t ldc, int add)
{
    vec sum[TALL] = {{0}};
    for (int64_t i = 0; i < k; i++) {
        const vec x = load(b + i * ldb);
#pragma GCC unroll 24
        for (int r = 0; r < rows; r++)
            sum[r] += a[i * rows + r] * x;
    }
#pragma GCC unroll 24
    for (int r = 0; r < rows; r++)
        store(c + r * ldc, add ? load(c + r * ldc) + sum[r] : sum[r]);
}

/* Some rows of B at a time, from left to right: the processor notices and fetches what is next. */
static inline void tall_tiles(const int rows, int64_t tiles, int64_t n, int64_t k, const real *a,
                              const real *b, int64_t ldb, real *c, int64_t ldc)
{
    for (int64_t k0 = 0; k0 < k; k0 += SHORT)
        for (int64_t j = 0; j < n; j += VW)
            for (int64_t t = 0; t < tiles; t++)
                tall_tile(rows, least(SHORT, k - k0), a + (t * k + k0) * rows, b + k0 * ldb + j, ldb,
                          c + t * rows * ldc + j, ldc, k0 > 0);
}

#define CASE_OF_TALL(rows) \
    case rows: \
        tall_tiles(rows, tiles, n, k, packed, b, ldb, c, ldc); \
        break;

/* C (m × n) = A (m × k, row by row) · B (k × n, row by row), n a multiple of VW. `packed` and C have
 * memory for whole tiles of rows. */
static void tall_product(int64_t m, int64_t n, int64_t k, const real *a, int64_t lda, const real *b,
                         int64_t ldb, real *packed, real *c, int64_t ldc)
{
    const int64_t tiles = divide_up(m, TALL);
    pack_tall(m, k, a, lda, packed);
    switch (tall_rows(m)) {
        CASE_OF_TALL(2) CASE_OF_TALL(4) CASE_OF_TALL(6) CASE_OF_TALL(8) CASE_OF_TALL(10)
        CASE_OF_TALL(12)
#if VECTOR_BYTES == 64
        CASE_OF_TALL(14) CASE_OF_TALL(16) CASE_OF_TALL(18) CASE_OF_TALL(20) CASE_OF_TALL(22)
        CASE_OF_TALL(24)
#endif
    }
}

#endif
