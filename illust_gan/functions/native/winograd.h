/* Minimal filtering of k4 s2 p1: F(2×2, 2×2), after Winograd.
 *
 * A convolution of 4×4 taps, stride 2 and pad 1 sees its input as four pictures of half the size,
 * the phases (row r, column s of each 2×2 cell), and over each of them runs 2×2 taps at stride 1.
 * A transposed one does the same for each phase of its output. Two outputs of two taps g over
 * three inputs d need three products, not four:
 *
 *     y0 = d0·g0 + d1·g1 = m0 + m1        m0 = (d0 - d1)·g0
 *     y1 = d1·g0 + d2·g1 = m1 + m2        m1 = d1·(g0 + g1)
 *                                         m2 = (d2 - d1)·g1
 *
 * and the same for the gradient of g with y known. In two dimensions 9 products replace 16. Lavin
 * and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), do so for 3×3 taps.
 * F(4×4, 2×2), with 25 products for 64, is no faster here: its transforms and its weights take what
 * it saves, and its rounding errors are three times as large.
 *
 * Pictures lie channels-last: (N, H, W, C), C a multiple of VW.
 */
#ifndef ILLUST_GAN_WINOGRAD_H
#define ILLUST_GAN_WINOGRAD_H

#include "finish.h"
#include "operand.h"

enum { M = 2, POINTS = M + 1, POINTS2 = POINTS * POINTS };

typedef struct {
    const real *data;
    int64_t height, width, channels;
} picture;

INLINE void window_1d(const vec *d, int64_t step, vec *out, int64_t out_step)
{
    out[0] = d[0] - d[step];
    out[out_step] = d[step];
    out[2 * out_step] = d[2 * step] - d[step];
}

/* Of the taps, to be met by a window; and of M outputs' gradients, to be met by a window too. */
INLINE void pair_1d(const vec *g, int64_t step, vec *out, int64_t out_step)
{
    out[0] = g[0];
    out[out_step] = g[0] + g[step];
    out[2 * out_step] = g[step];
}

INLINE void sums_1d(const vec *m, int64_t step, vec *y, int64_t y_step)
{
    y[0] = m[0] + m[step];
    y[y_step] = m[step] + m[2 * step];
}

INLINE void window_2d(vec d[POINTS][POINTS], vec out[POINTS][POINTS])
{
    vec half[POINTS][POINTS];
    for (int j = 0; j < POINTS; j++)
        window_1d(&d[0][j], POINTS, &half[0][j], POINTS);
    for (int i = 0; i < POINTS; i++)
        window_1d(half[i], 1, out[i], 1);
}

INLINE void pair_2d(vec g[2][2], vec out[POINTS][POINTS])
{
    vec half[POINTS][2];
    for (int j = 0; j < 2; j++)
        pair_1d(&g[0][j], 2, &half[0][j], 2);
    for (int i = 0; i < POINTS; i++)
        pair_1d(half[i], 1, out[i], 1);
}

INLINE void sums_2d(vec m[POINTS][POINTS], vec y[2][2])
{
    vec half[2][POINTS];
    for (int j = 0; j < POINTS; j++)
        sums_1d(&m[0][j], POINTS, &half[0][j], POINTS);
    for (int i = 0; i < 2; i++)
        sums_1d(half[i], 1, y[i], 1);
}

/* Number k of channel c: out[k * plane + place(c)], where channels go by blocks, `block` at once. */
INLINE int64_t place(int64_t c, int64_t block, int64_t block_step)
{
    return c / block * block_step + c % block;
}

/* The pixels of a window of POINTS² from (y, x) on, `step` apart; `zeros` beyond the edges. */
INLINE void find_window(picture in, int64_t y, int64_t x, int64_t step, const real *zeros,
                        const real *pixels[POINTS][POINTS])
{
    for (int i = 0; i < POINTS; i++)
        for (int j = 0; j < POINTS; j++) {
            const int64_t yy = y + i * step, xx = x + j * step;
            const int inside = yy >= 0 && yy < in.height && xx >= 0 && xx < in.width;
            pixels[i][j] = inside ? in.data + (yy * in.width + xx) * in.channels : zeros;
        }
}

/* Transform channels c … c + VW - 1 of a window. */
INLINE void transform_pixels(const real *const pixels[POINTS][POINTS], int64_t c, operand *to,
                             int64_t plane, int half)
{
    vec d[POINTS][POINTS], v[POINTS][POINTS];
    for (int i = 0; i < POINTS; i++)
        for (int j = 0; j < POINTS; j++)
            d[i][j] = load(pixels[i][j] + c);
    window_2d(d, v);
    for (int i = 0; i < POINTS; i++)
        for (int j = 0; j < POINTS; j++)
            put_vector(to + (i * POINTS + j) * plane, v[i][j], half);
}

/* Transform the window from (y, x) on. Channel c goes to column + c: of a ROW, or else into this
 * half of what place() says. */
static void transform_window(picture in, int64_t y, int64_t x, int64_t step, const real *zeros,
                             operand *out, int64_t plane, int64_t column, int half, int64_t block,
                             int64_t block_step)
{
    const real *pixels[POINTS][POINTS];
    find_window(in, y, x, step, zeros, pixels);
    for (int64_t c = 0; c < in.channels; c += VW)
        transform_pixels(pixels, c,
                         out + (half == ROW ? (column + c) / DEPTH
                                            : place(column + c, block, block_step)),
                         plane, half);
}

/* The same for the M×M gradients of outputs from (y, x) on. */
static inline void transform_gradients(picture in, int64_t y, int64_t x, const real *zeros,
                                       operand *out, int64_t plane, int half, int64_t block,
                                       int64_t block_step)
{
    const real *pixels[M][M];
    for (int i = 0; i < M; i++)
        for (int j = 0; j < M; j++) {
            const int inside = y + i < in.height && x + j < in.width;
            pixels[i][j] = inside ? in.data + ((y + i) * in.width + x + j) * in.channels : zeros;
        }
    for (int64_t c = 0; c < in.channels; c += VW) {
        vec g[M][M], v[POINTS][POINTS];
        for (int i = 0; i < M; i++)
            for (int j = 0; j < M; j++)
                g[i][j] = load(pixels[i][j] + c);
        pair_2d(g, v);
        operand *to = out + place(c, block, block_step);
        for (int i = 0; i < POINTS; i++)
            for (int j = 0; j < POINTS; j++)
                put_vector(to + (i * POINTS + j) * plane, v[i][j], half);
    }
}

/* Turn products of channels first … end - 1 back to M×M outputs from (y, x) on, `step` apart, add
 * the bias and let follow what does. */
static inline void transform_back(const real *products, int64_t plane, const real *bias,
                                  const finish *finish, real *out, int64_t height, int64_t width,
                                  int64_t channels, int64_t first, int64_t end, int64_t y,
                                  int64_t x, int64_t step)
{
    for (int64_t c = first; c < end; c += VW) {
        vec m[POINTS][POINTS], sums[M][M];
        for (int i = 0; i < POINTS; i++)
            for (int j = 0; j < POINTS; j++)
                m[i][j] = load(products + (i * POINTS + j) * plane + c - first);
        sums_2d(m, sums);
        const vec b = bias ? load(bias + c) : (vec){0};
        for (int i = 0; i < M; i++)
            for (int j = 0; j < M; j++) {
                const int64_t yy = y + i * step, xx = x + j * step;
                if (yy < height && xx < width)
                    store(out + (yy * width + xx) * channels + c, sums[i][j] + b);
            }
    }
    for (int p = 0; finish->mean && p < M * M; p++) {
        const int64_t yy = y + p / M * step, xx = x + p % M * step;
        if (yy < height && xx < width)
            finish_pixel(finish, out + (yy * width + xx) * channels + first, first, end - first);
    }
}

#endif
