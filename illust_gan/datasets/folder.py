"""The pictures of a folder, in an order that is the same everywhere."""

import os

from illust_gan.datasets.errors import DatasetError, PictureError
from illust_gan.datasets.picture_source import PictureSource, ending, is_hidden, natural_key
from illust_gan.datasets.pictures import ENDINGS
from illust_gan.datasets.regular_file import open_regular, picture_error, size_and_time


class PictureFolder(PictureSource):
    """Finds the pictures in a folder and the folders inside it.

    A picture is told by its ending. Hidden files and folders are passed over, as is the
    ``__MACOSX`` that Macs put into archives. Symbolic links are not followed: one that leads
    inside would be the same picture twice, and one that leads outside is not of this folder.
    Names are in natural order, ``2.png`` before ``10.png``.

    What looks like a picture and is none is in ``left_out``: links, pipes and folders by the name
    of one (they are looked into all the same), files of kinds that are not read, and also links
    to folders and folders that cannot be listed.

    Args:
        path (str or os.PathLike): The folder, or a link to it.

    Attributes:
        pictures (list of str): The pictures' names relative to the folder, with ``/``.

    Raises:
        DatasetError: If there is no such folder or no picture in it.

    .. seealso:: :class:`~illust_gan.datasets.picture_source.PictureSource` has the other
        attributes.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("10.png", "2.JPG", "notes.txt", ".hidden.png"):
    ...         pathlib.Path(folder, name).touch()
    ...     PictureFolder(folder).pictures
    ['2.JPG', '10.png']
    """

    kind = "folder"

    def __init__(self, path):
        super().__init__(path)
        if not self.path.is_dir():
            what = "is a file" if self.path.exists() else "does not exist"
            raise DatasetError(f"{path} {what}; wanted a folder of pictures ({' '.join(ENDINGS)})")
        self.name = self.path.resolve().name
        # A stack of its own, as folders can be nested deeper than Python's.
        self._folders = [""]
        while self._folders:
            self._list(self._folders.pop())
        self.pictures.sort(key=natural_key)
        self._finish()

    def _list(self, folder):
        try:
            with os.scandir(self.path / folder) as entries:
                for entry in entries:
                    if not is_hidden(entry.name):
                        self._sort_in(entry, f"{folder}/{entry.name}" if folder else entry.name)
        except OSError as error:
            self._leave_out(picture_error(folder or ".", error))
        else:
            if ending(folder) in ENDINGS:
                reason = "it is a folder by the name of a picture; the pictures in it count"
                self._leave_out(PictureError(folder, reason, "directory"))

    def _sort_in(self, entry, name):
        kind = ending(name)
        is_picture = kind in ENDINGS
        if entry.is_symlink() and (is_picture or os.path.isdir(entry.path)):
            reason = "symbolic links are not followed, but a text file of paths packs them"
            self._leave_out(PictureError(name, reason, "link"))
        elif entry.is_dir(follow_symlinks=False):
            self._folders.append(name)
        elif not is_picture:
            self._pass_over(name, kind)
        elif entry.is_file(follow_symlinks=False):
            self.pictures.append(name)
        else:
            self._leave_out(PictureError(name, "it is a pipe, socket or device", "special"))

    def label(self, name):
        """Return the folder directly inside this one that a picture lies in, however deep."""
        folder, slash, _ = name.partition("/")
        return folder if slash else None

    def _state(self, name):
        return size_and_time(self.path / name)


class FolderReader:
    """Opens pictures of a folder by their names, without listing it.

    Args:
        path (str or os.PathLike): The folder.
    """

    def __init__(self, path):
        self._folder = os.fspath(path)

    def open(self, name):
        """Open a picture for reading.

        Args:
            name (str): One of the ``pictures`` of a :class:`PictureFolder`.

        Returns:
            Context manager that gives a binary file; for what it raises on entering and on
            leaving see :func:`~illust_gan.datasets.regular_file.open_regular`.

        Raises:
            PictureError: If the name leads out of the folder.
        """
        if os.path.isabs(name) or ".." in name.split("/"):
            raise PictureError(name, "its name is no path inside the folder", "path")
        return open_regular(os.path.join(self._folder, name), name)

    def close(self):
        """Do nothing: no file is kept open."""
