"""Activation functions as the originals computed them."""

from chainer import backend, function_node


def leaky_relu(x, slope=0.2):
    """Leaky ReLU with the gradient of 2015 where its input is exactly 0: 1, not the slope.

    Chainer 1.5 lets the gradient pass where ``x >= 0`` (``functions/activation/leaky_relu.py``),
    and so does TensorFlow's ``maximum(x, slope * x)``. Chainer 7.8.1 multiplies it by the slope
    where ``x <= 0`` (the same file, lines 15, 38 and 85), against its own documentation. Zeros are
    frequent enough before training: a first layer without bias makes one of every patch of mid
    grey, and the training run of ``tests/golden/README.md`` begins with weights that are multiples
    of 1/64.

    Args:
        x (array or chainer.Variable): Floats of any shape.
        slope (float): 0 to 1.

    Returns:
        chainer.Variable: ``x`` where it is 0 or greater, ``slope * x`` elsewhere.

    Example:
        >>> import chainer, numpy as np
        >>> import chainer.functions as F
        >>> x = chainer.Variable(np.array([-1, 0, 1], np.float32))
        >>> F.sum(leaky_relu(x)).backward()
        >>> leaky_relu(x).array.tolist(), x.grad.tolist()
        ([-0.20000000298023224, 0.0, 1.0], [0.20000000298023224, 1.0, 1.0])
    """
    return LeakyReLU(slope).apply((x,))[0]


class LeakyReLU(function_node.FunctionNode):
    """Leaky ReLU whose gradient at 0 is 1.

    Args:
        slope (float): 0 to 1.
    """

    def __init__(self, slope):
        self.slope = slope

    def forward_cpu(self, inputs):
        (x,) = inputs
        self.retain_outputs((0,))
        return (backend.get_array_module(x).maximum(x, self.slope * x),)

    forward_gpu = forward_cpu

    def backward(self, indexes, grad_outputs):
        (y,) = self.get_retained_outputs()
        return LeakyReLUGrad(y.array, self.slope).apply(grad_outputs)


class LeakyReLUGrad(function_node.FunctionNode):
    """Gradient of :class:`LeakyReLU`.

    Args:
        y (:ref:`ndarray`): Its output.
        slope (float): 0 to 1.
    """

    def __init__(self, y, slope):
        self.y = y
        self.slope = slope

    def forward_cpu(self, inputs):
        (gy,) = inputs
        return (backend.get_array_module(gy).where(self.y < 0, self.slope * gy, gy),)

    forward_gpu = forward_cpu

    def backward(self, indexes, grad_outputs):
        return LeakyReLUGrad(self.y, self.slope).apply(grad_outputs)
