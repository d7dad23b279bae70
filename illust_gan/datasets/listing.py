"""The pictures that a text file names, a path on each line."""

import codecs
import os

from illust_gan.datasets.errors import DatasetError, PictureError
from illust_gan.datasets.picture_source import WANTED, PictureSource
from illust_gan.datasets.regular_file import check_file, open_regular, size_and_time

# How the files begin that are given in place of a list by mistake.
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"II*\0", b"MM\0*", b"8BPS")
_OTHER_ARCHIVES = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
_ZIP = b"PK\3\4"


class PictureList(PictureSource):
    """Reads the paths of pictures from a text file, a path on each line.

    The file is UTF-8, with or without a byte order mark, and lines end as on Unix or Windows.
    Relative paths start at the folder of the list. Blank lines are ignored. The order is the
    list's. The user has named these files, so they may be anywhere, links are followed, and they
    need not have the ending of a picture.

    ``left_out`` has what is no regular file that can be read, and a file's second line, for which
    ``like`` is the first.

    Args:
        path (str or os.PathLike): The list.

    Attributes:
        pictures (list of str): The paths as they stand in the list.

    Raises:
        DatasetError: If there is no such list, if it is no text, or if no path leads to a file.

    .. seealso:: :class:`~illust_gan.datasets.picture_source.PictureSource` has the other
        attributes.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "b.png").write_bytes(b"pixels")
    ...     _ = pathlib.Path(folder, "list.txt").write_text("b.png\\na.png\\n")
    ...     source = PictureList(f"{folder}/list.txt")
    >>> source.pictures, source.left_out
    (['b.png'], [{'file': 'a.png', 'word': 'missing', 'reason': 'No such file or directory'}])
    """

    kind = "list"
    wanted = "the path of a picture on each line"

    def __init__(self, path):
        super().__init__(path)
        first = {}
        for line in _read_text(self.path).split("\n"):
            name = line.removesuffix("\r")
            if name.strip():
                self._sort_in(name, first)
        self._finish()

    def _sort_in(self, name, first):
        try:
            state = check_file(_path_of(name, self.path), name, follow=True)
        except PictureError as error:
            self._leave_out(error)
            return
        file = state.st_dev, state.st_ino
        if file in first:
            error = PictureError(name, "the list has the same file before", "duplicate")
            self._leave_out(error, like=first[file])
        else:
            first[file] = name
            self.pictures.append(name)

    def label(self, name):
        """Return the folder that a picture lies in, by its path; links are not followed."""
        folder = os.path.dirname(os.path.abspath(_path_of(name, self.path)))
        return os.path.basename(folder) or None

    def _state(self, name):
        return size_and_time(_path_of(name, self.path))


class ListReader:
    """Opens pictures by their paths, without reading the list.

    Args:
        path (str or os.PathLike): The list, at whose folder relative paths start.
    """

    def __init__(self, path):
        self._path = path

    def open(self, name):
        """Open a picture for reading, also where symbolic links lead.

        Args:
            name (str): One of the ``pictures`` of a :class:`PictureList`.

        Returns:
            Context manager that gives a binary file; for what it raises on entering and on
            leaving see :func:`~illust_gan.datasets.regular_file.open_regular`.
        """
        return open_regular(_path_of(name, self._path), name, follow=True)

    def close(self):
        """Do nothing: no file is kept open."""


def _path_of(name, path):
    return os.path.join(os.path.dirname(path), name)


def _read_text(path):
    try:
        with open_regular(path, str(path), follow=True) as f:
            content = f.read()
    except PictureError as error:
        what = "does not exist" if error.word == "missing" else f"cannot be read: {error.reason}"
        raise DatasetError(f"{path} {what}; wanted {WANTED}") from error
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        at = error.start
    else:
        at = content.find(b"\0")
        if at < 0:
            return text
    raise DatasetError(f"{path} {_what_it_is(content, at)}")


def _what_it_is(content, at):
    """Say what is given in place of a list, from its beginning and from where it is no text."""
    if content.startswith(_PICTURES):
        return f"is a picture; wanted {WANTED}: give the folder that it is in"
    if content.startswith(_ZIP):
        return "begins like a zip archive, but its end is missing; copy or download it again"
    if content.startswith(_OTHER_ARCHIVES):
        return f"is an archive, but no zip; wanted {WANTED}: unpack it and give the folder"
    line = content.count(b"\n", 0, at) + 1
    return f"is no list of paths, as line {line} is no UTF-8 text; wanted {WANTED}"
