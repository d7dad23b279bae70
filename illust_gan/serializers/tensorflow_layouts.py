"""TensorFlow's variables, one by one: what shape each has, and where it goes in a Chainer net.

TensorFlow's pictures are (N, H, W, C), Chainer's (N, C, H, W). Weights are turned once, here, so
that the nets compute in Chainer's order throughout; where a picture meets a fully connected layer
that means another order of the layer's rows or columns, and of all that belongs to them.
"""

import dataclasses
import math
from collections.abc import Callable

import numpy as np


@dataclasses.dataclass(frozen=True)
class Variable:
    """One of TensorFlow's variables.

    Attributes:
        shape (tuple of int): Its shape there.
        path (str): The array of the Chainer net that it becomes, such as ``"conv1/W"``.
        turn (callable): Makes of it what Chainer's layout wants.
    """

    shape: tuple
    path: str
    turn: Callable = np.asarray


def convolution(scope, link, n_in, n_out, weights="w", bias="biases"):
    """Return the variables of a convolution of 5×5.

    Args:
        scope (str): TensorFlow's name of the layer.
        link (str): The net's name of it.
        n_in, n_out (int): Channels.
        weights, bias (str): What its variables are called in the scope; None for no bias.

    Returns:
        dict: Names → :class:`Variable`.
    """
    # (kh, kw, in, out) → (out, in, kh, kw)
    return _layer(scope, link, (5, 5, n_in, n_out), n_out, weights, bias, _reversed_channels)


def deconvolution(scope, link, n_in, n_out, weights="w", bias="biases"):
    """Return the variables of a transposed convolution of 5×5.

    Args:
        scope, link, n_in, n_out, weights, bias: As for :func:`convolution`.
    """
    # (kh, kw, out, in) → (in, out, kh, kw)
    return _layer(scope, link, (5, 5, n_out, n_in), n_out, weights, bias, _reversed_channels)


def dense(
    scope, link, n_in, n_out, weights="Matrix", bias="bias", *, picture_in=None, picture_out=None
):
    """Return the variables of a fully connected layer.

    Args:
        scope, link, weights, bias: As for :func:`convolution`.
        n_in, n_out (int): Its widths.
        picture_in, picture_out (tuple of int): (h, w, c), if a picture is the first of its input,
            or if its output becomes one.
    """

    def turn(W):
        if picture_in is not None:
            W = to_channels_first(W, picture_in)
        W = W.T
        return W if picture_out is None else to_channels_first(W, picture_out)

    def turn_bias(b):
        return b if picture_out is None else to_channels_first(b, picture_out)

    return _layer(scope, link, (n_in, n_out), n_out, weights, bias, turn, turn_bias)


def normalization(scope, link, size, *, gamma=True, picture=None):
    """Return the variables of a batch normalisation.

    Args:
        scope, link: As for :func:`convolution`.
        size (int): How many numbers each of them has.
        gamma (bool): Whether there is one.
        picture (tuple of int): (h, w, c), if every number of a picture is normalised by itself.
    """

    def turn(v):
        return v if picture is None else to_channels_first(v, picture)

    names = {"beta": "beta", "moving_mean": "avg_mean", "moving_variance": "avg_var"}
    if gamma:
        names["gamma"] = "gamma"
    return {
        f"{scope}/{name}": Variable((size,), f"{link}/{path}", turn) for name, path in names.items()
    }


def to_channels_first(array, picture):
    """Put what belongs to a picture's numbers from the order (h, w, c) into (c, h, w).

    Args:
        array (numpy.ndarray): (h·w·c + n, …); the last n rows belong to something else.
        picture (tuple of int): (h, w, c).

    Returns:
        numpy.ndarray: The same rows in the other order, the last n as they were.

    Example:
        >>> to_channels_first(np.arange(9), (2, 2, 2)).tolist()
        [0, 2, 4, 6, 1, 3, 5, 7, 8]
    """
    n, rest = math.prod(picture), array.shape[1:]
    first = array[:n].reshape(*picture, *rest)
    return np.concatenate([np.moveaxis(first, 2, 0).reshape(n, *rest), array[n:]])


def _reversed_channels(W):
    return W.transpose(3, 2, 0, 1)


def _layer(scope, link, shape, n_out, weights, bias, turn, turn_bias=np.asarray):
    variables = {f"{scope}/{weights}": Variable(shape, f"{link}/W", turn)}
    if bias is not None:
        variables[f"{scope}/{bias}"] = Variable((n_out,), f"{link}/b", turn_bias)
    return variables
