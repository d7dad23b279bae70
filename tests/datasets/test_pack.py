import numpy as np
import pytest
from PIL import Image

import illust_gan
from illust_gan.datasets import DatasetError, pack_pictures


@pytest.fixture
def scans(tmp_path):
    folder = tmp_path / "scans"
    (folder / "more").mkdir(parents=True)
    for level, name in [(10, "2.png"), (20, "10.png"), (30, "more/1.bmp")]:
        Image.new("L", (40, 30), level).save(folder / name)
    return folder


def test_a_folder_becomes_a_set_in_natural_order(scans, tmp_path):
    dataset = pack_pictures(scans, tmp_path / "sets" / "scans-16", 16)
    assert dataset.path == tmp_path / "sets" / "scans-16.npy"
    assert dataset.pixels.shape == (3, 16, 16, 3)
    assert [picture[0, 0, 0] for picture in dataset] == [10, 20, 30]
    assert dataset.manifest["sources"] == [
        {"folder": "scans", "files": ["2.png", "10.png", "more/1.bmp"]}
    ]
    assert dataset.manifest["left_out"] == []
    assert dataset.manifest["settings"]["size"] == 16


def test_what_cannot_be_read_is_left_out_and_named(scans, tmp_path):
    (scans / "3.png").write_text("not a picture")
    whole = (scans / "10.png").read_bytes()
    (scans / "10.png").write_bytes(whole[:60])
    dataset = pack_pictures(scans, tmp_path / "packed", 16)
    assert [picture[0, 0, 0] for picture in dataset] == [10, 30]
    assert dataset.manifest["sources"][0]["files"] == ["2.png", "more/1.bmp"]
    assert [picture["file"] for picture in dataset.manifest["left_out"]] == ["3.png", "10.png"]
    assert dataset.manifest["left_out"][0]["reason"].startswith("it is no PNG")


def test_the_same_folder_gives_the_same_bytes(scans, tmp_path):
    names = ["here/a.npy", "there/a.npy"]
    first, second = (pack_pictures(scans, tmp_path / name, 16).path for name in names)
    assert first.read_bytes() == second.read_bytes()
    assert first.with_suffix(".json").read_bytes() == second.with_suffix(".json").read_bytes()


def test_nothing_readable_is_an_error_and_leaves_nothing(tmp_path):
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.png").write_text("not a picture")
    with pytest.raises(
        DatasetError,
        match=r"No picture in \S+/ can be read: 5 tried \(0\.png: it is no PNG.*; and 2 more\)",
    ):
        pack_pictures(folder, tmp_path / "packed", 16)
    assert list(tmp_path.iterdir()) == [folder]


def test_a_missing_folder_makes_nothing(tmp_path):
    with pytest.raises(DatasetError, match="does not exist; wanted a folder of pictures"):
        pack_pictures(tmp_path / "none", tmp_path / "sets" / "packed", 16)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("progress", [True, False])
def test_progress_is_on_stderr_and_only_when_wanted(scans, tmp_path, capsys, progress):
    pack_pictures(scans, tmp_path / "packed", 16, progress=progress)
    out, err = capsys.readouterr()
    assert out == ""
    assert ("3/3" in err) == progress


def test_it_is_a_public_name(scans, tmp_path):
    assert illust_gan.pack_pictures is pack_pictures
    illust_gan.pack_pictures(scans, tmp_path / "a", 8)
    with pytest.raises(DatasetError, match="exists already"):
        illust_gan.pack_pictures(scans, tmp_path / "a", 8)
    again = illust_gan.pack_pictures(scans, tmp_path / "a", 16, overwrite=True)
    assert np.asarray(again.pixels).shape == (3, 16, 16, 3)
