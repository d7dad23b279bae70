"""Pictures that look the same have hashes that differ in few bits."""

import numpy as np
from PIL import Image

from illust_gan.datasets.errors import DatasetError

BITS = 64
_EDGE = 32
_FREQUENCIES = 8

# The first rows of the discrete cosine transform of type II; a factor common to all coefficients
# changes no bit of the hash.
_DCT = np.cos(np.pi / (2 * _EDGE) * np.outer(np.arange(_FREQUENCIES), 2 * np.arange(_EDGE) + 1))


def phash(pixels):
    """Hash pictures by their coarse light and dark, the DCT hash ("pHash").

    A picture becomes grey and 32×32 by Pillow's Lanczos filter. Of its discrete cosine transform
    the 8×8 lowest frequencies, the constant one among them, give a bit each, row by row from the
    highest bit on: whether the coefficient is greater than the median of all. Scaling, JPEG and
    changes of brightness turn few bits; another drawing turns about half of them. A picture of
    one colour has the hash 0 or, unless it is black, 2⁶³.

    The method is Zauner's (2010, *Implementation and Benchmarking of Perceptual Image Hash
    Functions*), in the convention of the Python package ``imagehash``: ``f"{value:016x}"`` is
    its ``str(phash(image))``. Coefficients that are equal by a picture's symmetry are equal here,
    where ``imagehash`` may let their rounding decide.

    Args:
        pixels (numpy.ndarray): uint8 of shape :math:`(N, H, W, 3)`.

    Returns:
        numpy.ndarray: uint64 of shape :math:`(N,)`.

    Raises:
        DatasetError: If the shape or dtype of ``pixels`` is another.

    >>> left_lit = np.zeros((1, 64, 64, 3), np.uint8)
    >>> left_lit[:, :, :32] = 255
    >>> [f"{value:016x}" for value in phash(left_lit)]
    ['c400000000000000']
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[3] != 3:
        raise DatasetError(
            f"phash was given {pixels.dtype} of shape {pixels.shape}; wanted uint8 of shape "
            "(N, H, W, 3): a single picture p goes in as p[None]"
        )
    hashes = np.empty(len(pixels), np.uint64)
    for i, picture in enumerate(pixels):
        hashes[i] = _hash(picture)
    return hashes


def hamming_distance(a, b):
    """Count the bits in which hashes differ, 0 to 64.

    Args:
        a (numpy.ndarray): uint64 of any shape.
        b (numpy.ndarray): uint64 of a shape that broadcasts with it.

    Returns:
        numpy.ndarray: uint8 of the common shape.

    >>> hamming_distance(np.array([[0], [3]], np.uint64), np.array([0, 1], np.uint64))
    array([[0, 1],
           [2, 1]], dtype=uint8)
    """
    return np.bitwise_count(np.bitwise_xor(a, b))


def _hash(picture):
    grey = Image.fromarray(picture).convert("L")
    grey = np.asarray(grey.resize((_EDGE, _EDGE), Image.Resampling.LANCZOS), np.float64)
    # Coefficients that are equal by symmetry differ in their last digits otherwise, and by the
    # machine: a mirrored half would make noise of half the hash.
    coefficients = (_DCT @ grey @ _DCT.T).round(6).reshape(-1)
    bits = np.packbits(coefficients > np.median(coefficients))
    return int.from_bytes(bits.tobytes(), "big")
