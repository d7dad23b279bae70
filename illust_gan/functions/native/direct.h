/* What the direct kernels share: any kernel size, stride, pad and dilation.
 *
 * W is (S, B, kh, kw): S channels of the smaller picture (h, w), B of the bigger (H, width), as in
 * Convolution2D from the bigger to the smaller and in Deconvolution2D the other way.
 */
#ifndef ILLUST_GAN_DIRECT_H
#define ILLUST_GAN_DIRECT_H

#include "pool.h"
#include "product.h"

/* An array of int64 in the order of convolution.py; strides count numbers, not bytes. */
typedef struct {
    int64_t n, B, S, H, width, h, w, kh, kw, sy, sx, ph, pw, dy, dx;
    int64_t big_n, big_c, big_y, big_x, small_n, small_c, small_y, small_x;
} geometry;

/* Columns first … end - 1, numbered (u * kw + v) * B + c, of what one output position sees. */
static inline void gather(const geometry *g, const real *big, int64_t position, int64_t first,
                          int64_t end, real *out)
{
    const int64_t x0 = position % g->w * g->sx - g->pw;
    const int64_t y0 = position / g->w % g->h * g->sy - g->ph;
    big += position / g->w / g->h * g->big_n;
    for (int64_t tap = first / g->B, c = first % g->B; first < end; tap++, c = 0) {
        const int64_t y = y0 + tap / g->kw * g->dy, x = x0 + tap % g->kw * g->dx;
        const int64_t count = least(g->B - c, end - first);
        const real *from = big + y * g->big_y + x * g->big_x + c * g->big_c;
        if (y < 0 || y >= g->H || x < 0 || x >= g->width)
            memset(out, 0, count * sizeof(real));
        else if (g->big_c == 1 && count >= VW)
            memcpy(out, from, count * sizeof(real));
        else
            for (int64_t i = 0; i < count; i++)
                out[i] = from[i * g->big_c];
        out += count;
        first += count;
    }
}

#endif
