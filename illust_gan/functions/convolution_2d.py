"""Convolution2D and the gradient of its weights."""

WHERE = "chainer.functions.connection.convolution_2d"
WHAT = "F.convolution_2d and the gradient of its weights"


def mend(module):
    """Put the kernels under Chainer's classes."""
