/* What follows a convolution while its output is still in the cache: batch normalisation by known
 * statistics and an activation function, to the bits of normalization.c.
 */
#ifndef ILLUST_GAN_FINISH_H
#define ILLUST_GAN_FINISH_H

#include "activation.h"
#include "normalized.h"

typedef struct {
    const real *mean, *scale, *shift; /* of the channels; NULL: nothing follows */
    int64_t kind;
    real slope;
} finish;

/* `channels` is NULL, or mean, scale and shift of n channels each. */
INLINE finish finish_by(const real *channels, int64_t n, int64_t kind, double slope)
{
    if (!channels)
        return (finish){0};
    return (finish){channels, channels + n, channels + 2 * n, kind, (real)slope};
}

INLINE void finish_as(const int kind, real *y, int64_t n, const real *mean, const real *scale,
                      const real *shift, real slope)
{
    for (int64_t i = 0; i < n; i++)
        y[i] = activation(kind, normalized(y[i], mean[i], scale[i], shift[i]), slope);
}

/* Channels first … first + n - 1 of one pixel, in their place. Its loops would take registers from
 * those around it if they were one function. */
static __attribute__((noinline)) void finish_pixel(const finish *f, real *y, int64_t first,
                                                   int64_t n)
{
    if (!f->mean)
        return;
#define FINISH(kind, ...) \
    finish_as(kind, y, n, f->mean + first, f->scale + first, f->shift + first, f->slope)
    FOR_KIND(f->kind, FINISH, 0)
}

#endif
