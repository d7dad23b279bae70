import os

import pytest

from illust_gan.datasets import DatasetError
from illust_gan.datasets.folder import PictureFolder


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_order_is_natural_and_whatever_the_disk_says(tmp_path):
    names = ["b/1.png", "b/2.png", "b/10.png", "b2/1.gif", "b10/1.WebP", "1.png", "01.png"]
    touch(tmp_path, *names)
    wanted = ["01.png", "1.png", "b/1.png", "b/2.png", "b/10.png", "b2/1.gif", "b10/1.WebP"]
    assert PictureFolder(tmp_path).pictures == wanted


def test_every_ending_is_found_in_any_case(tmp_path):
    names = ["a.png", "b.JPG", "c.jpeg", "d.webp", "e.gif", "f.bmp", "g.tif", "h.TIFF"]
    touch(tmp_path, *names, "notes.txt", "no-ending", "page.png.html")
    assert PictureFolder(tmp_path).pictures == names


def test_hidden_files_and_folders_are_passed_over(tmp_path):
    touch(tmp_path, "a.png", ".b.png", ".trash/c.png", "d/._e.png")
    assert PictureFolder(tmp_path).pictures == ["a.png"]


def test_links_are_passed_over(tmp_path):
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    touch(tmp_path, "folder/a.png", "outside/b.png")
    (folder / "again.png").symlink_to(folder / "a.png")
    (folder / "b.png").symlink_to(outside / "b.png")
    (folder / "broken.png").symlink_to(outside / "gone.png")
    (folder / "more").symlink_to(outside)
    (folder / "circle").symlink_to(folder)
    assert PictureFolder(folder).pictures == ["a.png"]


def test_the_folder_itself_may_be_a_link(tmp_path):
    touch(tmp_path, "folder/a.png")
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    source = PictureFolder(tmp_path / "link")
    assert source.pictures == ["a.png"]
    assert source.name == "folder"


def test_a_folder_that_cannot_be_listed_is_named(tmp_path, monkeypatch):
    touch(tmp_path, "a.png", "private/b.png")
    scandir = os.scandir

    def refuse(path):
        if os.fspath(path).endswith("private"):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    source = PictureFolder(tmp_path)
    assert source.pictures == ["a.png"]
    assert source.unreadable == [{"file": "private", "reason": "Permission denied"}]
    (tmp_path / "a.png").unlink()
    with pytest.raises(DatasetError, match=r"0 files seen \(private: Permission denied\)"):
        PictureFolder(tmp_path)


def test_no_picture_among_other_files(tmp_path):
    touch(tmp_path, *(f"{i}.txt" for i in range(7)), *(f"x/{i}.PSD" for i in range(4)), "README")
    with pytest.raises(
        DatasetError,
        match=r"No picture found in \S+/: 12 files seen \(7 \.txt, 4 \.psd, 1 without ending\); "
        r"wanted \.png \.jpg \.jpeg",
    ):
        PictureFolder(tmp_path)


def test_a_list_of_endings_stays_short(tmp_path):
    touch(tmp_path, *(f"a.{letter}" for letter in "abcdefghij"))
    with pytest.raises(DatasetError, match=r"10 files seen \((1 \.\w, ){6}\.\.\.\)"):
        PictureFolder(tmp_path)


def test_an_empty_folder(tmp_path):
    with pytest.raises(DatasetError, match=r"No picture found in \S+/: 0 files seen; wanted \.png"):
        PictureFolder(tmp_path)


def test_no_folder(tmp_path):
    with pytest.raises(DatasetError, match=r"none does not exist; wanted a folder of pictures"):
        PictureFolder(tmp_path / "none")
    touch(tmp_path, "a.zip")
    with pytest.raises(DatasetError, match=r"a\.zip is a file; wanted a folder of pictures"):
        PictureFolder(tmp_path / "a.zip")
