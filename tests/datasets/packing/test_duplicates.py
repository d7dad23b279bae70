import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from illust_gan.datasets import make_avatars
from illust_gan.datasets.packing.duplicates import Duplicates
from illust_gan.datasets.perceptual_hash import phash


class Memory:
    """Pictures, and the duplicates among them."""

    def __init__(self, near):
        self.pictures = []
        self.duplicates = Duplicates(near, lambda i: self.pictures[i])

    def find(self, pixels):
        return self.duplicates.find(*hashes(pixels), pixels)

    def add(self, pixels):
        self.duplicates.add(*hashes(pixels))
        self.pictures.append(pixels)


def hashes(pixels):
    return hashlib.sha256(pixels).hexdigest(), int(phash(pixels[None])[0])


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    return make_avatars(tmp_path_factory.mktemp("faces") / "faces", n=60, size=64).pixels


def in_jpeg(pixels, quality):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def test_the_same_pixels_are_found_whatever_else_there_is(faces):
    memory = Memory(None)
    for pixels in faces:
        assert memory.find(pixels) is None
        memory.add(pixels)
    assert [memory.find(pixels) for pixels in faces] == [("duplicate", i) for i in range(60)]


def test_versions_of_a_picture_are_found_and_different_faces_are_not(faces):
    memory = Memory(6)
    for pixels in faces:
        assert memory.find(pixels) is None
        memory.add(pixels)
    for i, pixels in enumerate(faces):
        assert memory.find(in_jpeg(pixels, 50)) == ("near-duplicate", i)


def test_other_colours_make_another_picture(faces):
    memory = Memory(16)
    memory.add(faces[0])
    # The same greys, and so the same hash, in other colours.
    grey = np.asarray(Image.fromarray(faces[0]).convert("L").convert("RGB"))
    assert phash(grey[None]) == phash(faces[:1])
    assert memory.find(grey) is None


def test_exact_is_exact(faces):
    memory = Memory(None)
    memory.add(faces[0])
    nearly = faces[0].copy()
    nearly[0, 0, 0] ^= 1
    assert memory.find(nearly) is None
    memory = Memory(0)
    memory.add(faces[0])
    assert memory.find(nearly) == ("near-duplicate", 0)


@pytest.mark.parametrize("near", [0, 1, 6, 16])
def test_every_hash_within_reach_is_found_and_none_beyond(near):
    rng = np.random.RandomState(near)
    grey = np.full((8, 8, 3), 128, np.uint8)
    duplicates = Duplicates(near, lambda i: grey)
    known = rng.randint(0, 2**63, 300, np.uint64)
    for i, value in enumerate(known):
        duplicates.add(f"{i:064x}", int(value))
    for trial in range(300):
        bits = rng.choice(64, rng.randint(0, near + 3), replace=False)
        value = int(known[trial]) ^ sum(1 << int(bit) for bit in bits)
        distances = np.bitwise_count(known ^ np.uint64(value))
        within = np.flatnonzero(distances <= near)
        wanted = ("near-duplicate", int(within[0])) if len(within) else None
        assert duplicates.find("f" * 64, value, grey) == wanted
