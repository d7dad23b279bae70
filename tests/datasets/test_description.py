import json
import os

import numpy as np
import pytest

from illust_gan.datasets import DatasetError, PackedDataset, write_packed
from illust_gan.datasets.description import describe, in_words
from illust_gan.datasets.manifest import picture_name

PIXELS = np.random.RandomState(0).randint(0, 256, (10, 4, 4, 3), np.uint8)
LEFT_OUT = [
    {"file": "e.png", "word": "near-duplicate", "reason": "like a.png", "like": "a.png"},
    {"file": "b.png", "word": "damaged", "reason": "it is truncated"},
    {"file": "c.png", "word": "duplicate", "reason": "same as a.png", "like": "a.png"},
    {"file": "d.png", "word": "damaged", "reason": "it is truncated"},
]


@pytest.fixture
def path(tmp_path):
    return write_packed(
        tmp_path / "faces",
        4,
        PIXELS,
        sources=[{"folder": "drawings", "found": 5120}],
        settings={"made_by": "pack", "size": 4},
        left_out=LEFT_OUT,
    ).path


def opened(path, **changes):
    manifest = path.with_suffix(".json")
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **changes}))
    return PackedDataset(path)


def words(dataset):
    return [f"{label}|{text}" for label, text in in_words(describe(dataset))]


def test_all_of_it_as_numbers(path):
    pictures = [{"file": f"{i // 3}.png", "box": [0, 0, 4, 4]} for i in range(10)]
    found = describe(opened(path, pictures=pictures))
    assert json.loads(json.dumps(found)) == found
    flat = PIXELS.reshape(-1, 3).astype(np.float64)
    np.testing.assert_allclose(found.pop("mean"), flat.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(found.pop("std"), flat.std(axis=0), rtol=1e-14)
    assert len(found.pop("sha256")) == 64
    assert found == {
        "name": "faces",
        "count": 10,
        "size": 4,
        "bytes": os.path.getsize(path),
        "sources": [{"folder": "drawings", "found": 5120}],
        "duplicates": {"exact": 1, "near": 1},
        "faces": {"count": 10, "pictures": 4},
        "left_out": {"damaged": 2, "duplicate": 1, "near-duplicate": 1},
        "credits": [],
        "settings": {"made_by": "pack", "size": 4},
    }


def test_all_of_it_in_words(path):
    pictures = [{"file": "a.png", "box": [0, 0, 4, 4]}] * 10
    credits = [{"title": "Manga", "author": "Hokusai", "license": "CC0 1.0", "text": "long"}]
    lines = words(opened(path, pictures=pictures, credits=credits))
    assert lines[1].startswith("colours|red 1")
    assert lines[-1].startswith("SHA-256|")
    assert [*lines[:1], *lines[2:-1]] == [
        "pictures|10 of 4×4, 0.0 MB",
        "from|folder drawings, found 5,120",
        "duplicates|1 exact and 1 near ones left out",
        "faces|10 cropped from 1 picture",
        "left out|4 pictures",
        "|  2  damaged         truncated or broken",
        "|  1  duplicate       the same pixels as another",
        "|  1  near-duplicate  nearly the same as another",
        "credits|Manga by Hokusai, CC0 1.0",
        "settings|made_by pack, size 4",
    ]


def test_a_credit_of_ones_own_words_is_shown_whole(path):
    text = "Drawn by the pupils of class 3b, " + "and their teachers " * 8 + "\x1b"
    lines = in_words(describe(opened(path, credits=[{"text": text}])))
    first = [label for label, _ in lines].index("credits")
    shown = " ".join(part for _, part in lines[first : first + 4])
    assert shown.startswith("Drawn by the pupils")
    assert shown.count("teachers") == 8
    assert "\\x1b" in shown


def test_a_set_of_built_in_faces(avatars):
    lines = words(PackedDataset(avatars))
    assert "from|style lorelei, count 8" in lines
    assert "duplicates|not looked for" in lines
    assert "left out|none" in lines
    assert "credits|Lorelei by Lisa Wischofsky, CC0 1.0" in lines
    assert not any(line.startswith("faces|") for line in lines)
    assert max(map(len, lines)) <= len("SHA-256|") + 64


def test_reasons_from_before_there_were_words(path):
    left_out = [{"file": "a.png", "reason": "it is broken"}, {"file": "b.png", "word": "tired"}]
    dataset = opened(path, left_out=left_out)
    assert describe(dataset)["left_out"] == {"other": 1, "tired": 1}
    assert "|  1  tired" in words(dataset)


def test_mean_and_deviation_of_extremes_are_exact(tmp_path):
    # More rows of white than the squares of which a 32-bit sum could hold.
    white = np.full((1, 1, 3), 255, np.uint8)
    pixels = (white for _ in range(70_000))
    found = describe(write_packed(tmp_path / "white", 1, pixels, sources=[], settings={}))
    assert found["mean"] == [255.0] * 3
    assert found["std"] == [0.0] * 3


def test_the_bar_is_drawn_only_if_it_is_asked_for(path, capsys):
    describe(PackedDataset(path))
    assert capsys.readouterr().err == ""
    describe(PackedDataset(path), progress=True)
    assert "reading: 100%" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("left_out", "none", "a list"),
        ("left_out", {"word": "damaged"}, "a list"),
        ("sources", None, "a list"),
        ("credits", 3, "a list"),
        ("pictures", "\x1b[2J", "a list"),
        ("settings", [], "a table"),
        ("sha256", ["a"] * 1000, "text"),
    ],
)
def test_a_manifest_with_other_things_than_are_wanted(path, key, value, wanted):
    with pytest.raises(DatasetError, match=f'"{key}" in .*json is not {wanted}; copy the') as e:
        describe(opened(path, **{key: value}))
    assert str(e.value).isprintable()
    assert len(str(e.value)) < 400


@pytest.mark.parametrize("nested", ["[" * 900 + "]" * 900, '{"a":' * 900 + "1" + "}" * 900])
def test_a_manifest_nested_without_end(path, nested):
    text = path.with_suffix(".json").read_text()
    path.with_suffix(".json").write_text(text.replace('"size": 4\n', f'"size": {nested}\n'))
    with pytest.raises(DatasetError, match=r"json is nested too deeply; copy the manifest again"):
        describe(PackedDataset(path))


HOSTILE = ["\x1b[2J\n\u202e", "\ud800", 10**4000, -1, float("nan"), None, True, [], {"\x07": "\r"}]


@pytest.mark.parametrize("value", [*HOSTILE, HOSTILE], ids=range(len(HOSTILE) + 1))
def test_whatever_stands_in_a_manifest_is_shown_without_control_codes(path, value):
    keys = ("file", "word", "reason", "like", "box", "title", "author", "license", "folder")
    entries = [value, dict.fromkeys(keys, value), {"\x1b]0;": value}]
    dataset = opened(
        path,
        left_out=entries,
        pictures=entries,
        sources=entries,
        credits=entries,
        settings={"\x1b[31m": value},
        sha256="\x1b[2J" * 1000,
    )
    lines = words(dataset)
    assert all(line.isprintable() and len(line) < 1000 for line in lines)
    assert sum(describe(dataset)["left_out"].values()) == 3
    assert all(picture_name(dataset.manifest, i).isprintable() for i in range(10))
