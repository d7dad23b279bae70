import json

import numpy as np
import pytest
from PIL import Image

from illust_gan.commands import dataset_pack
from illust_gan.commands.main import main
from illust_gan.datasets import PackedDataset
from illust_gan.datasets.likeness import most_alike, most_unusual
from illust_gan.datasets.packing.folder_labels import LABELS
from illust_gan.generation.sheet import sheet
from tests.datasets.packing.drawings import drawing


@pytest.fixture(autouse=True)
def _inside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def pets(tmp_path):
    for seed in range(8):
        folder = tmp_path / "pets" / ("cat" if seed % 4 else "dog")
        folder.mkdir(parents=True, exist_ok=True)
        drawing(seed).save(folder / f"{seed}.png")
    drawing(1).save(tmp_path / "pets" / "dog" / "copy.png")


@pytest.fixture
def dataset(pets, capsys):
    assert main(["dataset", "pack", "pets", "a", "--labels", "folder"]) == 0
    capsys.readouterr()
    return PackedDataset("a")


def drawn(path="out.png"):
    with Image.open(path) as image:
        return np.array(image)


def test_choices_are_those_of_the_function():
    assert dataset_pack._LABELS == LABELS


def test_pack_counts_them(pets, capsys):
    assert main(["dataset", "pack", "pets", "a", "--labels", "folder"]) == 0
    out, err = capsys.readouterr()
    assert out.endswith("file names in a.json\n2 labels: cat 6, dog 2\n")
    assert err.endswith(
        "1 duplicate with another label than the picture that is kept, whose label stays\n"
    )
    assert PackedDataset("a").label_names == ("cat", "dog")


def test_pack_names_the_first_of_many(capsys, tmp_path):
    for seed in range(12):
        (tmp_path / "s" / str(seed)).mkdir(parents=True)
        drawing(seed).save(tmp_path / "s" / str(seed) / "a.png")
    assert main(["dataset", "pack", "s", "a", "--labels", "folder", "--size", "32"]) == 0
    counted = ", ".join(f"{i} 1" for i in range(10))
    assert capsys.readouterr().out.splitlines()[-1] == (
        f"12 labels: {counted}, … (all by `illust-gan dataset info a.npy`)"
    )


def test_pack_of_a_single_label_is_one_sentence(capsys, pets, tmp_path):
    before = sorted(tmp_path.iterdir())
    assert main(["dataset", "pack", "pets/dog", "a", "--labels", "folder"]) == 2
    assert capsys.readouterr().err == (
        "illust-gan: no label for the 3 pictures of pets/dog: none lies in a folder inside it; "
        "sort the pictures into two folders or more, or leave --labels away (in Python, "
        'labels="none")\n'
    )
    assert sorted(tmp_path.iterdir()) == before


def test_info_counts_them(dataset, capsys):
    assert main(["dataset", "info", "a"]) == 0
    assert (
        "  labels      2; left out for a like with another: 1 duplicate\n"
        "                6  cat\n"
        "                2  dog\n"
    ) in capsys.readouterr().out
    assert main(["dataset", "info", "a", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["labels"] == {"counts": {"cat": 6, "dog": 2}, "duplicates": 1}


def test_check_tells_how_many_and_finds_a_change(dataset, capsys):
    assert main(["dataset", "check", "a"]) == 0
    assert capsys.readouterr().out.startswith("a matches its manifest: 8 pictures, 2 labels, SHA")
    manifest = dataset.path.with_suffix(".json")
    manifest.write_text(manifest.read_text().replace('"dog"', '"fox"'))
    assert main(["dataset", "check", "a"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("illust-gan: the labels in a.json are not those that were packed: their")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("pick", "what"),
    [("first", "the first 3 pictures"), ("random", "3 pictures at random (seed 0)")],
)
def test_show_draws_one_label(dataset, capsys, pick, what):
    arguments = ["-o", "out.png", "--label", "cat", "--n", "3", "--pick", pick]
    assert main(["dataset", "show", "a", *arguments]) == 0
    assert capsys.readouterr().out == f"{what}, label cat, 64×64, in out.png\n"
    cats = np.flatnonzero(dataset.labels == 0)
    order = np.arange(6) if pick == "first" else np.random.RandomState(0).permutation(6)
    np.testing.assert_array_equal(drawn(), sheet(dataset.pixels[cats[order[:3]]]))


def test_show_draws_no_more_than_a_label_has(dataset, capsys):
    arguments = ["-o", "out.png", "--label", "dog", "--pick", "first"]
    assert main(["dataset", "show", "a", *arguments]) == 0
    assert capsys.readouterr().out == "the first 2 pictures, label dog, 64×64, in out.png\n"


def test_show_compares_pictures_of_the_label_with_each_other(dataset, capsys):
    cats = np.flatnonzero(dataset.labels == 0)
    files = [entry["file"] for entry in dataset.manifest["pictures"]]
    arguments = ["dataset", "show", "a", "--label", "cat", "--force", "-o", "out.png", "--n", "2"]
    assert main([*arguments, "--pick", "alike"]) == 0
    (pair,) = most_alike(dataset.pixels[cats], 1)
    assert f"{files[cats[pair.first]]} and {files[cats[pair.second]]}" in capsys.readouterr().out
    np.testing.assert_array_equal(drawn(), sheet(dataset.pixels[cats[[*pair[:2]]]]))
    assert main([*arguments, "--pick", "unusual"]) == 0
    found = [cats[one.index] for one in most_unusual(dataset.pixels[cats], 2)]
    assert all(files[i] in capsys.readouterr().out for i in found[:1])
    np.testing.assert_array_equal(drawn(), sheet(dataset.pixels[found]))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cats\x1b", "illust-gan: a.npy has no label cats\\x1b; wanted one of cat, dog\n"),
        ("", "illust-gan: a.npy has no label ; wanted one of cat, dog\n"),
    ],
)
def test_show_of_a_label_that_is_not_there(dataset, capsys, tmp_path, name, message):
    assert main(["dataset", "show", "a", "-o", "new/out.png", "--label", name]) == 2
    assert capsys.readouterr() == ("", message)
    assert not (tmp_path / "new").exists()


def test_show_of_a_label_of_a_set_without(avatars, capsys, tmp_path):
    assert main(["dataset", "show", str(avatars), "-o", "out.png", "--label", "cat"]) == 2
    assert capsys.readouterr().err == (
        f"illust-gan: {avatars} has no labels; leave --label away, or pack the pictures with "
        "`illust-gan dataset pack --labels folder`\n"
    )
    assert not (tmp_path / "out.png").exists()
