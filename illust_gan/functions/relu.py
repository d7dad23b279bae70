"""ReLU under Chainer's own class."""

from illust_gan.functions.activation import KIND_OF, RELU, speed_up, speed_up_gradient

WHERE = "chainer.functions.activation.relu"
WHAT = "relu"


def mend(module):
    """Let ReLU and its gradient take the kernels."""
    KIND_OF[module.relu] = (RELU, 0.0)
    speed_up(module.ReLU, _kind_of)
    speed_up_gradient(module.ReLUGrad2, _kind_of, "b")


def _kind_of(function):
    return RELU, 0.0
