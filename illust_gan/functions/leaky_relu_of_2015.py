"""The nets' own leaky ReLU, whose gradient at 0 is 1."""

from illust_gan.functions.activation import KIND_OF, LEAKY_RELU_OF_2015, speed_up, speed_up_gradient

WHERE = "illust_gan.nets.activations"
WHAT = "leaky_relu of the articles' nets"


def mend(module):
    """Let the function and its gradient take the kernels."""
    KIND_OF[module.leaky_relu] = (LEAKY_RELU_OF_2015, 0.2)
    speed_up(module.LeakyReLU, _kind_of)
    speed_up_gradient(module.LeakyReLUGrad, _kind_of, "y")


def _kind_of(function):
    return LEAKY_RELU_OF_2015, function.slope
