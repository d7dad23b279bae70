"""Directions without what they have in common with others."""

import numpy as np

from illust_gan.errors import UserError
from illust_gan.generation.directions import check_directions
from illust_gan.generation.unsupervised import as_directions

# Of a vector's length, what has to be left of it to be more than rounding.
_LEAST = 1e-3


def apart_from(gen, directions, others):
    """Take out of directions what they have in common with others.

    If faces with fair skin have their mouths open more often, a direction to open mouths makes the
    skin fair too. Of each vector its part in the span of the others is taken away. Shen, Gu, Tang
    and Zhou 2020, «Interpreting the Latent Space of GANs for Semantic Face Editing», section 3.2,
    conditional manipulation (arXiv:1907.10786).

    Args:
        gen (chainer.Chain): The generator that they were found for, on any device.
        directions (Directions): K of them.
        others (Directions): What is to stay as it is.

    Returns:
        Directions: The same names; at right angles to all others.

    Raises:
        UserError: If they were found for another generator, or nothing of a direction is left.

    Example:
        >>> from illust_gan.nets import rezoolab
        >>> gen = rezoolab.Generator(3, rng=np.random.RandomState(0))
        >>> skin = as_directions(gen, ["fair skin"], np.array([[0, 1, 0]]), "by hand")
        >>> mouth = as_directions(gen, ["open mouth"], np.array([[4, 3, 0]]), "by hand")
        >>> apart_from(gen, mouth, skin).vectors.tolist()
        [[1.0, 0.0, 0.0]]
    """
    for given in (directions, others):
        check_directions(given, gen)
    span, _ = np.linalg.qr(others.vectors.T.astype(float))
    vectors = directions.vectors - (directions.vectors @ span) @ span.T
    gone = np.flatnonzero(np.linalg.norm(vectors, axis=1) < _LEAST)
    if len(gone):
        raise UserError(
            f"nothing is left of {directions.names[gone[0]]} without what it has in common with "
            f"{', '.join(others.names[:20])}; leave some of these away"
        )
    method = f"{directions.method}, apart from {', '.join(others.names)}"
    return as_directions(gen, directions.names, vectors, method)
