"""Where pictures come from: a folder, a zip archive or a text file of paths.

:func:`open_source` finds the pictures once; a process that is told their names reads them through
a :func:`reader` of its own. Nothing that is found is trusted: links are not followed unless the
user has named them, only regular files are opened, no more than
:data:`~illust_gan.datasets.regular_file.MAX_BYTES` of a picture are read, and nothing is unpacked
to the disk.
"""

import os
import zipfile

from illust_gan.datasets.archive import ArchiveReader, PictureArchive
from illust_gan.datasets.folder import FolderReader, PictureFolder
from illust_gan.datasets.listing import ListReader, PictureList

_READERS = {"folder": FolderReader, "zip": ArchiveReader, "list": ListReader}


def open_source(path):
    """Find the pictures in a folder, a zip archive or a text file of paths.

    An archive is told by its content, whatever its name ends in.

    Args:
        path (str or os.PathLike): What the user has.

    Returns:
        PictureFolder, PictureArchive or PictureList: A
        :class:`~illust_gan.datasets.picture_source.PictureSource`.

    Raises:
        DatasetError: If it is none of the three or there is no picture in it.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "1.png").write_bytes(b"pixels")
    ...     source = open_source(folder)
    ...     with reader(source.kind, source.path).open("1.png") as f:
    ...         f.read()
    b'pixels'
    """
    if os.path.isdir(path):
        return PictureFolder(path)
    # Only of a file: zipfile would wait for a pipe.
    if os.path.isfile(path) and zipfile.is_zipfile(path):
        return PictureArchive(path)
    return PictureList(path)


def reader(kind, path):
    """Return what opens pictures of a source by their names, without looking for them again.

    Args:
        kind (str): The source's ``kind``: ``"folder"``, ``"zip"`` or ``"list"``.
        path (str or os.PathLike): The source's ``path``.

    Returns:
        FolderReader, ArchiveReader or ListReader: Its ``open(name)`` is a context manager that
        gives a binary file at its beginning, or raises a
        :class:`~illust_gan.datasets.PictureError` on entering or on leaving; its ``close()``
        closes what it keeps open.

    Raises:
        DatasetError: If an archive is not intact.
    """
    return _READERS[kind](path)
