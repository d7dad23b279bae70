import subprocess
import sys

import imagehash
import numpy as np
import pytest
from PIL import Image, ImageEnhance

from illust_gan.datasets import DatasetError, PackedDataset
from illust_gan.datasets.perceptual_hash import hamming_distance, phash

RANDOM = np.random.RandomState(0)


def reference(pixels):
    return [str(imagehash.phash(Image.fromarray(picture))) for picture in pixels]


def in_hex(hashes):
    return [f"{value:016x}" for value in hashes]


def smooth(n, height, width):
    small = RANDOM.randint(0, 256, (n, 6, 6, 3), np.uint8)
    big = [Image.fromarray(p).resize((width, height), Image.Resampling.BICUBIC) for p in small]
    return np.stack([np.asarray(picture) for picture in big])


def mirrored_half(pixels):
    half = pixels[:, :, : pixels.shape[2] // 2]
    return np.concatenate([half, half[:, :, ::-1]], axis=2)


@pytest.mark.parametrize(
    "pixels",
    [
        RANDOM.randint(0, 256, (300, 64, 64, 3), np.uint8),
        smooth(300, 64, 64),
        smooth(100, 50, 50),
        smooth(100, 40, 96),
        smooth(100, 5, 5),
        mirrored_half(smooth(100, 64, 64)),
        np.repeat(smooth(50, 64, 1), 64, axis=2),
        np.repeat(np.arange(0, 256, 5, np.uint8), 64 * 64 * 3).reshape(-1, 64, 64, 3),
    ],
    ids=["noise", "smooth", "50×50", "wide", "5×5", "mirrored", "stripes", "blank"],
)
def test_it_is_imagehashs_hash_to_the_bit(pixels):
    hashes = phash(pixels)
    assert hashes.dtype == np.uint64
    assert in_hex(hashes) == reference(pixels)


def test_it_is_imagehashs_hash_of_the_built_in_faces(avatars):
    pixels = PackedDataset(avatars).pixels
    assert in_hex(phash(pixels)) == reference(pixels)


def test_a_picture_has_the_same_hash_alone_and_among_others():
    pixels = smooth(20, 64, 64)
    alone = np.concatenate([phash(pixels[i : i + 1]) for i in range(20)])
    np.testing.assert_array_equal(alone, phash(pixels))


def test_brighter_and_smaller_is_near_and_another_picture_is_far(avatars):
    pixels = PackedDataset(avatars).pixels[:12]
    changed = np.stack(
        [
            np.asarray(ImageEnhance.Brightness(Image.fromarray(p)).enhance(0.9).resize((48, 48)))
            for p in pixels
        ]
    )
    distances = hamming_distance(phash(pixels)[:, None], phash(changed)[None])
    np.fill_diagonal(others := distances.copy(), 64)
    assert np.diag(distances).max() <= 4
    assert others.min() > 4


def test_hamming_distance_counts_bits_to_all_64():
    a = np.array([0, 0, 2**64 - 1, 5], np.uint64)
    b = np.array([2**64 - 1, 2**63, 2**64 - 1, 6], np.uint64)
    assert hamming_distance(a, b).tolist() == [64, 1, 0, 2]


@pytest.mark.parametrize(
    "pixels", [np.zeros((64, 64, 3), np.uint8), np.zeros((1, 64, 64, 3), np.float32)]
)
def test_pixels_of_another_kind(pixels):
    with pytest.raises(DatasetError, match=r"phash was given \w+ of shape .*; wanted uint8 of"):
        phash(pixels)


def test_worker_processes_need_not_load_chainer_for_it():
    code = (
        "import sys, illust_gan.datasets.perceptual_hash\n"
        "print({'chainer', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
