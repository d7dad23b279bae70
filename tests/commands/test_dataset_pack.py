import os
import sys

import pytest
from PIL import Image

from illust_gan.commands import dataset_pack
from illust_gan.commands.main import main
from illust_gan.datasets import PackedDataset
from illust_gan.datasets.fitting import FITS
from illust_gan.datasets.packing import duplicates, job
from tests.datasets.packing.drawings import drawing


@pytest.fixture(autouse=True)
def _inside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def scans(tmp_path):
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in range(3):
        drawing(number).save(folder / f"{number}.png")
    return folder


def test_it_says_what_it_made(capsys, scans):
    assert main(["dataset", "pack", "scans", "data/scans-32.npy", "--size", "32"]) == 0
    out, err = capsys.readouterr()
    assert out == (
        "3 pictures of 32×32 in data/scans-32.npy (0.0 MB), file names in data/scans-32.json\n"
    )
    assert err == ""
    assert PackedDataset("data/scans-32").size == 32


def test_it_counts_and_names_what_it_left_out(capsys, scans):
    for number in range(12):
        (scans / f"broken-{number}.png").write_text("not a picture")
    drawing(0).save(scans / "copy\x1b.png")
    assert main(["dataset", "pack", "scans", "a"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("3 pictures of 64×64")
    assert err == (
        "left out: 13, all named in a.json\n"
        "     12 format (of a kind that is not read): broken-0.png, broken-1.png, broken-2.png, …\n"
        "      1 duplicate (the same pixels as another): copy\\x1b.png\n"
    )


def test_a_set_is_replaced_only_by_force(capsys, scans):
    assert main(["dataset", "pack", "scans", "a"]) == 0
    assert main(["dataset", "pack", "scans", "a"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("illust-gan: a.npy exists already; give another name, or")
    assert "--force" in error
    assert main(["dataset", "pack", "scans", "a", "--force"]) == 0


def test_options_reach_the_set(scans):
    Image.new("RGBA", (40, 60)).save(scans / "clear.png")
    options = "--fit pad --background #102030 --min-size 41 --duplicates keep --near 3 --credit me"
    assert main(["dataset", "pack", "scans", "a", *options.split(), "--workers", "1"]) == 0
    manifest = PackedDataset("a").manifest
    assert manifest["left_out"][0]["word"] == "small"
    assert manifest["credits"] == [{"text": "me"}]
    settings = manifest["settings"]
    assert [settings[key] for key in ("fit", "background", "min_size", "duplicates", "near")] == [
        "pad",
        "#102030",
        41,
        "keep",
        3,
    ]


def test_choices_and_defaults_are_those_of_the_function():
    assert dataset_pack._FITS == FITS
    assert dataset_pack._DUPLICATES == job.DUPLICATES
    assert dataset_pack._NEAR == duplicates.NEAR


def test_a_detector_in_a_file_of_ones_own(capsys, scans, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", sys.path.copy())
    (tmp_path / "my_faces.py").write_text("def find(pixels):\n    return [(0, 0, 50, 50)]\n")
    options = ["--faces", "my_faces:find", "--face-margin", "0", "--min-face", "50"]
    assert main(["dataset", "pack", "scans", "a", *options, "--debug-boxes", "boxes"]) == 0
    assert [entry["box"] for entry in PackedDataset("a").manifest["pictures"]] == [
        [0, 0, 50, 50]
    ] * 3
    assert os.listdir("boxes") == ["boxes-0001.png"]


def test_a_report_is_written(capsys, scans):
    (scans / "broken.png").write_bytes(b"")
    assert main(["dataset", "pack", "scans", "a", "--report", "why/left-out.html"]) == 0
    assert "all shown in why/left-out.html" in capsys.readouterr().err
    with open("why/left-out.html", encoding="utf-8") as f:
        assert "broken.png" in f.read()


def test_no_pictures(capsys, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").touch()
    assert main(["dataset", "pack", "notes", "a"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("illust-gan: No picture found in notes: 1 other file (1 .txt); wanted")


def test_a_missing_source(capsys):
    assert main(["dataset", "pack", "none", "a"]) == 2
    assert capsys.readouterr().err.startswith("illust-gan: none does not exist; wanted a folder")


@pytest.mark.parametrize(
    ("option", "value", "named"),
    [
        ("--size", "0", "--size"),
        ("--background", "colourful", "--background"),
        ("--faces", "no.xml", "no.xml"),
        ("--report", "report.txt", "report.txt"),
        ("--debug-boxes", "boxes", "--faces"),
    ],
)
def test_wrong_options_are_one_sentence(capsys, scans, option, value, named):
    assert main(["dataset", "pack", "scans", "a", option, value]) == 2
    error = capsys.readouterr().err
    assert named in error
    assert error.count("\n") == 1
    assert not os.path.exists("a.npy")
