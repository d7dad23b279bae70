"""The three links of the nets as products of arrays on a GPU, with both their gradients."""

import chainer.functions as F
import chainer.links as L
from chainer.utils import conv

from illust_gan.functions.convolution import Geometry
from illust_gan.functions.cuda import convolution, linear
from illust_gan.functions.cuda.layout import channels_second, is_channels_last


def product_of(link):
    """Return the product that a link is.

    Args:
        link (chainer.Link): Any, with weights.

    Returns:
        Convolution, Deconvolution or Fully: None for a link that is none of the three, or has
        options that the fast path does not know.
    """
    known = _PRODUCTS.get(type(link))
    if known is None or getattr(link, "cudnn_fast", False):
        return None
    return known(link)


class Convolution:
    """``L.Convolution2D``.

    Args:
        link (chainer.links.Convolution2D): The link.
    """

    def __init__(self, link):
        self.geometry = _geometry(link)
        self.options = _options(link)

    def fits(self, x, W):
        """Return whether x (N, C, H, W) and weights (S, C // groups, kh, kw) go together."""
        return x.ndim == 4 and x.shape[1] == W.shape[1] * self.geometry.groups

    def adds_bias(self, W):
        """Return whether ``forward`` adds b at no cost."""
        return False

    def forward(self, x, W, b, math):
        """Return W·x + b; None where cuDNN has no plan."""
        g = self.geometry
        numbers = zip(x.shape[2:], g.ksize, g.stride, g.pad, g.dilate, strict=True)
        size = tuple(conv.get_conv_outsize(n, k, s, p, d=d) for n, k, s, p, d in numbers)
        return convolution.convolve(x, W, b, size, g, math) if min(size) > 0 else None

    def gradient_x(self, x, W, gy, math):
        """Return the gradient of x, in the type that products have in this precision."""
        return convolution.deconvolve(gy, W, None, x.shape[2:], self.geometry, math)

    def gradient_weights(self, x, W, gy, math):
        """Return the gradient of the weights, in their type."""
        return convolution.gradient_of_weights(x, gy, W.dtype, self.geometry, math)

    def plain(self, x, W, b):
        """Do the same by Chainer's own function, with a graph."""
        return F.convolution_2d(x, W, b, **self.options)


class Deconvolution(Convolution):
    """``L.Deconvolution2D``.

    Args:
        link (chainer.links.Deconvolution2D): The link.
    """

    def __init__(self, link):
        super().__init__(link)
        self.outsize = tuple(link.outsize)

    def fits(self, x, W):
        """Return whether x (N, S, h, w) and weights (S, C // groups, kh, kw) go together."""
        return x.ndim == 4 and x.shape[1] == len(W) and self.outsize == (None, None)

    def forward(self, x, W, b, math):
        """Return the bigger picture; None where cuDNN has no plan."""
        g = self.geometry
        numbers = zip(x.shape[2:], g.ksize, g.stride, g.pad, g.dilate, strict=True)
        size = tuple(conv.get_deconv_outsize(n, k, s, p, d=d) for n, k, s, p, d in numbers)
        return convolution.deconvolve(x, W, b, size, g, math) if min(size) > 0 else None

    def gradient_x(self, x, W, gy, math):
        """Return the gradient of x, in the type that products have in this precision."""
        return convolution.convolve(gy, W, None, x.shape[2:], self.geometry, math)

    def gradient_weights(self, x, W, gy, math):
        """Return the gradient of the weights, in their type."""
        return convolution.gradient_of_weights(gy, x, W.dtype, self.geometry, math)

    def plain(self, x, W, b):
        """Do the same by Chainer's own function, with a graph."""
        return F.deconvolution_2d(x, W, b, **self.options)


class Fully:
    """``L.Linear``.

    Args:
        link (chainer.links.Linear): The link.
    """

    def __init__(self, link):
        pass

    def fits(self, x, W):
        """Return whether x (N, …) and weights (S, K) go together."""
        return x.ndim >= 2 and x.size == len(x) * W.shape[1]

    def adds_bias(self, W):
        """Return whether ``forward`` adds b at no cost."""
        return len(W) <= linear.MOST_OUTPUTS

    def forward(self, x, W, b, math):
        """Return x·Wᵀ + b, with x as a matrix."""
        if self.adds_bias(W):
            return linear.few_outputs(_dense(x), W, b)
        return convolution.linear(_as_matrix(x), W, b, math)

    def gradient_x(self, x, W, gy, math):
        """Return the gradient of x, in the type that products have in this precision."""
        if self.adds_bias(W):
            return linear.few_outputs_gradient_x(gy, W, convolution.dtype_of(math), _dense(x))
        return convolution.linear_gradient_x(gy, W, math).reshape(x.shape)

    def gradient_weights(self, x, W, gy, math):
        """Return the gradient of the weights, in their type."""
        if self.adds_bias(W):
            return linear.few_outputs_gradient_W(_dense(x), gy)
        return convolution.linear_gradient_weights(_as_matrix(x), gy, math)

    def plain(self, x, W, b):
        """Do the same by Chainer's own function, with a graph."""
        return F.linear(x, W, b)


_PRODUCTS = {L.Convolution2D: Convolution, L.Deconvolution2D: Deconvolution, L.Linear: Fully}


def _dense(x):
    return x if is_channels_last(x) else channels_second(x)


def _as_matrix(x):
    return channels_second(x).reshape(len(x), -1)


def _options(link):
    return {name: getattr(link, name) for name in ("stride", "pad", "dilate", "groups")}


def _geometry(link):
    pairs = (_pair(getattr(link, name)) for name in ("stride", "pad", "dilate"))
    return Geometry(tuple(link.W.shape[2:]), *pairs, link.groups)


def _pair(size):
    return tuple(size) if hasattr(size, "__len__") else (size, size)
