/* Products of matrices, from blocks that lie in the cache.
 *
 * The scheme is Goto's and Van de Geijn's ("Anatomy of High-Performance Matrix Multiplication",
 * 2008): a tile of MR rows and NR columns of C stays in registers while it runs along K; a panel
 * of B (KC rows of NR columns, one after another) stays in the first cache while all rows of A
 * pass by it. Sums are taken KC operands at a time; short ones cost a little time and keep rounding
 * errors, which grow with the root of their length, below those of longer sums elsewhere.
 *
 * m is the number of rows, k that of operands (operand.h) along the sum. There is memory for A and
 * C, and for A's transpose, up to the next multiple of MR rows: AMX reads and writes whole tiles.
 */
#ifndef ILLUST_GAN_PRODUCT_H
#define ILLUST_GAN_PRODUCT_H

#include "operand.h"

/* Rows of a tile, `most` or fewer: all much alike, since one of few takes as long as another. */
INLINE int64_t rows_of_tile(int64_t count, int64_t most)
{
    return divide_up(count, divide_up(count, most));
}

#if defined BF16 && defined __AMX_BF16__
#include "product_amx.h"
#else

enum {
    KC = 32,
    MR = VECTOR_BYTES == 64 ? 12 : 6, /* MR * 2 vectors of sums, of 32 registers or 16 */
};

/* C[rows][NR] (+)= A · B for one tile. Element (r, k) of A is a[r * row + k * column]; row k of B
 * is b[k * ldb], NR numbers. `rows`, `column` or `row` are constants where this is called. */
INLINE void tile(const int rows, int64_t k, const operand *a, int64_t row, int64_t column,
                 const operand *b, int64_t ldb, real *c, int64_t ldc, int add)
{
    vec sum[MR][2] = {{{0}}};
    for (int64_t i = 0; i < k; i++) {
        const operands b0 = load_operands(b + i * ldb), b1 = load_operands(b + i * ldb + VW);
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            const operands x = a[r * row + i * column] - (operands){0};
            sum[r][0] = multiply_add(x, b0, sum[r][0]);
            sum[r][1] = multiply_add(x, b1, sum[r][1]);
        }
    }
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++)
        for (int j = 0; j < 2; j++)
            store(c + r * ldc + j * VW, add ? load(c + r * ldc + j * VW) + sum[r][j] : sum[r][j]);
}

#define CASE_OF_ROWS(n) \
    case n: \
        tile(n, k, a, row, column, b, ldb, c, ldc, add); \
        break;
#if VECTOR_BYTES == 64
#define MORE_ROWS \
    CASE_OF_ROWS(7) CASE_OF_ROWS(8) CASE_OF_ROWS(9) CASE_OF_ROWS(10) CASE_OF_ROWS(11) CASE_OF_ROWS(12)
#else
#define MORE_ROWS
#endif

INLINE void tile_of(int64_t rows, int64_t k, const operand *a, int64_t row, int64_t column,
                    const operand *b, int64_t ldb, real *c, int64_t ldc, int add)
{
    switch (rows) {
        CASE_OF_ROWS(1) CASE_OF_ROWS(2) CASE_OF_ROWS(3) CASE_OF_ROWS(4) CASE_OF_ROWS(5)
        CASE_OF_ROWS(6) MORE_ROWS
    }
}

/* C (m × panels·NR) (+)= A (m × k, row by row) · B (panels, each of k rows of NR columns). */
INLINE void add_product(int64_t m, int64_t panels, int64_t k, const operand *a, int64_t lda,
                        const operand *b, real *c, int64_t ldc, int add)
{
    const int64_t step = rows_of_tile(m, MR);
    for (int64_t k0 = 0; k0 < k; k0 += KC) {
        const int64_t kc = least(KC, k - k0);
        for (int64_t p = 0; p < panels; p++) {
            const operand *panel = b + (p * k + k0) * NR;
            for (int64_t r = 0; r < m; r += step)
                tile_of(least(step, m - r), kc, a + r * lda + k0, lda, 1, panel, NR,
                        c + r * ldc + p * NR, ldc, add || k0 > 0);
        }
    }
}

/* C (m × panels·NR) (+)= transpose of A (k × m, row by row) · B (panels, panel_step apart, each of
 * k rows of NR columns, ldb apart). */
INLINE void product_transposed(int64_t m, int64_t panels, int64_t k, const operand *a, int64_t lda,
                               const operand *b, int64_t ldb, int64_t panel_step, real *c,
                               int64_t ldc, int add)
{
    const int64_t step = rows_of_tile(m, MR);
    for (int64_t p = 0; p < panels; p++)
        for (int64_t r = 0; r < m; r += step)
            tile_of(least(step, m - r), k, a + r, 1, lda, b + p * panel_step, ldb,
                    c + r * ldc + p * NR, ldc, add);
}

#endif

INLINE void product(int64_t m, int64_t panels, int64_t k, const operand *a, int64_t lda,
                    const operand *b, real *c, int64_t ldc)
{
    add_product(m, panels, k, a, lda, b, c, ldc, 0);
}

#endif
