import hashlib
import json
import pickle
import re

import numpy as np
import pytest

from illust_gan.datasets import DatasetError, PackedDataset, write_packed


def identity(name):
    return hashlib.sha256(str(name).encode()).hexdigest()


def write_set(path, names, size=1):
    """Write a set with one picture for each name, which stands for a source file."""
    levels = [int(identity(name)[:6], 16) for name in names]
    pixels = [np.frombuffer(level.to_bytes(3, "big") * size**2, np.uint8) for level in levels]
    pictures = (p.reshape(size, size, 3) for p in pixels)
    dataset = write_packed(path, size, pictures, sources=[], settings={}, overwrite=True)
    rewrite_pictures(dataset, [{"file": f"{n}.png", "sha256": identity(n)} for n in names])
    return PackedDataset(dataset.path)


def rewrite_pictures(dataset, pictures):
    manifest = {**dataset.manifest, "pictures": pictures}
    dataset.path.with_suffix(".json").write_text(json.dumps(manifest))


def held_names(names, held):
    return {names[i] for i in held.indexes}


def test_both_sides_are_data_sets_in_the_order_of_the_whole(tmp_path):
    dataset = write_set(tmp_path / "faces", range(40), size=2)
    sides = dataset.split(held_out=0.3)
    indexes = np.concatenate([side.indexes for side in sides])
    assert sorted(indexes) == list(range(40))
    for side in sides:
        assert (np.diff(side.indexes) > 0).all()
        assert len(side) == len(side.indexes) > 4
        assert (side.path, side.size) == (dataset.path, 2)
        assert side.manifest is dataset.manifest
        pixels = dataset.pixels[side.indexes]
        np.testing.assert_array_equal(side.take(range(len(side))), pixels)
        np.testing.assert_array_equal(side.take([-1, 2, 2]), pixels[[-1, 2, 2]])
        np.testing.assert_array_equal(side[1], pixels[1])
        np.testing.assert_array_equal(side[1:4], pixels[1:4])
        for wrong in (len(side), -len(side) - 1):
            with pytest.raises(IndexError):
                side[wrong]
            with pytest.raises(IndexError):
                side.take([wrong])


def test_which_side_is_the_documented_rule(tmp_path):
    names = [f"drawing {i}" for i in range(100)]
    _, held = write_set(tmp_path / "faces", names).split(0.25)
    expected = {
        name
        for name in names
        if int(hashlib.sha256(identity(name).encode()).hexdigest()[:16], 16) / 2**64 < 0.25
    }
    assert held_names(names, held) == expected


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_the_share_is_met_as_chance_would_have_it(tmp_path, share):
    dataset = write_set(tmp_path / "faces", range(2000))
    _, held = dataset.split(share)
    # Chi-square over the sixteen first digits of the identity: a side that hung on them, or on
    # too few bits, would be far off. 39.3 is passed once in a thousand times.
    digits = np.array([int(p["sha256"][0], 16) for p in dataset.manifest["pictures"]])
    all_, chosen = (
        np.bincount(digits, minlength=16),
        np.bincount(digits[held.indexes], minlength=16),
    )
    chi_square = ((chosen - share * all_) ** 2 / (share * (1 - share) * all_)).sum()
    assert chi_square < 39.3
    assert abs(len(held) - 2000 * share) < 3.3 * np.sqrt(2000 * share * (1 - share))


def test_pictures_stay_on_their_side_when_others_come_and_go(tmp_path):
    few, more = list(range(100, 200)), list(range(150))
    _, held_few = write_set(tmp_path / "few", few).split(0.2)
    _, held_more = write_set(tmp_path / "more", more[::-1], size=2).split(0.2)
    both = set(few) & set(more)
    assert held_names(few, held_few) & both == held_names(more[::-1], held_more) & both
    assert held_names(few, held_few) & both


def test_a_greater_share_holds_out_the_same_pictures_and_more(tmp_path):
    dataset = write_set(tmp_path / "faces", range(300))
    small, large = (set(dataset.split(share)[1].indexes) for share in (0.1, 0.3))
    assert small < large


def test_all_faces_of_one_page_are_on_one_side(tmp_path):
    pages = [i // 10 for i in range(200)]
    train, held = write_set(tmp_path / "faces", pages).split(0.4)
    assert not held_names(pages, train) & held_names(pages, held)


def test_without_source_files_a_picture_is_known_by_its_pixels(tmp_path):
    pixels = np.random.RandomState(0).randint(0, 256, (60, 4, 4, 3), np.uint8)
    twice = np.concatenate([pixels[::-1], pixels])
    a = write_packed(tmp_path / "a", 4, pixels, sources=[], settings={}).split(0.4)
    b = write_packed(tmp_path / "b", 4, twice, sources=[], settings={}).split(0.4)
    for one, doubled in zip(a, b):
        assert sorted(map(bytes, doubled)) == sorted([*map(bytes, one)] * 2)


def test_a_pickle_of_one_side_holds_path_and_indexes(tmp_path, monkeypatch):
    train, _ = write_set(tmp_path / "faces", range(100)).split(0.2)
    pickled = pickle.dumps(train)
    assert len(pickled) < 8 * len(train) + 1000
    monkeypatch.chdir("/")
    copy = pickle.loads(pickled)
    np.testing.assert_array_equal(copy.take(range(len(copy))), train.take(range(len(train))))


@pytest.mark.parametrize("share", [0, 1, -0.1, 10, float("nan")])
def test_a_share_that_is_none(tmp_path, share):
    dataset = write_set(tmp_path / "faces", range(10))
    message = f"held_out is {share}; wanted a share of the pictures between 0 and 1, such as 0.1"
    with pytest.raises(DatasetError, match=re.escape(message)):
        dataset.split(share)


@pytest.mark.parametrize(
    ("share", "side"),
    [(1e-9, "left to train on;"), (1 - 1e-9, "held out, and none is left to train on;")],
)
def test_a_side_without_pictures(tmp_path, share, side):
    dataset = write_set(tmp_path / "faces", range(10))
    with pytest.raises(
        DatasetError, match=rf"of {share} held out, all 10 pictures of \S+ are {side} .*--held-out"
    ):
        dataset.split(share)


@pytest.mark.parametrize(
    ("pictures", "what"),
    [
        (None, "does not list 3 pictures"),
        ([], "does not list 3 pictures"),
        ([{"sha256": identity(0)}] * 4, "does not list 3 pictures"),
        ([{"sha256": identity(0)}] * 2 + [{}], "lacks the SHA-256 of some"),
        ([{"sha256": identity(0)}] * 2 + ["c.png"], "lacks the SHA-256 of some"),
        ([{"sha256": identity(0)}] * 2 + [{"sha256": 7}], "lacks the SHA-256 of some"),
        ([{"sha256": identity(0)}] * 2 + [{"sha256": "é" * 64}], "lacks the SHA-256 of some"),
    ],
)
def test_a_manifest_that_does_not_know_its_pictures(tmp_path, pictures, what):
    dataset = write_set(tmp_path / "faces", range(3))
    rewrite_pictures(dataset, pictures)
    with pytest.raises(DatasetError, match=rf'faces\.json {what} under "pictures": .* copy both'):
        PackedDataset(dataset.path).split(0.5)
