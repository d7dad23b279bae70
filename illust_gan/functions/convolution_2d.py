"""Convolution2D and the gradient of its weights, under Chainer's own classes."""

import functools

from illust_gan.functions.convolution import Geometry, convolve, gradient_of_weights

WHERE = "chainer.functions.connection.convolution_2d"
WHAT = "convolution_2d, and the gradient of its weights"


def mend(module):
    """Let both functions ask for a fast path first."""
    speed_up(module.Convolution2DFunction, _convolution)
    speed_up(module.Convolution2DGradW, _gradient)


def _convolution(function, x, W, b):
    return convolve(x, W, b, function._get_out_size(x.shape, W.shape), geometry_of(function, W))


def _gradient(function, x, gy):
    ksize = (function.kh, function.kw)
    return gradient_of_weights(x, gy, function.W_dtype, geometry_of(function, ksize=ksize))


def geometry_of(function, W=None, ksize=None):
    """Read the geometry of a layer from Chainer's function.

    Args:
        function (chainer.FunctionNode): One of the three of this family.
        W (numpy.ndarray): Its weights; or give ``ksize``, their (height, width).

    Returns:
        Geometry: Its geometry.
    """
    return Geometry(
        ksize or W.shape[2:],
        (function.sy, function.sx),
        (function.ph, function.pw),
        (function.dy, function.dx),
        function.groups,
    )


def speed_up(function_class, fast):
    """Let a class of Chainer's ask for a fast path before it takes its own.

    Args:
        function_class (type): A :class:`chainer.FunctionNode` of this family.
        fast (callable): (the function, its inputs) → its output, or None if there is no fast path.
    """
    # Chainer chooses between these two after it has retained the inputs; both return a tuple.
    for name in ("_forward_cpu_core", "_forward_grouped_convolution"):
        setattr(function_class, name, _fast_first(fast, getattr(function_class, name)))


def _fast_first(fast, plain):
    @functools.wraps(plain)
    def forward(self, *inputs):
        y = fast(self, *inputs)
        return plain(self, *inputs) if y is None else (y,)

    return forward
