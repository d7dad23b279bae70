"""Leaky ReLU under Chainer's own class."""

from illust_gan.functions.activation import KIND_OF, LEAKY_RELU, speed_up, speed_up_gradient

WHERE = "chainer.functions.activation.leaky_relu"
WHAT = "leaky_relu"


def mend(module):
    """Let leaky ReLU and its gradient take the kernels, unless its slope is negative."""
    KIND_OF[module.leaky_relu] = (LEAKY_RELU, 0.2)
    speed_up(module.LeakyReLU, _kind_of)
    speed_up_gradient(module._LeakyReLUGrad, _kind_of, "cond")


def _kind_of(function):
    # NumPy's own numbers are of a type, in which Chainer then computes.
    if type(function.slope) in (int, float) and function.slope >= 0:
        return LEAKY_RELU, function.slope
    return None
