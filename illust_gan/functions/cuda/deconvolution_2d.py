"""Deconvolution2D by cuDNN, under Chainer's own class; so is the gradient of a convolution's x."""

from illust_gan.functions.convolution_2d import geometry_of
from illust_gan.functions.cuda import convolution
from illust_gan.functions.cuda.convolution_2d import speed_up

WHERE = "chainer.functions.connection.deconvolution_2d"
WHAT = "deconvolution_2d on a GPU by cuDNN"


def mend(module):
    """Let the function ask for a fast path first."""
    speed_up(module.Deconvolution2DFunction, _deconvolution)


def _deconvolution(function, precision, x, W, b=None):
    function._calc_out_size(x.shape, W.shape)
    function._set_cover_all(x.shape, W.shape)
    size = (function.outh, function.outw)
    return convolution.deconvolve(x, W, b, size, geometry_of(function, W), precision)
