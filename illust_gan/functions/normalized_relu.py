"""A link, batch normalisation and ReLU in one pass, where faces are drawn.

With fixed statistics and no graph, nobody can see what lies between the three. Each pixel of a
transposed convolution is normalised and rectified before it leaves the cache, and for one picture,
where Python takes as long as the arithmetic, three functions' housekeeping is saved. Under hooks,
in debug mode and wherever else somebody could look between, Chainer's three functions are called.
"""

import functools

import chainer
import chainer.links as L
import numpy as np

from illust_gan.functions.activation import RELU
from illust_gan.functions.convolution import Geometry, deconvolve
from illust_gan.functions.dense import kernels_for
from illust_gan.functions.linear import product
from illust_gan.functions.normalization import Normalization

WHERE = "illust_gan.nets.layers"
WHAT = "the generators' link, batch normalisation and ReLU in one pass, where no graph is recorded"


def mend(module):
    """Let the layer ask for a fast path first."""
    plain = module.normalized_relu

    @functools.wraps(plain)
    def normalized_relu(link, norm, x):
        y = _apply(link, norm, x) if _is_unseen(link, norm) else None
        return plain(link, norm, x) if y is None else y

    module.normalized_relu = normalized_relu


def _is_unseen(link, norm):
    config = chainer.config
    return not (
        config.enable_backprop
        or config.train
        or config.debug
        or config.schedule_func is not None
        or chainer.get_function_hooks()
        or chainer._get_link_hooks()
        or link._n_local_link_hooks
        or norm._n_local_link_hooks
    )


def _apply(link, norm, x):
    forward = {L.Deconvolution2D: _deconvolve, L.Linear: _multiply}.get(type(link))
    if forward is None or type(norm) is not L.BatchNormalization:
        return None
    parameters = link.W, link.b, norm.gamma, norm.beta
    if any(p is None or p.array is None for p in parameters):
        return None
    arrays = [x.array if isinstance(x, chainer.Variable) else x, *(p.array for p in parameters)]
    statistics = norm.avg_mean, norm.avg_var
    kernels = kernels_for(*arrays, *statistics)
    if kernels is None or arrays[0].size == 0:
        return None
    y = forward(kernels, link, norm, *arrays[:3], _scaling(norm, *arrays[3:], *statistics))
    if y is None:
        return None
    requires_grad = any(
        v.requires_grad for v in (x, *parameters) if isinstance(v, chainer.Variable)
    )
    return chainer.Variable(y, requires_grad=requires_grad)


def _scaling(norm, gamma, beta, mean, var):
    """Return mean, scale and shift, computed as FixedBatchNormalization does."""
    inv_std = np.sqrt(np.reciprocal(var + norm.eps), dtype=var.dtype)
    return np.stack([mean, gamma * inv_std, beta])


def _deconvolve(kernels, link, norm, x, W, b, channels):
    if x.ndim != 4 or x.shape[1] != len(W) or link.groups != 1 or link.outsize != (None, None):
        return None
    if channels.shape[1:] != b.shape or norm.axis not in (None, (0, 2, 3)):
        return None
    geometry = Geometry(W.shape[2:], *map(_pair, (link.stride, link.pad, link.dilate)), 1)
    size = [
        chainer.utils.conv.get_deconv_outsize(*numbers)
        for numbers in zip(x.shape[2:], W.shape[2:], geometry.stride, geometry.pad, strict=True)
    ]
    if geometry.dilate != (1, 1) or min(size) <= 0:
        return None
    return deconvolve(x, W, b, tuple(size), geometry, (channels, RELU, 0.0))


def _multiply(kernels, link, norm, x, W, b, channels):
    if x.ndim != 2 or norm.axis not in (None, (0,)) or channels.shape[1:] != b.shape:
        return None
    y = product(x, W.T)
    if y is None:
        return None
    y += b
    return Normalization(kernels, (len(y), y.shape[1], 1), *channels).apply(y, RELU)


def _pair(size):
    return size if isinstance(size, tuple) else (size, size)
