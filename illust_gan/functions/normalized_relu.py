"""A link, batch normalisation and ReLU in one pass, where faces are drawn.

With fixed statistics and no graph, nobody can see what lies between the three. Each pixel of a
transposed convolution is normalised and rectified before it leaves the cache, and for one picture,
where Python takes as long as the arithmetic, three functions' housekeeping is saved. Under hooks,
in debug mode and wherever else somebody could look between, Chainer's three functions are called.
"""

import functools

import chainer
import chainer.functions as F
import chainer.links as L
import numpy as np
from chainer.utils.conv import get_conv_outsize, get_deconv_outsize

from illust_gan.functions.activation import RELU
from illust_gan.functions.convolution import Geometry, deconvolve
from illust_gan.functions.dense import kernels_for
from illust_gan.functions.known_norms import is_known
from illust_gan.functions.linear import product
from illust_gan.functions.normalization import Normalization

WHERE = "illust_gan.nets.layers"
WHAT = "layers of link, batch normalisation and ReLU in one pass, where no graph is recorded"


def mend(module):
    """Let the layer ask for a fast path first."""
    plain = module.layer

    @functools.wraps(plain)
    def layer(x, link, norm=None, activation=None):
        fitting = norm is not None and activation is F.relu and _is_unseen(link, norm)
        y = _apply(link, norm, x) if fitting else None
        return plain(x, link, norm, activation) if y is None else y

    module.layer = layer


def _is_unseen(link, norm):
    # As chainer.is_debug() does; Python looks for an attribute in vain first, in thrice the time.
    setting = chainer.config.__getattr__
    return not (
        setting("enable_backprop")
        or setting("train")
        or setting("debug")
        or setting("schedule_func") is not None
        or chainer.get_function_hooks()
        or chainer._get_link_hooks()
        or link._n_local_link_hooks
        or norm._n_local_link_hooks
    )


def _apply(link, norm, x):
    forward = _FORWARD.get(type(link))
    if forward is None or not is_known(norm):
        return None
    requires_grad = False
    parts = []
    for v in (x, link.W, link.b, norm.gamma, norm.beta):
        if isinstance(v, chainer.Variable):
            requires_grad = requires_grad or v.requires_grad
            v = v.array
        parts.append(v)
    x, W, b, gamma, beta = parts
    mean, var = norm.avg_mean, norm.avg_var
    kernels = kernels_for(x, W, mean, var, *[v for v in (b, gamma, beta) if v is not None])
    if kernels is None or x.size == 0:
        return None
    y = forward(kernels, link, norm, x, W, b, _scaling(norm, gamma, beta, mean, var))
    return None if y is None else chainer.Variable(y, requires_grad=requires_grad)


def _scaling(norm, gamma, beta, mean, var):
    """Return mean, scale and shift, computed as FixedBatchNormalization does."""
    channels = np.empty((3, *mean.shape), mean.dtype)
    channels[0] = mean
    np.sqrt(np.reciprocal(var + norm.eps), dtype=var.dtype, out=channels[1])
    if gamma is not None:
        channels[1] *= gamma
    channels[2] = 0 if beta is None else beta
    return channels


def _deconvolve(kernels, link, norm, x, W, b, channels):
    if x.ndim != 4 or x.shape[1] != len(W) or link.groups != 1:
        return None
    if not _are_channels(channels, b, W.shape[1]) or norm.axis not in (None, (0, 2, 3)):
        return None
    geometry, size = _geometry(
        W.shape[2:], link.stride, link.pad, link.dilate, x.shape[2:], tuple(link.outsize)
    )
    if size is None:
        return None
    return deconvolve(x, W, b, size, geometry, (channels, RELU, 0.0))


# A net has few layers, and asks at every call.
@functools.lru_cache(256)
def _geometry(ksize, stride, pad, dilate, size, outsize):
    """Return the geometry of a layer, and the size of its output; None if it is not to be had."""
    geometry = Geometry(ksize, *map(_pair, (stride, pad, dilate)), 1)
    windows = list(zip(ksize, geometry.stride, geometry.pad, strict=True))
    if geometry.dilate != (1, 1) or outsize.count(None) == 1:
        return geometry, None
    if None in outsize:
        outsize = tuple(get_deconv_outsize(n, *w) for n, w in zip(size, windows, strict=True))
        return geometry, outsize if min(outsize) > 0 else None
    # As Chainer checks it: what is beyond the last whole window may have one as well, or none.
    for n, out, window in zip(size, outsize, windows, strict=True):
        if not get_conv_outsize(out, *window) <= n <= get_conv_outsize(out, *window, True):
            return geometry, None
    return geometry, outsize


def _multiply(kernels, link, norm, x, W, b, channels):
    if x.ndim != 2 or norm.axis not in (None, (0,)) or not _are_channels(channels, b, len(W)):
        return None
    y = product(x, W.T)
    if y is None:
        return None
    if b is not None:
        y += b
    return Normalization(kernels, (len(y), y.shape[1], 1), *channels).apply(y, RELU)


def _are_channels(channels, b, n):
    return channels.shape[1:] == (n,) and (b is None or b.shape == (n,))


_FORWARD = {L.Deconvolution2D: _deconvolve, L.Linear: _multiply}


def _pair(size):
    return size if isinstance(size, tuple) else (size, size)
