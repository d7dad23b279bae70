import errno
import os
import pathlib
import stat

import pytest

from illust_gan.files import replacing, replacing_folder


def test_old_file_stands_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with replacing(path) as f:
        f.write(b"new")
        f.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_bytes_are_forced_before_the_new_name_and_the_name_after_it(tmp_path, monkeypatch):
    path, forced = tmp_path / "file", []
    fsync = os.fsync

    def note(handle):
        forced.append((stat.S_ISDIR(os.fstat(handle).st_mode), path.exists()))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", note)
    with replacing(path) as f:
        f.write(b"new")
    assert forced == [(False, False), (True, True)]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_nothing_is_left_of_a_failure(tmp_path, error):
    def write_half():
        with replacing(tmp_path / "file") as f:
            f.write(b"half")
            raise error

    with pytest.raises(error):
        write_half()
    assert list(tmp_path.iterdir()) == []


def test_an_error_names_the_file_that_was_wanted(tmp_path):
    path = tmp_path / "file"
    with pytest.raises(OSError, match="No space left") as caught, replacing(path):
        # As a write into a full disk fails: without a name.
        raise OSError(errno.ENOSPC, "No space left on device")
    assert caught.value.filename == str(path)


def test_so_does_one_of_a_folder_that_is_not_there(tmp_path):
    path = tmp_path / "missing" / "file"
    with pytest.raises(FileNotFoundError) as caught, replacing(path):
        pass
    assert caught.value.filename == str(path)


def test_permissions_are_the_usual_ones(tmp_path):
    (tmp_path / "usual").touch()
    with replacing(tmp_path / "file"):
        pass
    modes = {stat.S_IMODE(os.stat(tmp_path / name).st_mode) for name in ("usual", "file")}
    assert len(modes) == 1


def test_name_without_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with replacing("file") as f:
        f.write(b"here")
    assert (tmp_path / "file").read_bytes() == b"here"


def test_old_folder_stands_until_the_new_one_is_whole(tmp_path):
    page = tmp_path / "page"
    page.mkdir()
    (page / "old").touch()
    with pytest.raises(FileNotFoundError), replacing_folder(page) as folder:
        (pathlib.Path(folder) / "new" / "without" / "a folder").touch()
    assert os.listdir(page) == ["old"]
    assert os.listdir(tmp_path) == ["page"]
    with replacing_folder(page) as folder:
        (pathlib.Path(folder) / "new").touch()
    assert os.listdir(page) == ["new"]
    assert os.listdir(tmp_path) == ["page"]


def test_old_folder_comes_back_if_the_new_one_cannot_take_its_name(tmp_path, monkeypatch):
    page = tmp_path / "page"
    page.mkdir()
    (page / "old").touch()
    rename = os.rename

    def fail(source, target):
        if os.path.basename(source) == "new":
            raise OSError(errno.EIO, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(os, "rename", fail)
    with pytest.raises(OSError, match="Input/output"), replacing_folder(page):
        pass
    assert os.listdir(page) == ["old"]
    assert os.listdir(tmp_path) == ["page"]
