"""Deconvolution2D under Chainer's own class; its gradients are functions of convolution_2d.py."""

from illust_gan.functions.convolution import deconvolve
from illust_gan.functions.convolution_2d import geometry_of, speed_up

WHERE = "chainer.functions.connection.deconvolution_2d"
WHAT = "deconvolution_2d"


def mend(module):
    """Let the function ask for a fast path first."""
    speed_up(module.Deconvolution2DFunction, _deconvolution)


def _deconvolution(function, x, W, b):
    return deconvolve(x, W, b, (function.outh, function.outw), geometry_of(function, W))
