import hashlib
import json
import os

import numpy as np
import pytest

from illust_gan.datasets import DatasetError, PackedDataset, write_packed
from illust_gan.datasets.checking import check

PIXELS = np.random.RandomState(0).randint(0, 256, (10, 4, 4, 3), np.uint8)
PICTURES = [
    {"file": f"{i}.png", "pixels": hashlib.sha256(p.tobytes()).hexdigest()}
    for i, p in enumerate(PIXELS)
]


@pytest.fixture
def path(tmp_path):
    return write_packed(tmp_path / "faces", 4, PIXELS, sources=[], settings={}).path


def rewrite_manifest(path, **changes):
    manifest = path.with_suffix(".json")
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **changes}))


def change_byte(path, picture):
    with open(path, "r+b") as f:
        f.seek(os.path.getsize(path) - PIXELS.nbytes + picture * PIXELS[0].nbytes)
        f.write(bytes([PIXELS[picture].flat[0] ^ 1]))


@pytest.mark.parametrize("pictures", [None, PICTURES, [{}] * 10])
def test_an_unchanged_set_matches(path, pictures):
    rewrite_manifest(path, **({"pictures": pictures} if pictures else {}))
    assert check(PackedDataset(path)) == hashlib.sha256(PIXELS.tobytes()).hexdigest()


def test_a_changed_byte_is_found(path):
    change_byte(path, 9)
    with pytest.raises(
        DatasetError,
        match=r"faces\.npy does not match its manifest .*faces\.json: the SHA-256 of its pixels is "
        r"[0-9a-f]{64} and the manifest tells [0-9a-f]{64}; copy both files again or make",
    ):
        check(PackedDataset(path))


def test_the_first_pictures_that_differ_are_named(path):
    rewrite_manifest(path, pictures=PICTURES)
    change_byte(path, 2)
    with pytest.raises(DatasetError, match=r": of 10 pictures 1 differ, 2\.png; copy both"):
        check(PackedDataset(path))
    for picture in (3, 5, 6, 9):
        change_byte(path, picture)
    with pytest.raises(DatasetError, match=r"5 differ, 2\.png, 3\.png, 5\.png and 2 more; copy"):
        check(PackedDataset(path))


def test_a_changed_sum_is_found_though_every_picture_is_right(path):
    rewrite_manifest(path, pictures=PICTURES, sha256="0" * 64)
    with pytest.raises(DatasetError, match=f"the manifest tells {'0' * 64}; copy"):
        check(PackedDataset(path))


def test_names_that_were_exchanged_are_found(path):
    rewrite_manifest(path, pictures=[*PICTURES[:8], PICTURES[9], PICTURES[8]])
    with pytest.raises(DatasetError, match=r"2 differ, 9\.png, 8\.png; copy"):
        check(PackedDataset(path))


@pytest.mark.parametrize(
    ("pictures", "found"), [(PICTURES[:9], "9"), ([], "0"), ("\x1b[2J", "no list of"), ({}, "no")]
)
def test_a_manifest_that_names_more_or_fewer_pictures(path, pictures, found):
    rewrite_manifest(path, pictures=pictures)
    with pytest.raises(DatasetError, match=f"json names {found}.* pictures, but there are 10 in"):
        check(PackedDataset(path))


@pytest.mark.parametrize("value", [3, ["a"], {}, "\x1b[2J"])
def test_hashes_of_pictures_that_are_none(path, value):
    pictures = [dict(picture, file="\x1b[2J") for picture in PICTURES]
    pictures[4]["pixels"] = value
    rewrite_manifest(path, pictures=[*pictures[:9], "\x1b"])
    with pytest.raises(DatasetError, match=r"1 differ, \\x1b\[2J; copy"):
        check(PackedDataset(path))


@pytest.mark.parametrize("sha256", [None, 3, ["a"], "", "\x1b[2J", "A" * 64, "a" * 63])
def test_a_manifest_without_a_hash(path, sha256):
    rewrite_manifest(path, sha256=sha256)
    with pytest.raises(DatasetError, match=r"faces\.json tells no SHA-256 of the pixels"):
        check(PackedDataset(path))


@pytest.mark.parametrize("change", ["cut", "removed"])
def test_a_file_that_goes_away_under_the_reader(path, change):
    dataset = PackedDataset(path)
    if change == "cut":
        os.truncate(path, os.path.getsize(path) - 100)
    else:
        path.unlink()
    with pytest.raises(DatasetError, match=r"faces\.npy (does not match|cannot be read \(No such)"):
        check(dataset)


def test_the_bar_is_drawn_only_if_it_is_asked_for(path, capsys):
    check(PackedDataset(path))
    assert capsys.readouterr().err == ""
    check(PackedDataset(path), progress=True)
    assert "checking: 100%" in capsys.readouterr().err
