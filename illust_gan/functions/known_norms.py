"""Which batch normalisations a layer's fast paths know.

They do the work of the link's ``forward`` themselves. Of a subclass, nobody knows what its own
``forward`` does, so each that is known is told here.
"""

import chainer.links as L

WHERE = "illust_gan.nets.sugyan"
WHAT = "layers with a batch normalisation that counts its minibatches"

_COUNTING = set()


def mend(module):
    """Let the layers' fast paths know the net's batch normalisation."""
    _COUNTING.add(module.Normalization)


def is_known(norm):
    """Return whether a link is a batch normalisation of a known kind.

    Args:
        norm (chainer.Link): Any.

    Returns:
        bool: True for :class:`chainer.links.BatchNormalization` itself and for those that count.
    """
    return type(norm) is L.BatchNormalization or counts(norm)


def counts(norm):
    """Return whether a link's averages decay by how many minibatches it has seen.

    Args:
        norm (chainer.Link): Any.

    Returns:
        bool: Whether its ``N`` is an array of that number, t, and its decay in training is
        (1 + t) / (10 + t) until that comes to ``decay``.
    """
    return type(norm) in _COUNTING
