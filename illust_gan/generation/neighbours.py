"""A face and its neighbourhood."""

import operator

import numpy as np

from illust_gan.errors import UserError
from illust_gan.generation.noise import add_noise, check_strength, draw_noise
from illust_gan.generation.pick import check_face, pick_z
from illust_gan.generation.sample import draw


def neighbours(
    gen, face=0, *, seed=0, rows=8, columns=8, strength=1.0, noise_seed=0, progress=False
):
    """Draw a face and its neighbours: every row goes from it in a direction of its own.

    The first in each row is the face itself. Along the row the same noise, uniform on [-1, 1], is
    added to its z with a strength that rises evenly from 0 to ``strength``; what leaves [-1, 1]
    is clipped. Noise of strength 1 is as long as z itself; the DCGAN paper adds ±0.25 to show a
    neighbourhood (Radford, Metz and Chintala 2015, arXiv:1511.06434, section 6.3.2).

    Args:
        gen (chainer.Chain): A generator of :mod:`illust_gan.nets`, on any device.
        face (int): Its number, as :func:`illust_gan.generate` draws it from ``seed``.
        seed (int): 0 to 2**32 - 1.
        rows, columns (int): Of the sheet; two columns at least. More rows only add to the first.
        strength (float): Of the noise at the end of a row, at least 0.
        noise_seed (int): 0 to 2**32 - 1; another one goes in other directions.
        progress (bool): Show a bar and the time that remains, if it takes more than a second.

    Returns:
        numpy.ndarray: uint8 (rows · columns, H, W, C), row by row, for
        ``illust_gan.sheet(…, columns=columns)``.

    Raises:
        UserError: If ``face`` is no face, the strength negative or NaN, or there are too few rows
            or columns.

    Example:
        >>> from illust_gan.nets import rezoolab
        >>> gen = rezoolab.Generator(rng=np.random.RandomState(0))
        >>> neighbours(gen, 42, rows=2, columns=4).shape
        (8, 64, 64, 3)
    """
    face = check_face(face)
    strength = check_strength(strength)
    for name, count, least in (("rows", rows, 1), ("columns", columns, 2)):
        if operator.index(count) < least:
            raise UserError(f"{name} is {count}; wanted {least} or more")
    z = pick_z([face], gen.n_hidden, seed=seed)
    noise = draw_noise(rows, gen.n_hidden, seed=noise_seed)
    strengths = np.linspace(0, strength, columns)[:, None]
    z = add_noise(z, noise[:, None], strengths)  # (rows, columns, n_hidden)
    return draw(gen, z.reshape(rows * columns, gen.n_hidden), progress=progress)
