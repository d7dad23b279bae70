import os
import socket

import pytest

from illust_gan.datasets import PictureError
from illust_gan.datasets.regular_file import MAX_BYTES, open_regular, size_and_time

from .unprivileged import unprivileged


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.png"
    path.write_bytes(b"pixels")
    return path


def refusal(path, **options):
    with pytest.raises(PictureError) as caught, open_regular(path, "page.png", **options):
        pytest.fail("opened")
    assert caught.value.file == "page.png"
    return caught.value.word, caught.value.reason


def test_a_file_is_read_from_its_beginning_and_again(page):
    with open_regular(page, "page.png") as f:
        assert f.read() == b"pixels"
        f.seek(0)
        assert f.read() == b"pixels"


def test_what_is_missing_or_behind_a_file(page):
    assert refusal(page.parent / "none.png") == ("missing", "No such file or directory")
    assert refusal(page / "none.png") == ("missing", "Not a directory")


def test_a_folder(tmp_path):
    assert refusal(tmp_path) == ("directory", "it is a folder")


def test_links_are_followed_only_if_wanted(page, tmp_path):
    link = tmp_path / "link.png"
    link.symlink_to(page)
    assert refusal(link) == ("link", "it is a symbolic link, which is not followed")
    with open_regular(link, "page.png", follow=True) as f:
        assert f.read() == b"pixels"


def test_links_in_a_circle_and_to_nothing(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "c").symlink_to("gone")
    assert refusal(tmp_path / "a", follow=True) == ("link", "Too many levels of symbolic links")
    assert refusal(tmp_path / "c", follow=True)[0] == "missing"


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    assert refusal(tmp_path / "pipe.png") == ("special", "it is a pipe, socket or device")


def test_a_socket_and_a_device(tmp_path, monkeypatch):
    # The name of a socket may have 107 bytes only.
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as s:
        s.bind("socket.png")
        assert refusal("socket.png")[0] == "special"
    assert refusal("/dev/null")[0] == "special"


def test_an_empty_file(tmp_path):
    (tmp_path / "empty.png").touch()
    assert refusal(tmp_path / "empty.png") == ("empty", "it is empty")


def test_a_file_of_too_many_bytes(page):
    os.truncate(page, MAX_BYTES + 1)
    assert refusal(page) == ("bomb", "it has more than 256 MiB, the most that is read")
    os.truncate(page, MAX_BYTES)
    with open_regular(page, "page.png") as f:
        assert f.read(6) == b"pixels"


def test_a_name_longer_than_the_disk_has(tmp_path):
    assert refusal(tmp_path / ("x" * 300)) == ("unreadable", "File name too long")


@pytest.mark.parametrize("name", ["a\0.png", "\ud800.png"])
def test_a_name_that_no_file_has(name):
    assert refusal(name) == ("path", "its name is none that a file can have")


def test_a_file_that_may_not_be_read(page, monkeypatch):
    page.chmod(0)
    with unprivileged(page.parent, monkeypatch):
        assert refusal("page.png") == ("permission", "Permission denied")


def test_a_file_in_a_folder_that_may_not_be_entered(page, monkeypatch):
    inner = page.parent / "inner"
    inner.mkdir()
    page.rename(inner / "page.png")
    inner.chmod(0o644)
    with unprivileged(page.parent, monkeypatch):
        assert refusal("inner/page.png") == ("permission", "Permission denied")
        assert size_and_time("inner/page.png") is None
    inner.chmod(0o755)


def append(path):
    with path.open("ab") as f:
        f.write(b"more")


def truncate(path):
    os.truncate(path, 3)


def rewrite(path):
    path.write_bytes(b"PIXELS")
    os.utime(path, (1, 1))


def read_while(page, change, error=None):
    with open_regular(page, "page.png") as f:
        f.read(2)
        change(page)
        if error:
            raise error
        f.close()


@pytest.mark.parametrize("change", [append, truncate, rewrite])
def test_a_file_that_changes_while_it_is_read(page, change):
    with pytest.raises(PictureError, match=r"page\.png: it changed while it was read") as caught:
        read_while(page, change)
    assert caught.value.word == "changed"


@pytest.mark.parametrize("error", [PictureError("page.png", "cut off"), OSError(5, "disk")])
def test_a_change_explains_the_error_that_comes_of_it(page, error):
    with pytest.raises(PictureError) as caught:
        read_while(page, truncate, error)
    assert caught.value.word == "changed"
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("error", [PictureError("page.png", "cut off"), OSError(5, "disk")])
def test_an_error_without_a_change_stays_as_it_is(page, error):
    with pytest.raises(type(error)) as caught:
        read_while(page, os.stat, error)
    assert caught.value is error


def test_an_interruption_is_not_taken_for_a_change(page):
    with pytest.raises(KeyboardInterrupt):
        read_while(page, append, KeyboardInterrupt())


@pytest.mark.parametrize(
    ("put", "word"),
    [
        (lambda path: path.symlink_to("secret"), "link"),
        (os.mkfifo, "special"),
        (os.mkdir, "directory"),
        (os.mknod, "empty"),
    ],
)
def test_what_comes_into_a_files_place_in_the_last_moment_is_not_read(page, put, word, monkeypatch):
    (page.parent / "secret").write_bytes(b"secret")
    open_now = os.open

    def exchange_and_open(path, flags):
        page.unlink()
        put(page)
        return open_now(path, flags)

    monkeypatch.setattr(os, "open", exchange_and_open)
    assert refusal(page)[0] == word


def test_no_handle_stays_open(page):
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with open_regular(page, "page.png"):
            pass
        refusal(page.parent)
    with pytest.raises(PictureError):
        read_while(page, append)
    assert len(os.listdir("/proc/self/fd")) == before
