"""Labels as channels beside those of a layer's input."""

import chainer.functions as F
import numpy as np
from chainer import backend, function_node


def one_hot(labels, n):
    """Turn labels into rows with a single 1.

    Args:
        labels (:ref:`ndarray`): Integers (N,), from 0 to n - 1; another one gives a row of zeros.
        n (int): How many labels there are.

    Returns:
        :ref:`ndarray`: float32 (N, n), where ``labels`` is.

    Example:
        >>> one_hot(np.array([2, 0]), 3).tolist()
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    xp = backend.get_array_module(labels)
    return (labels[:, None] == xp.arange(n, dtype=labels.dtype)).astype(np.float32)


def beside(h, y):
    """Put labels behind the channels of a layer's input, the same at each pixel.

    Mirza and Osindero, "Conditional Generative Adversarial Nets" (2014); carpedm20/
    DCGAN-tensorflow, ``ops.py``, ``conv_cond_concat``.

    Args:
        h (array or chainer.Variable): Float (N, C) or (N, C, H, W).
        y (array or chainer.Variable): Float (N, n).

    Returns:
        chainer.Variable: (N, C + n) or (N, C + n, H, W), of h's type.

    Example:
        >>> beside(np.zeros((2, 8, 4, 4), np.float32), np.eye(2, dtype=np.float32)).shape
        (2, 10, 4, 4)
    """
    return Beside().apply((h, y))[0]


class Beside(function_node.FunctionNode):
    """Function of :func:`beside`: F.concat of what F.broadcast_to makes of y, without the copy."""

    def forward(self, inputs):
        h, y = inputs
        self.n_channels = c = h.shape[1]
        out = _empty_like(h, c + y.shape[1])
        out[:, :c] = h
        out[:, c:] = y.reshape(*y.shape, *[1] * (h.ndim - 2))
        return (out,)

    def backward(self, indexes, grad_outputs):
        (g,) = grad_outputs
        gradients = []
        for i in indexes:
            if i == 0:
                gradients.append(g[:, : self.n_channels])
            else:
                gy = g[:, self.n_channels :]
                gradients.append(gy if gy.ndim == 2 else F.sum(gy, axis=(2, 3)))
        return gradients


def _empty_like(h, n_channels):
    """Return an array with other channels, in the order in memory that h has."""
    xp = backend.get_array_module(h)
    if h.ndim == 4 and h.transpose(0, 2, 3, 1).flags.c_contiguous:
        n, _, height, width = h.shape
        return xp.empty((n, height, width, n_channels), h.dtype).transpose(0, 3, 1, 2)
    return xp.empty((len(h), n_channels, *h.shape[2:]), h.dtype)
