import os
import socket
import subprocess

import pytest

from illust_gan.datasets import DatasetError, PictureError
from illust_gan.datasets.folder import FolderReader, PictureFolder

from .unprivileged import unprivileged

LINK = "symbolic links are not followed, but a text file of paths packs them"


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def words(source):
    return {left_out["file"]: left_out["word"] for left_out in source.left_out}


def test_order_is_natural_and_whatever_the_disk_says(tmp_path):
    names = ["b/1.png", "b/2.png", "b/10.png", "b2/1.gif", "b10/1.WebP", "1.png", "01.png"]
    touch(tmp_path, *names)
    wanted = ["01.png", "1.png", "b/1.png", "b/2.png", "b/10.png", "b2/1.gif", "b10/1.WebP"]
    assert PictureFolder(tmp_path).pictures == wanted


def test_every_ending_is_found_in_any_case(tmp_path):
    names = ["a.png", "b.JPG", "c.jpeg", "d.webp", "e.gif", "f.bmp", "g.tif", "h.TIFF"]
    touch(tmp_path, *names, "notes.txt", "no-ending", "page.png.html")
    source = PictureFolder(tmp_path)
    assert source.pictures == names
    assert source.passed_over == {".txt": 1, "without ending": 1, ".html": 1}
    assert source.left_out == []


def test_hidden_files_and_folders_are_passed_over(tmp_path):
    touch(tmp_path, "a.png", ".b.png", ".trash/c.png", "d/._e.png", "__MACOSX/f.png", ".g.psd")
    (tmp_path / ".link.png").symlink_to("a.png")
    source = PictureFolder(tmp_path)
    assert source.pictures == ["a.png"]
    assert source.left_out == []
    assert not source.passed_over


def test_links_to_pictures_and_to_folders_are_left_out(tmp_path):
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    touch(tmp_path, "folder/a.png", "folder/b/c.png", "outside/b.png")
    (folder / "again.png").symlink_to("a.png")
    (folder / "b.png").symlink_to(outside / "b.png")
    (folder / "broken.png").symlink_to(outside / "gone.png")
    (folder / "self.png").symlink_to("self.png")
    (folder / "more").symlink_to(outside)
    (folder / "b" / "circle").symlink_to(folder)
    (folder / "notes.txt").symlink_to(outside / "b.png")
    source = PictureFolder(folder)
    assert source.pictures == ["a.png", "b/c.png"]
    links = ["again.png", "b/circle", "b.png", "broken.png", "more", "self.png"]
    assert source.left_out == [{"file": name, "word": "link", "reason": LINK} for name in links]
    assert source.passed_over == {".txt": 1}


def test_the_folder_itself_may_be_a_link(tmp_path):
    touch(tmp_path, "folder/a.png")
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    source = PictureFolder(tmp_path / "link")
    assert source.pictures == ["a.png"]
    assert source.name == "folder"


def test_a_folder_by_the_name_of_a_picture_is_named_and_looked_into(tmp_path):
    touch(tmp_path, "x.png/a.png", "y.psd/b.png")
    (tmp_path / "x.png" / "z.JPG").mkdir()
    source = PictureFolder(tmp_path)
    assert source.pictures == ["x.png/a.png", "y.psd/b.png"]
    reason = "it is a folder by the name of a picture; the pictures in it count"
    assert source.left_out == [
        {"file": "x.png", "word": "directory", "reason": reason},
        {"file": "x.png/z.JPG", "word": "directory", "reason": reason},
    ]


def test_pipes_and_sockets_by_the_name_of_a_picture_are_left_out(tmp_path, monkeypatch):
    # The name of a socket may have 107 bytes only.
    monkeypatch.chdir(tmp_path)
    touch(tmp_path, "a.png")
    os.mkfifo("pipe.png")
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as s:
        s.bind("socket.gif")
        source = PictureFolder(".")
    assert source.pictures == ["a.png"]
    reason = "it is a pipe, socket or device"
    assert source.left_out == [
        {"file": "pipe.png", "word": "special", "reason": reason},
        {"file": "socket.gif", "word": "special", "reason": reason},
    ]
    assert source.passed_over == {"without ending": 1}
    assert source.name == tmp_path.name


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_a_device_by_the_name_of_a_picture_is_left_out(tmp_path):
    touch(tmp_path, "a.png")
    try:
        os.mknod(tmp_path / "null.png", 0o600 | 0o020000, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("this root may not make devices")
    assert words(PictureFolder(tmp_path)) == {"null.png": "special"}


def test_a_folder_that_cannot_be_listed_is_named(tmp_path, monkeypatch):
    touch(tmp_path, "a.png", "private/b.png", "private.png/c.png")
    (tmp_path / "private").chmod(0)
    (tmp_path / "private.png").chmod(0)
    with unprivileged(tmp_path, monkeypatch):
        source = PictureFolder(".")
    assert source.pictures == ["a.png"]
    assert source.left_out == [
        {"file": "private", "word": "permission", "reason": "Permission denied"},
        {"file": "private.png", "word": "permission", "reason": "Permission denied"},
    ]


def test_a_source_that_cannot_be_listed_itself(tmp_path, monkeypatch):
    touch(tmp_path, "private/b.png")
    (tmp_path / "private").chmod(0)
    with (
        unprivileged(tmp_path, monkeypatch),
        pytest.raises(DatasetError, match=r"in private: 1 left out \(\.: Permission denied\);"),
    ):
        PictureFolder("private")


def test_pictures_in_a_folder_that_cannot_be_entered_are_left_to_the_reader(tmp_path, monkeypatch):
    touch(tmp_path, "closed/a.png")
    (tmp_path / "closed").chmod(0o444)
    with unprivileged(tmp_path, monkeypatch):
        source = PictureFolder(".")
        assert source.pictures == ["closed/a.png"]
        assert len(source.stamp()) == 64
        with pytest.raises(PictureError) as caught, FolderReader(".").open("closed/a.png"):
            pytest.fail("opened")
    assert (caught.value.word, caught.value.reason) == ("permission", "Permission denied")
    (tmp_path / "closed").chmod(0o755)


@pytest.fixture
def dig(tmp_path):
    """Make folders inside each other, deeper than a path or Python's stack reaches."""

    def dig(name, depth):
        at = os.open(tmp_path, os.O_RDONLY)
        for _ in range(depth):
            os.mkdir(name, dir_fd=at)
            inner = os.open(name, os.O_RDONLY, dir_fd=at)
            os.close(at)
            at = inner
        os.close(os.open("deep.png", os.O_CREAT | os.O_WRONLY, dir_fd=at))
        os.close(at)

    yield dig
    # shutil.rmtree goes no deeper than Python's stack.
    subprocess.run(["rm", "-rf", *tmp_path.iterdir()], check=True)


def test_folders_nested_deeper_than_pythons_stack(tmp_path, dig):
    dig("d", 1500)
    assert PictureFolder(tmp_path).pictures == ["d/" * 1500 + "deep.png"]


def test_folders_nested_deeper_than_a_path_reaches_are_a_line(tmp_path, dig):
    touch(tmp_path, "a.png")
    dig("d" * 250, 20)
    source = PictureFolder(tmp_path)
    assert source.pictures == ["a.png"]
    (left_out,) = source.left_out
    assert set(left_out["file"]) == {"d", "/"}
    assert len(os.fspath(tmp_path)) + len(left_out["file"]) > 4000
    assert (left_out["word"], left_out["reason"]) == ("unreadable", "File name too long")


def test_a_picture_whose_path_is_too_long_is_left_to_the_reader(tmp_path, dig):
    room = 4094 - len(os.fspath(tmp_path))
    dig("d" * 39, room // 40)
    (name,) = PictureFolder(tmp_path).pictures
    longer = name.removesuffix("deep.png") + "x" * 100 + ".png"
    with pytest.raises(PictureError) as caught, FolderReader(tmp_path).open(longer):
        pytest.fail("opened")
    assert (caught.value.word, caught.value.reason) == ("unreadable", "File name too long")


STRANGE = [
    b"line\nbreak.png",
    b"\x1b[2J.png",
    b"caf\xe9.png",
    b"a\\..\\b.png",
    b"C:x.png",
    b"-.png",
]


def test_strange_names_are_names(tmp_path):
    for name in STRANGE:
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as f:
            f.write(name)
    source = PictureFolder(tmp_path)
    assert sorted(map(os.fsencode, source.pictures)) == sorted(STRANGE)
    reader = FolderReader(tmp_path)
    for name in source.pictures:
        with reader.open(name) as f:
            assert f.read() == os.fsencode(name)
    assert len(source.stamp()) == 64


@pytest.mark.parametrize("name", ["../x.png", "a/../../x.png", "/etc/hostname"])
def test_a_reader_does_not_leave_its_folder(tmp_path, name):
    touch(tmp_path, "x.png", "folder/a/b.png")
    with pytest.raises(PictureError, match="its name is no path inside the folder") as caught:
        FolderReader(tmp_path / "folder").open(name)
    assert caught.value.word == "path"


def test_a_reader_does_not_follow_links(tmp_path):
    touch(tmp_path, "a.png")
    (tmp_path / "link.png").symlink_to("a.png")
    with pytest.raises(PictureError) as caught, FolderReader(tmp_path).open("link.png"):
        pytest.fail("opened")
    assert caught.value.word == "link"


def test_no_picture_among_other_files(tmp_path):
    touch(tmp_path, *(f"{i}.txt" for i in range(7)), *(f"x/{i}.PSD" for i in range(4)), "README")
    with pytest.raises(
        DatasetError,
        match=r"No picture found in \S+: 8 other files \(7 \.txt, 1 without ending\), "
        r"4 left out \(x/0\.PSD: it is a \.psd file, which has to be exported as PNG first; .*; "
        r"and 1 more\); wanted files ending in \.png \.jpg",
    ):
        PictureFolder(tmp_path)


def test_an_empty_folder(tmp_path):
    with pytest.raises(DatasetError, match=r"No picture found in \S+: nothing seen; wanted files"):
        PictureFolder(tmp_path)


def test_no_folder(tmp_path):
    with pytest.raises(DatasetError, match=r"none does not exist; wanted a folder of pictures"):
        PictureFolder(tmp_path / "none")
    touch(tmp_path, "a.zip")
    with pytest.raises(DatasetError, match=r"a\.zip is a file; wanted a folder of pictures"):
        PictureFolder(tmp_path / "a.zip")
