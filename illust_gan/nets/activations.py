"""Activation functions as the originals computed them."""

import chainer.functions as F


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
        >>> x = chainer.Variable(np.array([-1, 0, 1], np.float32))
        >>> F.sum(leaky_relu(x)).backward()
        >>> leaky_relu(x).array.tolist(), x.grad.tolist()
        ([-0.20000000298023224, 0.0, 1.0], [0.20000000298023224, 1.0, 1.0])
    """
    return F.maximum(x, slope * x)
