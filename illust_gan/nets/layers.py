"""A layer of the articles' nets: a link, normalised or not, and an activation function."""


def layer(x, link, norm=None, activation=None):
    """Apply a link, batch normalisation and an activation function.

    The two nets are made of nothing else. In one call, the three can be done in one pass where
    nobody looks between: by the CPU where faces are drawn, by a GPU always.

    Args:
        x (array or chainer.Variable): Input of the link.
        link (chainer.links.Linear, Convolution2D or Deconvolution2D): What comes first.
        norm (chainer.links.BatchNormalization): Of its output's channels; none if omitted.
        activation (callable): Function of a variable; none if omitted.

    Returns:
        chainer.Variable: activation(norm(link(x))).

    Example:
        >>> import chainer.functions as F, chainer.links as L, numpy as np
        >>> link, norm = L.Linear(2, 1, initialW=1), L.BatchNormalization(1)
        >>> layer(np.array([[1, 2], [3, 4]], np.float32), link, norm, F.relu).array.round(3)
        array([[0.],
               [1.]], dtype=float32)
    """
    h = link(x)
    if norm is not None:
        h = norm(h)
    return h if activation is None else activation(h)
