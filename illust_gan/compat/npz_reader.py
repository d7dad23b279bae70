"""Reading an ``.npz`` from a stranger."""

import contextlib
import datetime
import errno
import math
import os
import struct
import zipfile
import zlib

import numpy as np

from illust_gan.compat.none_pickle import MAX_BYTES, is_none
from illust_gan.errors import UserError, printable

# Chainer's largest model files, such as VGG's, have members of 400 MB.
MAX_MEMBER = 2**31
# The directory is read as a whole, at some 100 bytes a member, before anything is known of it.
_MAX_DIRECTORY = 2**22
_PIECE = 2**20
_MAX_AXES = 8
# The first day that a ZIP archive knows, and what stands for none.
_NO_DATE = datetime.date(1980, 1, 1)
# Deflate shrinks to a 1032nd at best (zlib's technical details), so a directory that promises more
# is lying.
_MAX_RATIO = 1032


class UnsafeFileError(UserError):
    """An ``.npz`` is broken, or holds what cannot be read without danger."""


class NpzReader:
    """The arrays of an ``.npz`` by name, read one at a time and never unpickled.

    It is what :class:`chainer.serializers.NpzDeserializer` needs of NumPy's ``NpzFile``. An array
    of Python objects is given only if it holds None, which Chainer writes for what has no value.
    Sizes are compared with the archive's directory before memory is taken for them.

    Args:
        file (str, os.PathLike or file object): The archive.
        max_member (int): Bytes that an array may have.
        name (str): What messages call the file; its path if omitted.

    Attributes:
        files (list of str): Names of the arrays, without ``.npy``.
        kind (str): ``"npz"``.
        date (datetime.date or None): When the newest member was written, where the archive knows:
            NumPy before 1.13 or so noted it, later ones write 1 January 1980.

    Raises:
        UnsafeFileError: If the file is no archive, is cut short, or has two members of one name
            or one that points out of it. So does reading an array that is damaged, or not what
            the directory says, or pickled.

    Example:
        >>> import io
        >>> f = io.BytesIO()
        >>> np.savez(f, x=np.arange(3), nothing=None)
        >>> npz = NpzReader(f)
        >>> npz.files, npz["x"].tolist(), npz["nothing"][()] is None
        (['x', 'nothing'], [0, 1, 2], True)
    """

    kind = "npz"

    def __init__(self, file, *, max_member=MAX_MEMBER, name=None):
        is_path = isinstance(file, str | os.PathLike)
        self._file = name or (os.fspath(file) if is_path else "the given file")
        self._max_member = max_member
        with self._telling("it is no whole .npz archive"):
            with open(file, "rb") if is_path else contextlib.nullcontext(file) as f:
                _check_directory(f)
            self._zip = zipfile.ZipFile(file)
        self._members = {}
        for info in self._zip.infolist():
            name = info.filename.removesuffix(".npy")
            if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
                self._refuse(name, "points out of the archive")
            if name in self._members:
                self._refuse(name, "is in the archive twice")
            self._members[name] = info
        self.files = list(self._members)
        self.date = common_date(_dates(self._members.values()))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        """Close the archive."""
        self._zip.close()

    def __contains__(self, name):
        return name in self._members

    def __iter__(self):
        return iter(self.files)

    def __len__(self):
        return len(self.files)

    def keys(self):
        """Return the names of the arrays."""
        return self.files

    def shape_of(self, name):
        """Return an array's shape without reading the array."""
        with self._open(name) as (_, shape, _, _, _):
            return shape

    def dtype_of(self, name):
        """Return an array's dtype without reading the array."""
        with self._open(name) as (_, _, dtype, _, _):
            return dtype

    def __getitem__(self, name):
        """Read an array.

        Args:
            name (str): One of ``files``.

        Returns:
            numpy.ndarray: A new, writable array; for an array of None, ``numpy.asarray(None)``.

        Raises:
            KeyError: If there is none of this name.
            UnsafeFileError: See the class.
        """
        with self._open(name) as (f, shape, dtype, order, size):
            if dtype.hasobject:
                if size > MAX_BYTES or not is_none(f.read()):
                    self._refuse(name, "holds pickled objects, which may run code")
                return np.asarray(None)
            # Piece by piece into its place: the whole is in memory once, not three times.
            data = np.empty(size, np.uint8)
            at = 0
            while piece := f.read(min(_PIECE, size - at)):
                data[at : at + len(piece)] = np.frombuffer(piece, np.uint8)
                at += len(piece)
            # Reading past the end lets zipfile compare the checksum.
            if at != size or f.read(1):
                self._refuse(name, "is cut short")
            return data.view(dtype).reshape(shape, order=order)

    @contextlib.contextmanager
    def _open(self, name):
        """Open a member behind its header: file, shape, dtype, order, bytes that follow."""
        info = self._members[name]
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            self._refuse(name, "is compressed in another way than NumPy's")
        if info.file_size > min(self._max_member, _MAX_RATIO * info.compress_size + 1000):
            self._refuse(name, f"promises {info.file_size} bytes, more than it can hold")
        with self._telling(f"its member {printable(name)} is damaged"), self._zip.open(info) as f:
            if np.lib.format.read_magic(f) != (1, 0):
                self._refuse(name, "is of a newer format than NumPy's 1.0")
            shape, fortran, dtype = _read_header(f)
            absurd = len(shape) > _MAX_AXES or any(not 0 <= n < 2**40 for n in shape)
            if absurd or dtype.kind not in "biufcUSO":
                text = printable(f"{dtype} of shape {shape}")
                self._refuse(name, f"is {text}, which no snapshot holds")
            size = info.file_size - f.tell()
            # Whoever asks for the shape alone may take memory by it.
            if not dtype.hasobject and size != math.prod(shape) * dtype.itemsize:
                self._refuse(name, f"has {size} bytes where {dtype} of shape {shape} is promised")
            yield f, shape, dtype, "F" if fortran else "C", size

    @contextlib.contextmanager
    def _telling(self, what):
        try:
            yield
        except UnsafeFileError:
            raise
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            # A directory that points before the file's begin makes zipfile seek there.
            self._tell(what, "it points out of the file", error)
        except (
            *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError),
            *(NotImplementedError, RuntimeError, OverflowError, IndexError, TypeError, SyntaxError),
        ) as error:
            self._tell(what, error, error)

    def _tell(self, what, why, cause):
        raise UnsafeFileError(
            f"{self._file} cannot be read: {what} ({printable(str(why), 200)}); "
            "copy or save it again"
        ) from cause

    def _refuse(self, name, why):
        raise UnsafeFileError(
            f"{self._file} is refused: its member {printable(name)} {why}; "
            "get it again from where it was made"
        )


def _read_header(f):
    try:
        return np.lib.format.read_array_header_1_0(f)
    except Exception as error:
        # NumPy reads the header with Python's own parser, and its tokenizer where that fails, which
        # raise all sorts of errors over text that is no Python.
        raise ValueError(f"its header is damaged: {error}") from error


def _check_directory(f):
    """Raise ValueError if the archive's directory is larger than any snapshot's.

    The end of the archive (.ZIP File Format Specification 6.3, 4.3.16) says how long it is.
    """
    length = f.seek(0, os.SEEK_END)
    f.seek(max(0, length - 2**16 - 22))
    end = f.read()
    at = end.rfind(b"PK\x05\x06")
    if 0 <= at <= len(end) - 22:
        (size,) = struct.unpack_from("<L", end, at + 12)
        # "PK 6 7" points to a longer record, which only archives of 4 GB need.
        if size > _MAX_DIRECTORY or (b"PK\x06\x07" in end[max(0, at - 20) : at] and length < 2**32):
            raise ValueError("its directory is larger than that of any snapshot")
    f.seek(0)


def common_date(dates):
    """Return the newest of some dates if they are all of one month or so, else None.

    A single date that stands out is a damaged one.

    Args:
        dates (iterable of datetime.date): May be empty.
    """
    dates = sorted(dates)
    if dates and dates[0] > _NO_DATE and dates[-1] - dates[0] <= datetime.timedelta(days=31):
        return dates[-1]
    return None


def _dates(members):
    for info in members:
        try:
            yield datetime.date(*info.date_time[:3])
        except ValueError:
            yield _NO_DATE
