"""5×5 with stride 2 under TensorFlow's padding rule "SAME".

A convolution turns n pixels into ⌈n/2⌉ and a transposed one goes the other way. What 5×5 needs
beyond the border is (⌈n/2⌉ - 1)·2 + 5 - n pixels, and half of them, rounded down, are before the
picture (``tensorflow/core/framework/common_shape_fns.cc``, ``GetWindowedOutputSize``): 1 before and
2 after if n is even, 2 on either side if it is odd. Chainer's ``pad`` is the same on both sides, so
for an even n it is 1, and the pixel that lacks at the end comes by ``cover_all`` and ``outsize``.
"""

import chainer.functions as F
import chainer.links as L

_KSIZE = 5
_STRIDE = 2


def halved(n):
    """Return how many pixels a convolution leaves of n.

    Example:
        >>> halved(64), halved(7)
        (32, 4)
    """
    return -(-n // _STRIDE)


class SameConvolution2D(L.Convolution2D):
    """Convolution of 5×5 with stride 2 that halves a picture as TensorFlow does.

    Args:
        in_channels, out_channels (int): Of the picture, and of what becomes of it.
        nobias (bool): Whether it has no bias.
        initialW: Initializer of its weights.

    Example:
        >>> import numpy as np
        >>> link = SameConvolution2D(3, 8)
        >>> link(np.zeros((2, 3, 64, 7), np.float32)).shape
        (2, 8, 32, 4)
    """

    def __init__(self, in_channels, out_channels, *, nobias=False, initialW=None):
        super().__init__(
            in_channels,
            out_channels,
            ksize=_KSIZE,
            stride=_STRIDE,
            pad=_pad(0),
            nobias=nobias,
            initialW=initialW,
        )

    def forward(self, x):
        """Apply the convolution.

        Args:
            x (array or chainer.Variable): float (N, in_channels, H, W).

        Returns:
            chainer.Variable: float (N, out_channels, ⌈H/2⌉, ⌈W/2⌉).
        """
        pad = self.padding(x.shape)
        return F.convolution_2d(x, self.W, self.b, self.stride, pad, cover_all=True)

    def padding(self, shape):
        """Return Chainer's ``pad`` for pictures of a shape (N, in_channels, H, W).

        Example:
            >>> SameConvolution2D(3, 8).padding((2, 3, 64, 7))
            (1, 2)
        """
        return tuple(map(_pad, shape[2:]))


def same_deconvolution(in_channels, out_channels, size, *, nobias=False, initialW=None):
    """Make a transposed convolution of 5×5 with stride 2 that doubles a picture as TensorFlow does.

    Args:
        in_channels, out_channels (int): Of the smaller picture and of the bigger one.
        size (int): Edge of the bigger picture; the smaller one's has to be :func:`halved` of it.
        nobias, initialW: As for :class:`SameConvolution2D`.

    Returns:
        chainer.links.Deconvolution2D: From (N, in_channels, ⌈size/2⌉, ⌈size/2⌉) to
        (N, out_channels, size, size).

    Example:
        >>> import numpy as np
        >>> same_deconvolution(8, 3, 7)(np.zeros((2, 8, 4, 4), np.float32)).shape
        (2, 3, 7, 7)
    """
    return L.Deconvolution2D(
        in_channels,
        out_channels,
        ksize=_KSIZE,
        stride=_STRIDE,
        pad=_pad(size),
        outsize=(size, size),
        nobias=nobias,
        initialW=initialW,
    )


def _pad(n):
    return 1 + n % 2
