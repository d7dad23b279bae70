"""Which pictures are in the set already, exactly or nearly."""

import array
import collections
import itertools

import numpy as np
from PIL import Image

NEAR = 6
"""Bits of 64 in which the perceptual hashes of two versions of a picture may differ.

Of 800 built-in faces of each of three styles, 144 pairs are as near as that, and all differ in
colour. Versions of one face in JPEG of quality 50, in 64 colours or from 40 pixels differ by 2 bits
at most, with 2 % cropped away by 4 to 6 in most cases.
"""

# Mean difference of 8×8 averages. The hash is blind to colour, and the same drawing with other
# hair is another face: of those 144 pairs the nearest is 9 levels apart. JPEG makes 1.4, the crop
# 4 to 5.
_LEVELS = 8


class Duplicates:
    """Remembers pictures by their hashes and finds the one that a new one repeats.

    Near ones are found by their perceptual hash, and confirmed by their colours. By the
    pigeonhole principle, two hashes that differ in ``near`` bits agree in at least one of
    ``near + 1`` bands of theirs: only pictures that share a band are compared (multi-index hashing:
    Norouzi, Punjani and Fleet, "Fast Search in Hamming Space with Multi-Index Hashing", 2012).

    Args:
        near (int or None): Bits in which near ones may differ, 0 to 16; None looks for exact
            ones only.
        square (callable): Index → pixels, uint8 of shape ``(size, size, 3)``.
    """

    def __init__(self, near, square):
        self._near = near
        self._square = square
        self._exact = {}
        self._hashes = array.array("Q")
        edges = np.linspace(0, 64, 1 if near is None else near + 2).astype(int).tolist()
        self._bands = [(low, (1 << (high - low)) - 1) for low, high in itertools.pairwise(edges)]
        self._buckets = collections.defaultdict(lambda: array.array("I"))

    def find(self, sha256, phash, pixels):
        """Find the first picture that this one repeats.

        Args:
            sha256 (str): Of its pixels, in hexadecimal digits.
            phash (int): Its perceptual hash, of 64 bits.
            pixels (numpy.ndarray): uint8 of shape ``(size, size, 3)``.

        Returns:
            tuple: ``"duplicate"`` or ``"near-duplicate"`` and the other's index, or None.
        """
        index = self._exact.get(_short(sha256))
        if index is not None:
            return "duplicate", index
        if self._near is None:
            return None
        buckets = [np.asarray(self._buckets[key]) for key in self._keys(phash)]
        sharing = np.unique(np.concatenate(buckets))
        distances = np.bitwise_count(np.asarray(self._hashes)[sharing] ^ np.uint64(phash))
        colours = None
        for index in sharing[distances <= self._near].tolist():
            colours = _averages(pixels) if colours is None else colours
            if np.abs(_averages(self._square(index)) - colours).mean() <= _LEVELS:
                return "near-duplicate", index
        return None

    def add(self, sha256, phash):
        """Remember the next picture of the set."""
        index = len(self._hashes)
        self._exact.setdefault(_short(sha256), index)
        self._hashes.append(phash)
        for key in self._keys(phash):
            self._buckets[key].append(index)

    def _keys(self, phash):
        return [(low, phash >> low & mask) for low, mask in self._bands]


def _short(sha256):
    # Half of the digest: a third of the memory, and still no two alike by chance.
    return int(sha256[:32], 16)


def _averages(pixels):
    return np.asarray(Image.fromarray(pixels).resize((8, 8), Image.Resampling.BOX)).astype(int)
