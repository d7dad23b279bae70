"""Layers of the generators that are more than one link."""

import chainer.functions as F


def normalized_relu(link, norm, x):
    """Apply a link, batch normalisation and ReLU.

    Where no graph is recorded and the statistics are fixed, as when faces are drawn, the fast paths
    do the three in one pass.

    Args:
        link (chainer.links.Linear or chainer.links.Deconvolution2D): What comes first.
        norm (chainer.links.BatchNormalization): Of its output's channels.
        x (array or chainer.Variable): Input of the link.

    Returns:
        chainer.Variable: max(0, norm(link(x))).

    Example:
        >>> import chainer.links as L, numpy as np
        >>> link, norm = L.Linear(2, 1, initialW=1), L.BatchNormalization(1)
        >>> normalized_relu(link, norm, np.array([[1, 2], [3, 4]], np.float32)).array.round(3)
        array([[0.],
               [1.]], dtype=float32)
    """
    return F.relu(norm(link(x)))
