"""Deconvolution2D."""

WHERE = "chainer.functions.connection.deconvolution_2d"
WHAT = "F.deconvolution_2d"


def mend(module):
    """Put the kernels under Chainer's classes."""
