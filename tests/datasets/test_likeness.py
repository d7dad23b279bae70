import numpy as np
import pytest
from PIL import Image

from illust_gan.datasets import DatasetError, PackedDataset, likeness
from illust_gan.datasets.likeness import most_alike, most_unusual

RANDOM = np.random.RandomState(0)


def averages(pixels):
    """Colours on the grid of 8×8, rounded along and across as Pillow does."""
    grids = [Image.fromarray(p).resize((8, 8), Image.Resampling.BOX) for p in pixels]
    return np.stack([np.asarray(grid, np.float64) for grid in grids])


def all_distances(pixels):
    """The plain reference: every picture with every other and its mirror image."""
    small = averages(pixels)
    differences = [small[:, None] - small[None], small[:, None] - small[None, :, :, ::-1]]
    straight, mirrored = (np.sqrt((x**2).mean(axis=(2, 3, 4))) for x in differences)
    distances = np.minimum(straight, mirrored)
    np.fill_diagonal(distances, np.inf)
    return distances


@pytest.fixture
def faces(avatars):
    return np.array(PackedDataset(avatars).pixels)


def test_the_most_alike_are_those_of_the_plain_reference(faces):
    distances = all_distances(faces)
    expected = []
    for i in np.argsort(distances.min(axis=1), kind="stable"):
        couple = {i, distances[i].argmin()}
        if not couple & {x for pair in expected for x in pair}:
            expected.append(tuple(sorted(couple)))
    found = most_alike(faces, 100)
    assert [(pair.first, pair.second) for pair in found] == expected
    np.testing.assert_allclose(
        [pair.distance for pair in found], [distances[pair] for pair in expected], rtol=1e-12
    )
    assert most_alike(faces, 2) == found[:2]


def test_the_most_unusual_are_those_of_the_plain_reference(faces):
    mean = np.sort(all_distances(faces), axis=1)[:, :5].mean(axis=1)
    found = most_unusual(faces, 100)
    assert [picture.index for picture in found] == np.argsort(-mean, kind="stable").tolist()
    np.testing.assert_allclose([picture.distance for picture in found], -np.sort(-mean), rtol=1e-12)
    assert most_unusual(faces, 3) == found[:3]


def test_copies_are_found_mirrored_or_not(faces):
    mirrored, recompressed = faces[3, :, ::-1], Image.fromarray(faces[8])
    recompressed = np.asarray(recompressed.resize((48, 48)).resize((64, 64)))
    pixels = np.concatenate([faces, [mirrored, recompressed]])
    first, second = most_alike(pixels, 2)
    assert first == (3, 24, 0.0, True)
    assert second[:2] == (8, 25)
    assert 0 < second.distance < 3
    assert not second.mirrored


def test_a_picture_that_is_its_own_mirror_image_is_not_called_mirrored():
    pixels = np.full((2, 8, 8, 3), 9, np.uint8)
    assert most_alike(pixels, 1) == [(0, 1, 0.0, False)]


def test_many_copies_of_one_picture_are_one_pair(faces):
    pixels = np.concatenate([faces[:4], faces[2:3], faces[2:3], faces[2:3]])
    pairs = most_alike(pixels, 10)
    assert pairs[0] == (2, 4, 0.0, False)
    assert all(pair.distance > 0 for pair in pairs[1:])
    shown = [i for pair in pairs for i in pair[:2]]
    assert len(shown) == len(set(shown))


def test_a_stranger_is_unusual_even_if_it_is_there_twice(faces):
    stranger = np.zeros((1, 64, 64, 3), np.uint8)
    stranger[:, ::2] = 255, 0, 255
    pixels = np.concatenate([faces, stranger, stranger])
    assert {picture.index for picture in most_unusual(pixels, 2)} == {24, 25}


def test_distances_are_exact_at_both_ends_of_the_scale():
    black_and_white = np.zeros((2, 16, 16, 3), np.uint8)
    black_and_white[1] = 255
    assert most_alike(black_and_white, 5) == [(0, 1, 255.0, False)]
    assert [picture.distance for picture in most_unusual(black_and_white, 5)] == [255.0, 255.0]


@pytest.mark.parametrize("size", [1, 4, 11, 96])
def test_any_size_will_do(size):
    pixels = RANDOM.randint(0, 256, (6, size, size, 3), np.uint8)
    pixels[4] = pixels[1]
    assert most_alike(pixels, 1) == [(1, 4, 0.0, False)]


def test_more_pictures_than_are_compared_at_a_time(monkeypatch, faces):
    alike, unusual = most_alike(faces, 9), most_unusual(faces, 9)
    monkeypatch.setattr(likeness, "_ROWS", 5)
    assert most_alike(faces, 9) == alike
    assert most_unusual(faces, 9) == unusual


def test_of_a_large_set_a_sample_is_compared_the_same_for_the_same_seed(monkeypatch, faces):
    monkeypatch.setattr(likeness, "EXACT", 10)
    samples = [{picture.index for picture in most_unusual(faces, 24, seed=i)} for i in (0, 0, 1)]
    assert samples[0] == samples[1] != samples[2]
    assert len(samples[0]) == 10
    for pair in most_alike(faces, 24, seed=0):
        assert {pair.first, pair.second} <= samples[0]
        assert pair.distance == pytest.approx(all_distances(faces)[pair[:2]])


@pytest.mark.parametrize("find", [most_alike, most_unusual])
def test_a_single_picture_has_none_to_be_compared_with(find):
    with pytest.raises(DatasetError, match=r"a single picture has none .*; wanted 2 or more"):
        find(np.zeros((1, 8, 8, 3), np.uint8), 1)
