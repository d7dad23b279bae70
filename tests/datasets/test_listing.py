import os

import pytest

from illust_gan.datasets import DatasetError, PictureError
from illust_gan.datasets.listing import ListReader, PictureList

from .unprivileged import unprivileged

WANTED = "wanted a folder of pictures, a zip archive or a text file of paths"


@pytest.fixture
def pages(tmp_path):
    """Three files of different content in a folder, and a function that lists paths beside it."""
    for name in ("1.png", "2.png", "10.png"):
        path = tmp_path / "pages" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)

    def write(*lines, end="\n"):
        path = tmp_path / "list.txt"
        path.write_bytes(b"".join(os.fsencode(line + end) for line in lines))
        return path

    return write


def test_order_is_the_lists(pages):
    source = PictureList(pages("pages/10.png", "pages/1.png", "pages/2.png"))
    assert source.pictures == ["pages/10.png", "pages/1.png", "pages/2.png"]
    assert source.left_out == []
    assert (source.kind, source.name) == ("list", "list.txt")


def test_relative_paths_start_at_the_lists_folder(pages, tmp_path, monkeypatch):
    path = pages("pages/1.png", str(tmp_path / "pages" / "2.png"), "pages/../pages/10.png")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    for form in (path, os.fspath(path), "../list.txt"):
        source = PictureList(form)
        assert len(source.pictures) == 3
        contents = []
        for name in source.pictures:
            with ListReader(form).open(name) as f:
                contents.append(f.read())
        assert contents == [b"1.png", b"2.png", b"10.png"]
    monkeypatch.chdir(tmp_path)
    assert len(PictureList("list.txt").pictures) == 3


def test_byte_order_mark_windows_lines_and_blank_lines(pages):
    path = pages("\ufeffpages/1.png", "", "  ", "pages/2.png", end="\r\n")
    assert PictureList(path).pictures == ["pages/1.png", "pages/2.png"]


def test_the_last_line_needs_no_end(pages):
    path = pages("pages/1.png", "pages/2.png")
    path.write_bytes(path.read_bytes().rstrip())
    assert PictureList(path).pictures == ["pages/1.png", "pages/2.png"]


def test_unusual_characters_end_no_line(pages, tmp_path):
    names = ["pages/a\u2028b\x0b\x85c.png", "pages/ d .png"]
    for name in names:
        (tmp_path / name).write_text("x")
    assert PictureList(pages(*names)).pictures == names


def test_the_same_file_is_read_once(pages, tmp_path):
    (tmp_path / "link.png").symlink_to("pages/1.png")
    (tmp_path / "x").write_text("x")
    path = pages("pages/1.png", "pages/1.png", "./pages/1.png", "link.png", "x", "x")
    source = PictureList(path)
    assert source.pictures == ["pages/1.png", "x"]
    assert [(one["file"], one["word"], one["like"]) for one in source.left_out] == [
        ("./pages/1.png", "duplicate", "pages/1.png"),
        ("link.png", "duplicate", "pages/1.png"),
        ("pages/1.png", "duplicate", "pages/1.png"),
        ("x", "duplicate", "x"),
    ]
    assert source.left_out[0]["reason"] == "the list has the same file before"


def test_links_and_files_of_any_ending_are_read_as_the_user_has_named_them(pages, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.dat").write_text("a")
    (tmp_path / "link.png").symlink_to("elsewhere/a.dat")
    (tmp_path / "folder").symlink_to("pages")
    names = ["link.png", "folder/1.png", "list.txt"]
    path = pages(*names)
    assert PictureList(path).pictures == names
    with ListReader(path).open("link.png") as f:
        assert f.read() == b"a"


def test_what_cannot_be_read_is_left_out(pages, tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "empty.png").touch()
    (tmp_path / "loop.png").symlink_to("loop.png")
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / "1.png").touch()
    (tmp_path / "closed").chmod(0)
    left_out = {
        "/dev/null": ("special", "it is a pipe, socket or device"),
        "closed/1.png": ("permission", "Permission denied"),
        "empty.png": ("empty", "it is empty"),
        "loop.png": ("link", "Too many levels of symbolic links"),
        "none.png": ("missing", "No such file or directory"),
        "pages": ("directory", "it is a folder"),
        "pages/1.png/2.png": ("missing", "Not a directory"),
        "pipe.png": ("special", "it is a pipe, socket or device"),
        "x" * 5000: ("unreadable", "File name too long"),
    }
    pages("pages/1.png", *reversed(left_out))
    with unprivileged(tmp_path, monkeypatch):
        source = PictureList("list.txt")
    assert source.pictures == ["pages/1.png"]
    found = [(one["file"], one["word"], one["reason"]) for one in source.left_out]
    assert found == [(name, *why) for name, why in left_out.items()]


def test_a_reader_opens_no_pipe(pages, tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    reader = ListReader(pages("pages/1.png"))
    with pytest.raises(PictureError) as caught, reader.open("pipe.png"):
        pytest.fail("opened")
    assert caught.value.word == "special"


def test_a_list_without_a_picture(pages):
    with pytest.raises(
        DatasetError,
        match=r"No picture found in \S+list\.txt: 2 left out \(a\.png: No such file or directory; "
        r"b\.png: No such file or directory\); wanted the path of a picture on each line",
    ):
        PictureList(pages("a.png", "b.png"))
    with pytest.raises(DatasetError, match=r"list\.txt: nothing seen; wanted the path"):
        PictureList(pages("", " "))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\r", rf"is a picture; {WANTED}: give the folder that it is in"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "is a picture; wanted"),
        (b"II*\0\x08\0\0\0", "is a picture; wanted"),
        (b"PK\3\4\x14\0\0\0", "begins like a zip archive, but its end is missing; copy or"),
        (b"Rar!\x1a\7\1\0\xff", rf"is an archive, but no zip; {WANTED}: unpack it and give"),
        (b"a.png\0b.png\0", rf"is no list of paths, as line 1 is no UTF-8 text; {WANTED}$"),
        (b"\xef\xbb\xbfa\nb\nc\xff.png\n", "is no list of paths, as line 3 is no UTF-8 text"),
        ("a.png\n".encode("utf-16"), "is no list of paths, as line 1 is no UTF-8 text"),
        (b"", rf"cannot be read: it is empty; {WANTED}$"),
    ],
)
def test_what_is_given_in_place_of_a_list(tmp_path, content, told):
    (tmp_path / "source").write_bytes(content)
    with pytest.raises(DatasetError, match=rf"/source {told}"):
        PictureList(tmp_path / "source")


def test_text_may_begin_like_a_picture(pages, tmp_path):
    (tmp_path / "BM.png").write_text("x")
    assert PictureList(pages("BM.png")).pictures == ["BM.png"]


def test_a_list_that_cannot_be_opened(tmp_path, monkeypatch):
    with pytest.raises(DatasetError, match=rf"/none does not exist; {WANTED}$"):
        PictureList(tmp_path / "none")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DatasetError, match=r"/pipe cannot be read: it is a pipe, socket or"):
        PictureList(tmp_path / "pipe")
    (tmp_path / "list.txt").write_text("a.png")
    (tmp_path / "list.txt").chmod(0)
    with (
        unprivileged(tmp_path, monkeypatch),
        pytest.raises(DatasetError, match=r"^list\.txt cannot be read: Permission denied; wanted"),
    ):
        PictureList("list.txt")
