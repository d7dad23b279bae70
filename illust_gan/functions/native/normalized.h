/* Batch normalisation of one number. */
#ifndef ILLUST_GAN_NORMALIZED_H
#define ILLUST_GAN_NORMALIZED_H

#include "real.h"

/* One expression wherever it is needed: the sign found on the way back is that of forward, and what
 * a convolution does to its own output is what is done afterwards, to the bit. */
INLINE real normalized(real x, real mean, real scale, real shift)
{
    return (x - mean) * scale + shift;
}

#endif
