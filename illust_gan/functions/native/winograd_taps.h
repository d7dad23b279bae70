/* The weights of k4 s2 p1 as minimal filtering wants them. */
#ifndef ILLUST_GAN_WINOGRAD_TAPS_H
#define ILLUST_GAN_WINOGRAD_TAPS_H

#include "transpose.h"
#include "winograd.h"

/* The taps of NR filters side by side; filters beyond the last are zero. */
INLINE void turn_taps(const real *W, int64_t step, int64_t filters, real taps[16][NR])
{
    for (int first = 0; first < NR; first += VW)
        for (int t = 0; t < 16; t += VW) {
            vec v[VW];
            for (int f = 0; f < VW; f++)
                v[f] = first + f < filters ? load(W + (first + f) * step + t) : (vec){0};
            transpose_vectors(v);
            for (int f = 0; f < VW; f++)
                store(&taps[t + f][first], v[f]);
        }
}

/* One column of taps (fixed r, s) of NR filters, turned to points: to[k * plane]. */
INLINE void transform_taps(const real taps[16][NR], int r, int r_step, int s, int s_step,
                           operand *to, int64_t plane, int half)
{
    for (int f = 0; f < NR; f += VW) {
        vec g[2][2], u[POINTS][POINTS];
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 2; j++)
                g[i][j] = load(&taps[(r + i * r_step) * 4 + s + j * s_step][f]);
        pair_2d(g, u);
        for (int i = 0; i < POINTS; i++)
            for (int j = 0; j < POINTS; j++)
                put_vector(to + (i * POINTS + j) * plane + f, u[i][j], half);
    }
}

/* Of one channel s of a deconvolution and NR filters: to[(phase * POINTS2 + k) * plane]. */
INLINE void transform_deconvolution_taps(const real taps[16][NR], operand *to, int64_t plane,
                                         int half)
{
    /* Row 2i + r of the output meets taps 3 and 1 of rows i-1 and i, or 2 and 0 of i and i+1. */
    for (int phase = 0; phase < 4; phase++)
        transform_taps(taps, 3 - phase / 2, -2, 3 - phase % 2, -2, to + phase * POINTS2 * plane,
                       plane, half);
}

#endif
