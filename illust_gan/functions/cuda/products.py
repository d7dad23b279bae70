"""The three links of the nets as products of arrays on a GPU, with both their gradients."""

import chainer.functions as F
import chainer.links as L
from chainer.utils import conv

from illust_gan.functions.convolution import Geometry
from illust_gan.functions.cuda import convolution, linear
from illust_gan.functions.cuda.layout import channels_second, is_channels_last


def product_of(link, shape):
    """Return the product that a link is.

    Args:
        link (chainer.Link): Any, with weights.
        shape (tuple of int): Of its input, which ``fits`` has to be asked about.

    Returns:
        Convolution, Deconvolution or Fully: None for a link that is none of the three, or has
        options that the fast path does not know.
    """
    known = _PRODUCTS.get(type(link))
    if known is None or getattr(link, "cudnn_fast", False):
        return None
    return known(link, shape)


def make_known(link_class, product):
    """Let :func:`product_of` know a class of links, but none that derives from it.

    Args:
        link_class (type): A :class:`chainer.Link`.
        product (callable): The link and the shape of its input → what :func:`product_of` returns.
    """
    _PRODUCTS[link_class] = product


class Convolution:
    """``L.Convolution2D``.

    Args:
        link (chainer.links.Convolution2D): The link.
        shape (tuple of int): Of x.
        pad (int or tuple of int): The link's if omitted.
        cover_all (bool): Whether all of x is under windows, as for Chainer's function.
    """

    def __init__(self, link, shape, *, pad=None, cover_all=False):
        pad = link.pad if pad is None else pad
        self.options = {name: getattr(link, name) for name in ("stride", "dilate", "groups")}
        self.options |= {"pad": pad, "cover_all": cover_all}
        pairs = map(_pair, (link.stride, pad, link.dilate))
        self.geometry = Geometry(tuple(link.W.shape[2:]), *pairs, link.groups)

    def fits(self, x, W):
        """Return whether x (N, C, H, W) and weights (S, C // groups, kh, kw) go together."""
        return x.ndim == 4 and x.shape[1] == W.shape[1] * self.geometry.groups

    def adds_bias(self, W):
        """Return whether ``forward`` adds b at no cost."""
        return False

    def forward(self, x, W, b, math):
        """Return W·x + b; None where cuDNN has no plan."""
        size = self._convolved(x.shape[2:], self.options["cover_all"])
        return convolution.convolve(x, W, b, size, self.geometry, math) if min(size) > 0 else None

    def gradient_x(self, x, W, gy, math):
        """Return the gradient of x, in the type that products have in this precision."""
        return convolution.deconvolve(gy, W, None, x.shape[2:], self.geometry, math)

    def gradient_weights(self, x, W, gy, math):
        """Return the gradient of the weights, in their type."""
        return convolution.gradient_of_weights(x, gy, W.dtype, self.geometry, math)

    def plain(self, x, W, b):
        """Do the same by Chainer's own function, with a graph."""
        return F.convolution_2d(x, W, b, **self.options)

    def _convolved(self, size, cover_all):
        return self._sizes(conv.get_conv_outsize, size, cover_all=cover_all)

    def _sizes(self, function, size, **options):
        g = self.geometry
        numbers = zip(size, g.ksize, g.stride, g.pad, g.dilate, strict=True)
        return tuple(function(n, k, s, p, d=d, **options) for n, k, s, p, d in numbers)


class Deconvolution(Convolution):
    """``L.Deconvolution2D``.

    Args:
        link (chainer.links.Deconvolution2D): The link.
        shape (tuple of int): Of x.
    """

    def __init__(self, link, shape):
        super().__init__(link, shape)
        del self.options["cover_all"]
        self.outsize = tuple(link.outsize)
        if self.outsize != (None, None):
            self.options["outsize"] = self.outsize

    def fits(self, x, W):
        """Return whether x (N, S, h, w), weights (S, C // groups, kh, kw) and size go together."""
        if x.ndim != 4 or x.shape[1] != len(W):
            return False
        # With one of both given, Chainer computes the other.
        if None in self.outsize:
            return self.outsize == (None, None)
        # What lies beyond the last whole window may have one as well, or none.
        fewest, most = (self._convolved(self.outsize, cover_all) for cover_all in (False, True))
        return all(a <= n <= b for a, n, b in zip(fewest, x.shape[2:], most, strict=True))

    def forward(self, x, W, b, math):
        """Return the bigger picture; None where cuDNN has no plan."""
        size = self.outsize
        if size == (None, None):
            size = self._sizes(conv.get_deconv_outsize, x.shape[2:])
        if min(size) <= 0:
            return None
        return convolution.deconvolve(x, W, b, size, self.geometry, math)

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
        shape (tuple of int): Of x.
    """

    def __init__(self, link, shape):
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


def _pair(size):
    return tuple(size) if hasattr(size, "__len__") else (size, size)
