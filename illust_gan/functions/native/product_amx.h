/* The products of product.h by AMX, whose tile registers hold 16 rows of 16 operands or sums.
 *
 * Four tiles of sums, 2 × 2, take two tiles of A and two of B at a time. A panel of B is already as
 * AMX wants it: a row holds pairs along the sum, column after column. Intel's "Architecture
 * Instruction Set Extensions Programming Reference", chapter 3, describes the instructions.
 */
#ifndef ILLUST_GAN_PRODUCT_AMX_H
#define ILLUST_GAN_PRODUCT_AMX_H

#include "operand.h"

enum { KC = 256, MR = 32, SIDE = 16 };

/* Say that A's tiles have `depth` columns and B's as many rows, 1 to SIDE. */
static void configure_tiles(int64_t depth)
{
    struct {
        uint8_t palette, start_row, reserved[14];
        uint16_t row_bytes[16];
        uint8_t rows[16];
    } config __attribute__((aligned(64))) = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) {
        config.row_bytes[tile] = (tile == 4 || tile == 5 ? depth : SIDE) * sizeof(operand);
        config.rows[tile] = tile < 6 ? SIDE : depth;
    }
    /* GCC's intrinsics do not tell that they read all of `config`, nor that tiles are loaded from
     * memory: what was written before has to be there. */
    __asm__ volatile("" ::"r"(&config) : "memory");
    _tile_loadconfig(&config);
    __asm__ volatile("" ::"r"(&config) : "memory");
}

/* C (MR × NR) (+)= A · B along k operands, a multiple of SIDE or one tile's depth. */
INLINE void tiles(int64_t k, const operand *a, int64_t lda, const operand *b, int64_t ldb, real *c,
                  int64_t ldc, int add)
{
    const int64_t a_bytes = lda * sizeof *a, b_bytes = ldb * sizeof *b, c_bytes = ldc * sizeof *c;
    if (add) {
        _tile_loadd(0, c, c_bytes);
        _tile_loadd(1, c + SIDE, c_bytes);
        _tile_loadd(2, c + SIDE * ldc, c_bytes);
        _tile_loadd(3, c + SIDE * ldc + SIDE, c_bytes);
    } else {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
    }
    for (int64_t i = 0; i < k; i += SIDE) {
        _tile_loadd(4, a + i, a_bytes);
        _tile_loadd(5, a + SIDE * lda + i, a_bytes);
        _tile_loadd(6, b + i * ldb, b_bytes);
        _tile_loadd(7, b + i * ldb + SIDE, b_bytes);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, c, c_bytes);
    _tile_stored(1, c + SIDE, c_bytes);
    _tile_stored(2, c + SIDE * ldc, c_bytes);
    _tile_stored(3, c + SIDE * ldc + SIDE, c_bytes);
}

static void multiply_tiles(int64_t m, int64_t panels, int64_t k, const operand *a, int64_t lda,
                           const operand *b, int64_t ldb, int64_t panel_step, real *c, int64_t ldc,
                           int add)
{
    /* What is left of k beyond a multiple of SIDE has tiles of its own. */
    for (int64_t k0 = 0, kc; k0 < k; k0 += kc) {
        kc = k - k0 < SIDE ? k - k0 : least(KC, (k - k0) / SIDE * SIDE);
        configure_tiles(least(kc, SIDE));
        for (int64_t p = 0; p < panels; p++)
            for (int64_t r = 0; r < m; r += MR)
                tiles(kc, a + r * lda + k0, lda, b + p * panel_step + k0 * ldb, ldb,
                      c + r * ldc + p * NR, ldc, add || k0 > 0);
    }
    _tile_release(); /* or the system would save them at each change of threads */
}

#define ALL(f, s) \
    f(s, 0), f(s, 1), f(s, 2), f(s, 3), f(s, 4), f(s, 5), f(s, 6), f(s, 7), f(s, 8), f(s, 9), \
        f(s, 10), f(s, 11), f(s, 12), f(s, 13), f(s, 14), f(s, 15)
#define OF_FIRST(s, j) ((j) & (s) ? SIDE + (j) - (s) : (j))
#define OF_SECOND(s, j) ((j) & (s) ? SIDE + (j) : (j) + (s))
#define EXCHANGE(s) \
    for (int i = 0; i < SIDE; i++) \
        if (!(i & (s))) { \
            const operands first = v[i], second = v[i + (s)]; \
            v[i] = __builtin_shufflevector(first, second, ALL(OF_FIRST, s)); \
            v[i + (s)] = __builtin_shufflevector(first, second, ALL(OF_SECOND, s)); \
        }

/* Transpose SIDE × SIDE operands, by exchanging squares of 8, 4, 2 and 1 that face each other. */
INLINE void transpose(const operand *from, int64_t ld_from, operand *to, int64_t ld_to)
{
    operands v[SIDE];
    for (int i = 0; i < SIDE; i++)
        v[i] = load_operands(from + i * ld_from);
    EXCHANGE(8)
    EXCHANGE(4)
    EXCHANGE(2)
    EXCHANGE(1)
    for (int i = 0; i < SIDE; i++)
        memcpy(to + i * ld_to, &v[i], sizeof v[i]);
}

INLINE void add_product(int64_t m, int64_t panels, int64_t k, const operand *a, int64_t lda,
                        const operand *b, real *c, int64_t ldc, int add)
{
    multiply_tiles(m, panels, k, a, lda, b, NR, k * NR, c, ldc, add);
}

INLINE void product_transposed(int64_t m, int64_t panels, int64_t k, const operand *a, int64_t lda,
                               const operand *b, int64_t ldb, int64_t panel_step, real *c,
                               int64_t ldc, int add)
{
    const int64_t ld = divide_up(k, SIDE) * SIDE;
    operand rows[divide_up(m, MR) * MR * ld] __attribute__((aligned(64)));
    for (int64_t i = 0; i < k; i += SIDE)
        for (int64_t r = 0; r < m; r += SIDE)
            transpose(a + i * lda + r, lda, rows + r * ld + i, ld);
    multiply_tiles(m, panels, k, rows, ld, b, ldb, panel_step, c, ldc, add);
}

#endif
