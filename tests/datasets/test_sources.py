import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from illust_gan.datasets import DatasetError, PictureError
from illust_gan.datasets.sources import open_source, reader

NAMES = ["1.png", "2.png", "b/10.png"]


def make(kind, folder):
    """Make a source of each kind with the same three pictures, and return its path."""
    pages = folder / "pages"
    for name in NAMES:
        (pages / name).parent.mkdir(parents=True, exist_ok=True)
        (pages / name).write_text(f"pixels of {name}")
    if kind == "zip":
        with zipfile.ZipFile(folder / "pages.cbz", "w") as f:
            for name in reversed(NAMES):
                f.write(pages / name, name)
        return folder / "pages.cbz"
    if kind == "list":
        (pages / "list").write_text("\n".join(NAMES))
        return pages / "list"
    return pages


KINDS = pytest.mark.parametrize("kind", ["folder", "zip", "list"])


@KINDS
@pytest.mark.parametrize("form", [os.fspath, lambda path: path])
def test_a_source_is_told_by_its_content(tmp_path, kind, form):
    source = open_source(form(make(kind, tmp_path)))
    assert source.kind == kind
    assert source.name == source.path.name
    assert source.pictures == NAMES
    assert source.left_out == []
    assert not source.passed_over or kind == "folder"


@KINDS
def test_a_reader_needs_no_more_than_kind_path_and_name(tmp_path, kind):
    pages = reader(kind, make(kind, tmp_path))
    for name in [*NAMES, *NAMES]:
        with pages.open(name) as f:
            assert f.read() == f"pixels of {name}".encode()
            assert f.seek(0) == 0
    with pytest.raises(PictureError) as caught, pages.open("none.png"):
        pytest.fail("opened")
    assert (caught.value.file, caught.value.word) == ("none.png", "missing")
    pages.close()


@KINDS
def test_a_stamp_stays_while_nothing_changes(tmp_path, kind):
    path = make(kind, tmp_path)
    stamp = open_source(path).stamp()
    assert len(bytes.fromhex(stamp)) == 32
    assert open_source(path).stamp() == stamp


@KINDS
def test_a_stamp_changes_with_a_name(tmp_path, kind):
    stamp = open_source(make(kind, tmp_path)).stamp()
    (tmp_path / "pages" / "2.png").rename(tmp_path / "pages" / "3.png")
    names = [name.replace("2", "3") for name in NAMES]
    if kind == "zip":
        with zipfile.ZipFile(tmp_path / "pages.cbz", "w") as f:
            for name in names:
                f.write(tmp_path / "pages" / name, name)
    if kind == "list":
        (tmp_path / "pages" / "list").write_text("\n".join(names))
    source = open_source(tmp_path / {"zip": "pages.cbz", "list": "pages/list"}.get(kind, "pages"))
    assert source.pictures == names
    assert source.stamp() != stamp


@pytest.mark.parametrize("kind", ["folder", "list"])
def test_a_stamp_of_files_changes_with_their_size_and_time(tmp_path, kind):
    source = open_source(make(kind, tmp_path))
    page = tmp_path / "pages" / "2.png"
    stamps = {source.stamp()}
    time = page.stat().st_mtime_ns
    os.utime(page, ns=(time, time + 1000))
    stamps.add(source.stamp())
    page.write_text("longer pixels of 2.png")
    os.utime(page, ns=(time, time))
    stamps.add(source.stamp())
    page.unlink()
    stamps.add(source.stamp())
    assert len(stamps) == 4


def test_a_stamp_of_an_archive_changes_with_its_content_alone(tmp_path):
    path = make("zip", tmp_path)
    stamp = open_source(path).stamp()
    shutil.copy(path, tmp_path / "copy")
    assert open_source(tmp_path / "copy").stamp() == stamp
    with zipfile.ZipFile(path, "w") as f:
        for name in NAMES:
            f.writestr(name, f"PIXELS of {name}")
    assert open_source(path).stamp() != stamp


@pytest.mark.parametrize("name", ["none", "\ud800", "a\0b", "x" * 300])
def test_nothing_there(tmp_path, name):
    with pytest.raises(DatasetError, match=r"wanted a folder of pictures, a zip archive or a text"):
        open_source(tmp_path / name)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DatasetError, match=r"/pipe cannot be read: it is a pipe, socket or device"):
        open_source(tmp_path / "pipe")


def test_an_archive_without_its_end(tmp_path):
    path = make("zip", tmp_path)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DatasetError, match=r"pages\.cbz begins like a zip archive, but its end is"):
        open_source(path)


def test_a_single_picture(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\r")
    with pytest.raises(DatasetError, match=r"a\.png is a picture; wanted .*: give the folder"):
        open_source(tmp_path / "a.png")


def test_a_process_that_reads_pictures_loads_no_chainer():
    code = "import sys, illust_gan.datasets.sources; print('chainer' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"


@KINDS
def test_the_label_of_a_picture_is_a_folder_that_it_lies_in(tmp_path, kind):
    source = open_source(make(kind, tmp_path))
    labels = {"zip": [None, None, "b"], "folder": [None, None, "b"], "list": ["pages"] * 2 + ["b"]}
    assert [source.label(name) for name in source.pictures] == labels[kind]
    source.leave_out_unlabelled()
    assert source.pictures == (NAMES if kind == "list" else ["b/10.png"])
    assert [one["word"] for one in source.left_out] == ["no label"] * (3 - len(source.pictures))


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("a\\b\\1.png", "a"),
        ("./a/1.png", "a"),
        ("./1.png", None),
        ("a//1.png", "a"),
    ],
)
def test_the_label_of_a_picture_in_an_archive_by_others(tmp_path, name, label):
    assert open_source(make("zip", tmp_path)).label(name) == label
