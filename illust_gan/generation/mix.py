"""Sums and differences of faces."""

import numpy as np
from PIL import Image

from illust_gan.generation.noise import add_noise, check_strength, draw_noise
from illust_gan.generation.pick import check_faces, pick_z
from illust_gan.generation.sample import draw
from illust_gan.generation.sheet import sheet


def mix(gen, a, b, c, *, seed=0, strength=0.25, noise_seed=0):
    """Draw face A - face B + face C and its neighbourhood.

    As the DCGAN paper does it (Radford, Metz and Chintala 2015, arXiv:1511.06434, section 6.3.2
    and figure 7): A, B and C are each the mean of several faces' z, since single ones gave
    unstable results; the result Y = A - B + C is drawn in the middle, and around it Y with noise
    uniform on ±0.25. What leaves [-1, 1] is clipped, which the paper does not tell of.

    Args:
        gen (chainer.Chain): A generator of :mod:`illust_gan.nets`, on any device.
        a, b, c (str or sequence of int): Numbers of faces, as :func:`illust_gan.generate` draws
            them from ``seed``; three each in the paper.
        seed (int): 0 to 2**32 - 1.
        strength (float): Of the noise around the result, at least 0.
        noise_seed (int): 0 to 2**32 - 1; another one draws other neighbours.

    Returns:
        numpy.ndarray: uint8 (12, H, W, C): the faces of the means A, B and C, and then nine with
        the result, number 7, in their middle. :func:`mix_sheet` lays them out.

    Raises:
        UserError: If one of them is no face, or the strength is negative or NaN.

    Example:
        >>> from illust_gan.nets import rezoolab
        >>> gen = rezoolab.Generator(rng=np.random.RandomState(0))
        >>> mix(gen, [3, 17, 42], [1, 5, 9], [2, 6, 30])[7].shape
        (64, 64, 3)
    """
    groups = [check_faces(faces, name) for name, faces in zip("abc", (a, b, c))]
    strength = check_strength(strength)
    means = np.stack(
        [pick_z(faces, gen.n_hidden, seed=seed).mean(axis=0, dtype=np.float32) for faces in groups]
    )
    result = np.clip(means[0] - means[1] + means[2], -1, 1)
    around = add_noise(result, draw_noise(8, gen.n_hidden, seed=noise_seed), strength)
    return draw(gen, np.concatenate([means, around[:4], result[None], around[4:]]))


def mix_sheet(faces):
    """Lay out what :func:`mix` draws: A, B and C in a row, and below a gap the square of nine.

    Args:
        faces (numpy.ndarray): uint8 (12, H, W, 3), or (12, H, W, 1) for greyscale.

    Returns:
        PIL.Image.Image: RGB, or L for greyscale.

    Example:
        >>> mix_sheet(np.zeros((12, 64, 64, 3), np.uint8)).size
        (192, 272)
    """
    means, square = sheet(faces[:3], columns=3), sheet(faces[3:], columns=3)
    below = means.height + means.height // 4
    picture = Image.new(means.mode, (means.width, below + square.height), "white")
    picture.paste(means, (0, 0))
    picture.paste(square, (0, below))
    return picture
