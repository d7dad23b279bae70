/* What the direct kernels share: any kernel size, stride, pad and dilation.
 *
 * W is (S, B, kh, kw): S channels of the smaller picture (h, w), B of the bigger (H, width), as in
 * Convolution2D from the bigger to the smaller and in Deconvolution2D the other way.
 */
#ifndef ILLUST_GAN_DIRECT_H
#define ILLUST_GAN_DIRECT_H

#include "pool.h"
#include "product.h"

/* An array of int64 in the order of convolution.py. Pictures lie channels-last, and from one pixel
 * to the next it is big_step or small_step numbers: more than B or S where these are one group. */
typedef struct {
    int64_t n, B, S, H, width, h, w, kh, kw, sy, sx, ph, pw, dy, dx, big_step, small_step;
} geometry;

/* Columns first … end - 1, numbered (u * kw + v) * B + c, of what one output position sees: as a
 * ROW, or as this half of as many operands. */
static inline void gather(const geometry *g, const real *big, int64_t position, int64_t first,
                          int64_t end, operand *out, int half)
{
    const int64_t start = first;
    const int64_t x0 = position % g->w * g->sx - g->pw;
    const int64_t y0 = position / g->w % g->h * g->sy - g->ph;
    /* Within the picture, the pixels of a row of taps may be one piece of memory. */
    const int dense = g->big_step == g->B && g->dx == 1;
    const int64_t run = dense && x0 >= 0 && x0 + g->kw <= g->width ? g->kw * g->B : g->B;
    big += position / g->w / g->h * g->H * g->width * g->big_step;
    while (first < end) {
        const int64_t tap = first / run * (run / g->B), c = first % run;
        const int64_t y = y0 + tap / g->kw * g->dy, x = x0 + tap % g->kw * g->dx;
        const int64_t count = least(run - c, end - first);
        const int outside = y < 0 || y >= g->H || x < 0 || x >= g->width;
        put_run(out, first - start,
                outside ? NULL : big + (y * g->width + x) * g->big_step + c, count, half);
        first += count;
    }
}

#endif
