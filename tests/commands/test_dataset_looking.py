import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from illust_gan.commands.main import main
from illust_gan.datasets import PackedDataset, write_packed
from illust_gan.datasets.likeness import most_alike, most_unusual
from illust_gan.datasets.packed_files import FORMAT, FORMAT_VERSION
from illust_gan.generation.sheet import sheet


@pytest.fixture(autouse=True)
def _inside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def pixels(avatars):
    return PackedDataset(avatars).pixels


def drawn(path="out.png"):
    with Image.open(path) as image:
        assert image.format == "PNG"
        return np.array(image)


def test_show_draws_a_random_sample_that_depends_on_the_seed(avatars, pixels, capsys):
    assert main(["dataset", "show", str(avatars), "-o", "new/out.png", "--n", "9"]) == 0
    assert capsys.readouterr().out == "9 pictures at random (seed 0), 64×64, in new/out.png\n"
    chosen = np.random.RandomState(0).permutation(24)[:9]
    np.testing.assert_array_equal(drawn("new/out.png"), sheet(pixels[chosen]))
    arguments = ["--seed", "1", "--n", "9", "--columns", "3"]
    assert main(["dataset", "show", str(avatars), "-o", "out.png", *arguments]) == 0
    chosen = np.random.RandomState(1).permutation(24)[:9]
    np.testing.assert_array_equal(drawn(), sheet(pixels[chosen], columns=3))


def test_show_draws_the_first_and_never_more_than_there_are(avatars, pixels, capsys):
    assert main(["dataset", "show", str(avatars), "-o", "out.png", "--pick", "first"]) == 0
    assert capsys.readouterr().out == "the first 24 pictures, 64×64, in out.png\n"
    np.testing.assert_array_equal(drawn(), sheet(pixels))


def test_show_draws_pairs_side_by_side_and_names_the_first(avatars, pixels, capsys):
    arguments = ["--pick", "alike", "--n", "13", "--columns", "2"]
    assert main(["dataset", "show", str(avatars), "-o", "out.png", *arguments]) == 0
    pairs = most_alike(pixels, 6)
    indexes = [i for pair in pairs for i in pair[:2]]
    np.testing.assert_array_equal(drawn(), sheet(pixels[indexes], columns=2))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "the 6 most alike pairs, 64×64, in out.png"
    assert lines[1:6] == [
        f"  {pair.distance:5.1f}  picture {pair.first} and picture {pair.second}"
        + ", mirrored" * pair.mirrored
        for pair in pairs[:5]
    ]
    assert lines[6:] == ["  and 1 more"]


def test_show_draws_the_unusual_and_names_their_files(capsys):
    pixels = np.zeros((6, 8, 8, 3), np.uint8)
    pixels[4] = 90
    made = write_packed("a", 8, pixels, sources=[], settings={})
    pictures = [{"file": f"{i}\x1b[2J.png"} for i in range(6)]
    made.path.with_suffix(".json").write_text(json.dumps({**made.manifest, "pictures": pictures}))
    arguments = ["--pick", "unusual", "--n", "1"]
    assert main(["dataset", "show", "a", "-o", "out.png", *arguments]) == 0
    assert capsys.readouterr().out == (
        "the 1 most unusual picture, 8×8, in out.png\n   90.0  4\\x1b[2J.png\n"
    )
    assert (drawn() == 90).all()


def test_show_says_that_it_looked_at_a_sample(avatars, capsys, monkeypatch):
    monkeypatch.setattr("illust_gan.datasets.likeness.EXACT", 10)
    arguments = ["dataset", "show", str(avatars), "-o", "out.png", "--seed", "3", "--pick"]
    assert main([*arguments, "unusual"]) == 0
    sentence = "the 10 most unusual pictures among 10 at random (seed 3), 64×64, in out.png\n"
    assert capsys.readouterr().out.startswith(sentence)
    chosen = [picture.index for picture in most_unusual(PackedDataset(avatars).pixels, 64, seed=3)]
    np.testing.assert_array_equal(drawn(), sheet(PackedDataset(avatars).pixels[chosen]))
    assert main([*arguments, "alike", "--force"]) == 0
    assert " among 10 at random (seed 3), 64×64, in out.png" in capsys.readouterr().out


def test_show_replaces_a_sheet_only_by_force(avatars, capsys):
    Path("out.png").write_bytes(b"mine")
    arguments = ["dataset", "show", str(avatars), "-o", "out.png", "--n", "1"]
    assert main(arguments) == 2
    assert capsys.readouterr() == (
        "",
        "illust-gan: -o out.png exists already; give another name, or replace it with --force\n",
    )
    assert Path("out.png").read_bytes() == b"mine"
    assert main([*arguments, "--force"]) == 0
    assert drawn().shape == (64, 64, 3)


@pytest.mark.parametrize(
    ("arguments", "pattern"),
    [
        ("none -o x.png", "no data set none.npy; check the path"),
        ("{data} -o {data}", "avatars-64.npy is not a .png; give such a name"),
        ("{data} -o x.jpg", "-o x.jpg is not a .png"),
        ("{data}", "Missing option '-o' / '--out'"),
        ("{data} -o x.png --pick alike --columns 3", "--columns 3 parts the pairs of --pick"),
        ("{data} -o x.png --pick alike --n 1", "--n 1 in --columns 8 parts the pairs"),
        ("{data} -o x.png --pick prettiest", "'prettiest' is not one of 'random', 'first'"),
        ("{data} -o x.png --n 0", "Invalid value for '--n'"),
        ("{data} -o folder.png", "-o folder.png is a folder; give the name of a file in it"),
        ("{data} -o folder.png --force", "-o folder.png is a folder"),
    ],
)
def test_show_of_bad_input(avatars, tmp_path, capsys, arguments, pattern):
    (tmp_path / "folder.png").mkdir()
    before = avatars.read_bytes()
    assert main(["dataset", "show", *arguments.format(data=avatars).split()]) == 2
    err = capsys.readouterr().err
    assert pattern in err
    assert err.startswith("illust-gan: ")
    assert err.count("\n") == 1
    assert os.listdir() == ["folder.png"]
    assert avatars.read_bytes() == before


def test_show_refuses_a_sheet_that_would_not_fit_into_memory(capsys):
    shape = (24, 4096, 4096, 3)
    with open("a.npy", "wb") as f:
        header = {"descr": "|u1", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(f, header)
        # A hole in the file: it takes no room.
        f.truncate(f.tell() + math.prod(shape))
    manifest = {"format": FORMAT, "format_version": FORMAT_VERSION, "count": 24, "size": 4096}
    Path("a.json").write_text(json.dumps(manifest))
    assert main(["dataset", "show", "a", "-o", "x.png"]) == 2
    assert capsys.readouterr().err == (
        "illust-gan: --n 24 pictures of 4096×4096 make a sheet of 402 megapixels; wanted 400 at "
        "the most: give fewer\n"
    )


def test_show_of_a_single_picture(capsys):
    write_packed("a", 8, [np.zeros((8, 8, 3), np.uint8)], sources=[], settings={})
    assert main(["dataset", "show", "a", "-o", "x.png"]) == 0
    assert capsys.readouterr().out == "1 picture at random (seed 0), 8×8, in x.png\n"
    for pick in ("alike", "unusual"):
        assert main(["dataset", "show", "a", "-o", f"{pick}.png", "--pick", pick]) == 2
        assert "a single picture has none" in capsys.readouterr().err


def test_info_in_words(avatars, capsys):
    assert main(["dataset", "info", str(avatars)]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0] == str(avatars)
    assert lines[1] == "  pictures    24 of 64×64, 0.3 MB"
    assert {"  from        style lorelei, count 8", "              style adventurer, count 8"} <= {
        *lines
    }
    assert lines[-1] == f"  SHA-256     {PackedDataset(avatars).manifest['sha256']}"
    assert err == ""


def test_info_as_json(avatars, capsys):
    assert main(["dataset", "info", str(avatars), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["count"] == 24
    assert found["sha256"] == PackedDataset(avatars).manifest["sha256"]
    assert found["settings"]["made_by"] == "make_avatars"


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_info_of_a_hostile_manifest(options, capsys):
    hostile = {"\x1b[2J": "\x1b]0;\x07\ud800", "n": 10**4000}
    pixels = np.zeros((2, 8, 8, 3), np.uint8)
    made = write_packed("a", 8, pixels, sources=[hostile], settings=hostile, left_out=[hostile])
    assert main(["dataset", "info", "a", *options]) == 0
    assert capsys.readouterr().out.replace("\n", "").isprintable()
    manifest = {**made.manifest, "left_out": "\x1b[2J"}
    made.path.with_suffix(".json").write_text(json.dumps(manifest))
    assert main(["dataset", "info", "a", *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith('illust-gan: "left_out" in a.json is not a list; copy the manifest')
    assert err.count("\n") == 1


def test_check_of_an_unchanged_set(avatars, capsys):
    assert main(["dataset", "check", str(avatars)]) == 0
    sha256 = PackedDataset(avatars).manifest["sha256"]
    assert capsys.readouterr() == (
        f"avatars-64 matches its manifest: 24 pictures, SHA-256 {sha256}\n",
        "",
    )


def test_check_of_a_changed_set(capsys):
    made = write_packed("a", 8, [np.zeros((8, 8, 3), np.uint8)], sources=[], settings={})
    with open(made.path, "r+b") as f:
        f.seek(-1, os.SEEK_END)
        f.write(b"\x01")
    assert main(["dataset", "check", "a"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("illust-gan: a.npy does not match its manifest a.json: the SHA-256 of")
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["show", "info", "check"])
def test_help_shows_examples(capsys, command):
    assert main(["dataset", command, "--help"]) == 0
    assert f"  illust-gan dataset {command} data/faces-64" in capsys.readouterr().out
