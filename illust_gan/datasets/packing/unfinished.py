"""A set that is being packed: what is done so far, on the disk, for whoever goes on with it."""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil

import numpy as np

from illust_gan.datasets.errors import DatasetError
from illust_gan.datasets.writer import header


class Unfinished:
    """The folder ``.NAME.packing`` beside a data set that is not finished yet.

    It holds the pixels so far, the journal (a line of JSON for each picture of the source, in
    order, whether it was packed or left out) and small pictures for the reports. The same source
    and settings give the same ``fingerprint``: then a later call goes on where this one was
    interrupted. Pixels are written before the line that speaks of them and compared with its
    SHA-256 on going on, so a process may be killed at any moment, and the power may fail.

    Args:
        data (pathlib.Path): The ``.npy`` to be.
        size (int): Edge length of its pictures.
        fingerprint (str): Tells source and settings.

    Attributes:
        n_done (int): Pictures of the source that are done.
        n_packed (int): Pictures in the set so far.
        sha256 (hashlib._Hash): Of the pixels so far.
        shape (tuple of int): Of a picture.
        is_of_another_job (bool): Whether what was there is of no use, and gone.
        path (str): The folder.
        pixels_path (str): The ``.npy`` to be; its header speaks of no pictures yet.

    Raises:
        DatasetError: If another process is packing the same set.
    """

    def __init__(self, data, size, fingerprint):
        self.path = str(data.with_name(f".{data.stem}.packing"))
        self._fingerprint = fingerprint
        self.pixels_path = os.path.join(self.path, "pixels")
        self.shape = (size, size, 3)
        self._square = size * size * 3
        self._header = header(0, size)
        self.n_done = self.n_packed = 0
        self.is_of_another_job = False
        self.sha256 = hashlib.sha256()
        os.makedirs(self.path, exist_ok=True)
        self._files = contextlib.ExitStack()
        self._journal = self._open("journal")
        try:
            fcntl.flock(self._journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._files.close()
            raise DatasetError(
                f"another process is packing {data} just now; wait for it, or give another name"
            ) from None
        self._pixels = self._open("pixels")
        self._thumbnails = self._open("thumbnails")

    def _open(self, name):
        path = os.path.join(self.path, name)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        return self._files.enter_context(os.fdopen(handle, "r+b"))

    def go_on(self):
        """Yield the entries that are done already; what does not fit is cut off.

        Yields:
            dict: An entry as it was given to :meth:`note`.
        """
        self._pixels.seek(len(self._header))
        kept = self._journal.readline()
        self.is_of_another_job = kept not in (b"", self._first_line())
        end = thumbnails = 0
        if kept == self._first_line():
            end = self._journal.tell()
            for line in self._journal:
                entry = self._intact(line)
                if entry is None:
                    break
                end += len(line)
                self.n_done += 1
                thumbnails = entry["thumbnails_end"]
                yield entry
        self._cut(self._journal, end)
        self._cut(self._thumbnails, thumbnails)
        self._cut(self._pixels, len(self._header) + self.n_packed * self._square)
        if not end:
            self._pixels.seek(0)
            self._pixels.write(self._header)
            self._journal.write(self._first_line())

    def _first_line(self):
        return json.dumps({"packing": self._fingerprint}).encode() + b"\n"

    def _intact(self, line):
        """Return the entry in a line of the journal if all of it is on the disk, or None."""
        try:
            entry = json.loads(line) if line.endswith(b"\n") else None
            end, wanted = entry["thumbnails_end"], [square["pixels"] for square in entry["packed"]]
            if os.fstat(self._thumbnails.fileno()).st_size < end:
                return None
        except (ValueError, RecursionError, TypeError, KeyError):
            # A disk that lost part of the file may have anything in its place, also other JSON.
            return None
        squares = [self._pixels.read(self._square) for _ in wanted]
        if [hashlib.sha256(square).hexdigest() for square in squares] != wanted:
            return None
        for square in squares:
            self.sha256.update(square)
        self.n_packed += len(squares)
        return entry

    @staticmethod
    def _cut(file, end):
        file.seek(end)
        file.truncate()

    def keep_thumbnail(self, body):
        """Keep a small picture for the reports; return where it lies, for the entry."""
        place = [self._thumbnails.tell(), len(body)]
        self._thumbnails.write(body)
        return place

    def thumbnail(self, place):
        """Return a small picture's bytes."""
        self._thumbnails.seek(place[0])
        return self._thumbnails.read(place[1])

    def add(self, pixels):
        """Add a picture to the set; :meth:`note` of the picture that it is of is to follow.

        Args:
            pixels (numpy.ndarray): uint8 of shape ``shape``.
        """
        self._pixels.write(pixels)
        self.sha256.update(pixels)
        self.n_packed += 1

    def note(self, entry):
        """Write down what came of one picture of the source.

        Args:
            entry (dict): ``packed``, a list of what is known of each of its squares, ``pixels``
                (the SHA-256) among it, and whatever else JSON can say.
        """
        self.n_done += 1
        line = {**entry, "thumbnails_end": self._thumbnails.tell()}
        self._journal.write(json.dumps(line).encode("ascii") + b"\n")
        self._flush()

    def _flush(self):
        """Hand what is written to the operating system, the journal last."""
        for file in (self._pixels, self._thumbnails, self._journal):
            file.flush()

    def square(self, index):
        """Return a picture of the set so far, uint8 of shape ``shape``."""
        self._pixels.flush()
        place = len(self._header) + index * self._square
        body = os.pread(self._pixels.fileno(), self._square, place)
        return np.frombuffer(body, np.uint8).reshape(self.shape)

    def complete_pixels(self):
        """Write how many pictures there are, and force all of them to the disk."""
        self._pixels.seek(0)
        self._pixels.write(header(self.n_packed, self.shape[0]))
        self._pixels.flush()
        os.fsync(self._pixels.fileno())

    def entries(self):
        """Yield all entries, from the first."""
        self._journal.flush()
        self._journal.seek(0)
        self._journal.readline()
        for line in self._journal:
            yield json.loads(line)

    def close(self):
        """Close the files, and keep them for whoever goes on."""
        # The disk may be full; what could not be written is made again.
        if not self._journal.closed:
            with contextlib.suppress(OSError):
                self._flush()
        with contextlib.suppress(OSError):
            self._files.close()

    def remove(self):
        """Remove the folder and all in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.close()
