"""The pictures of a folder, in an order that is the same everywhere."""

import os
import re
from collections import Counter
from pathlib import Path

from illust_gan.datasets.errors import DatasetError
from illust_gan.datasets.pictures import ENDINGS


class PictureFolder:
    """Finds the pictures in a folder and the folders inside it.

    A picture is told by its ending. Hidden files and folders are passed over, and so are
    symbolic links: one that leads inside would be the same picture twice, and one that leads
    outside is not of this folder. Names are in natural order, ``2.png`` before ``10.png``.

    Args:
        path (str or os.PathLike): The folder.

    Attributes:
        path (pathlib.Path): The folder.
        name (str): Its own name, without the folders above it.
        pictures (list of str): The pictures' names relative to the folder, with ``/``.
        unreadable (list of dict): ``file`` and ``reason`` of each folder that cannot be listed.

    Raises:
        DatasetError: If there is no such folder or no picture in it.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("10.png", "2.JPG", "notes.txt", ".hidden.png"):
    ...         pathlib.Path(folder, name).touch()
    ...     PictureFolder(folder).pictures
    ['2.JPG', '10.png']
    """

    def __init__(self, path):
        self.path = Path(path)
        if not self.path.is_dir():
            what = "is a file" if self.path.exists() else "does not exist"
            raise DatasetError(f"{path} {what}; wanted a folder of pictures ({' '.join(ENDINGS)})")
        self.name = self.path.resolve().name
        self.unreadable = []
        files = list(self._files())
        self.pictures = sorted(
            (file for file in files if _ending(file) in ENDINGS), key=_natural_key
        )
        if not self.pictures:
            raise DatasetError(self._nothing_found(files))

    def _files(self):
        for folder, folders, names in os.walk(self.path, onerror=self._note_unreadable):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                file = Path(folder, name)
                if not name.startswith(".") and not file.is_symlink() and file.is_file():
                    yield file.relative_to(self.path).as_posix()

    def _note_unreadable(self, error):
        file = os.path.relpath(error.filename, self.path)
        self.unreadable.append({"file": file, "reason": error.strerror})

    def _nothing_found(self, files):
        endings = Counter(_ending(file) or "without ending" for file in files)
        seen = ", ".join(f"{n} {ending}" for ending, n in endings.most_common(6))
        if len(endings) > 6:
            seen += ", ..."
        for folder in self.unreadable:
            seen += f"{'; ' if seen else ''}{folder['file']}: {folder['reason']}"
        return (
            f"No picture found in {self.path}/: {len(files)} "
            f"{'file' if len(files) == 1 else 'files'} seen{f' ({seen})' if seen else ''}; "
            f"wanted {' '.join(ENDINGS)}, links and hidden files not counted"
        )


def _ending(file):
    return os.path.splitext(file)[1].lower()


def _natural_key(file):
    # Splitting at the digits leaves text at even places and digits at odd ones, so that keys of
    # different names compare; the name itself decides between 1.png and 01.png.
    parts = [re.split(r"([0-9]+)", part) for part in file.split("/")]
    numbered = [[int(x) if i % 2 else x for i, x in enumerate(part)] for part in parts]
    return numbered, file
