"""Sum over all axes but that of the channels: the gradient of a convolution's bias."""

import functools

import numpy as np

from illust_gan.functions.switch import fast_kernels

WHERE = "chainer.functions.math.sum"
WHAT = "sum over pixels, for the gradients of biases"


def mend(module):
    """Let sums of channels-last pictures over all pixels ask for a fast path first."""
    plain = module.Sum.forward

    @functools.wraps(plain)
    def forward(self, inputs):
        (x,) = inputs
        if type(x) is np.ndarray and x.ndim == 4 and self.axis == (0, 2, 3) and not self.keepdims:
            kernels = fast_kernels(x.dtype)
            rows = x.transpose(0, 2, 3, 1)
            if kernels is not None and x.size and rows.flags.c_contiguous:
                y = np.empty(x.shape[1], x.dtype)
                kernels.sum_rows(rows, y, x.size // y.size, y.size)
                return (y,)
        return plain(self, inputs)

    module.Sum.forward = forward
