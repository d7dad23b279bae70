"""The pictures in a zip archive, read without unpacking it to the disk."""

import contextlib
import io
import math
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter

from illust_gan.datasets.errors import DatasetError, PictureError
from illust_gan.datasets.picture_source import PictureSource, ending, is_hidden, natural_key
from illust_gan.datasets.pictures import ENDINGS
from illust_gan.datasets.regular_file import check_kind, check_size
from illust_gan.errors import printable

MAX_MEMBERS = 10_000_000
"""Archives of more members are refused, before the memory for their names is taken."""

MAX_NAME = 4096
"""Characters of a name: as many as the path of a file may have.

Names are handed to processes through a pipe, which holds a few of that length.
"""

# What an entry of an archive's directory and the header of a member take at least, beside names.
_ENTRY_BYTES, _HEADER_BYTES = 46, 30

# Bits of an entry's flags: encrypted, and encrypted in a later way.
_ENCRYPTED = 0x1 | 0x40

# Broken bytes bring these out of zipfile; NotImplementedError is a RuntimeError, and seeking
# beyond what 64 bits can say is an OverflowError.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    OverflowError,
    ValueError,
)


class PictureArchive(PictureSource):
    """Finds the pictures in a zip archive.

    A picture is told by its ending. Folders, hidden members and ``__MACOSX`` are passed over.
    Names are in natural order. Where members have the same name, the second is ``name#2``, the
    third ``name#3`` in the order in which the archive lists them.

    ``left_out`` has members whose names lead out of the archive, links, encrypted ones, those
    that unpack to more than :data:`~illust_gan.datasets.regular_file.MAX_BYTES`, those that lie
    over another (a few bytes repeated to a flood), those with names longer than :data:`MAX_NAME`
    and kinds that are not read.

    Args:
        path (str or os.PathLike): The archive, whatever its name ends in.

    Raises:
        DatasetError: If it is no intact zip archive or there is no picture in it.

    .. seealso:: :class:`~illust_gan.datasets.picture_source.PictureSource` has the attributes.

    >>> import tempfile, zipfile
    >>> with tempfile.NamedTemporaryFile() as f:
    ...     with zipfile.ZipFile(f, "w") as archive:
    ...         for name in ("page/10.png", "page/9.png", "../../up.png", "__MACOSX/9.png"):
    ...             archive.writestr(name, b"pixels")
    ...     source = PictureArchive(f.name)
    >>> source.pictures, [left_out["word"] for left_out in source.left_out]
    (['page/9.png', 'page/10.png'], ['path'])
    """

    kind = "zip"

    def __init__(self, path):
        super().__init__(path)
        self._states = {}
        with contextlib.closing(ArchiveReader(path)) as reader:
            for name, member in reader.members():
                self._sort_in(reader, name, member)
        self.pictures.sort(key=natural_key)
        self._finish()

    def _sort_in(self, reader, name, member):
        if _leads_out(member.orig_filename):
            self._leave_out(PictureError(name, "its name is no path inside the archive", "path"))
        elif any(is_hidden(part) for part in name.split("/") if part != "."):
            pass
        elif not _is_picture(member):
            self._pass_over(name, ending(member.orig_filename))
        elif len(name) > MAX_NAME:
            reason = f"its name has more than {MAX_NAME:,} characters"
            self._leave_out(PictureError(name, reason, "unreadable"))
        else:
            try:
                reader.check(name, member)
            except PictureError as error:
                self._leave_out(error)
            else:
                self.pictures.append(name)
                self._states[name] = member.CRC, member.file_size

    def label(self, name):
        """Return the archive's outermost folder that a picture lies in, however deep."""
        # Archives of Windows may have its separators.
        parts = [part for part in re.split(r"[/\\]", name) if part not in ("", ".")]
        return parts[0] if len(parts) > 1 else None

    def _state(self, name):
        return self._states[name]


class ArchiveReader:
    """Opens pictures in a zip archive by their names; the archive is opened once and kept open.

    Args:
        path (str or os.PathLike): The archive.

    Raises:
        DatasetError: If it is no intact zip archive.
    """

    def __init__(self, path):
        try:
            self._file = _ArchiveFile(path)
        except OSError as error:
            raise DatasetError(f"{path} cannot be opened: {error.strerror}") from error
        try:
            self._zip = zipfile.ZipFile(self._file)
        except _BROKEN as error:
            self._file.close()
            raise DatasetError(
                f"{path} is no zip archive that can be read ({printable(str(error))}); "
                "copy, download or make it again"
            ) from error
        self._overlapping = _overlapping(self._zip.infolist())
        self._pictures = {name: member for name, member in self.members() if _is_picture(member)}

    def members(self):
        """Yield name and :class:`zipfile.ZipInfo` of all members but folders, as they are listed.

        A name that was there before gets a number; as no ending of a picture has one, it can be
        no other picture's name.
        """
        counts = Counter()
        for member in self._zip.infolist():
            name = member.orig_filename
            if not name.endswith(("/", "\\")):
                counts[name] += 1
                yield (f"{name}#{counts[name]}" if counts[name] > 1 else name), member

    def check(self, name, member):
        """Raise a :class:`PictureError` if what the archive says of a member forbids reading it."""
        # Unix and macOS keep a file's kind here; other systems leave it 0.
        mode = member.external_attr >> 16
        if stat.S_IFMT(mode):
            check_kind(mode, name)
        if member.flag_bits & _ENCRYPTED:
            raise PictureError(name, "it is encrypted; unpack the archive first", "encrypted")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # Python unpacks the others without a limit on memory.
            reason = "it is compressed in another way than by deflate; make the archive again"
            raise PictureError(name, reason, "format")
        check_size(member.file_size, name)
        if member in self._overlapping:
            raise PictureError(name, "it lies over another member of the archive", "damaged")

    @contextlib.contextmanager
    def open(self, name):
        """Open a picture for reading.

        Args:
            name (str): One of the ``pictures`` of a :class:`PictureArchive`.

        Yields:
            io.BytesIO: The whole picture, its CRC-32 compared.

        Raises:
            PictureError: On entering, if there is no such picture, or if it is damaged or may
                not be read.
        """
        if name not in self._pictures:
            raise PictureError(name, "it is not in the archive", "missing")
        member = self._pictures[name]
        self.check(name, member)
        try:
            with self._zip.open(member) as f:
                # The size is only what the archive says. There can be more, or less.
                content = f.read(member.file_size + 1)
        except _BROKEN as error:
            raise PictureError(name, "its bytes in the archive are damaged") from error
        if len(content) != member.file_size:
            raise PictureError(name, "it has another size than the archive says")
        yield io.BytesIO(content)

    def close(self):
        """Close the archive."""
        self._zip.close()
        self._file.close()


class _ArchiveFile(io.FileIO):
    """A file that does not give the directory of an absurd archive, read by zipfile in one go."""

    def read(self, size=-1):
        if size > MAX_MEMBERS * _ENTRY_BYTES:
            raise zipfile.BadZipFile(f"it claims to have more than {MAX_MEMBERS} members")
        return super().read(size)


def _overlapping(members):
    """Return the members that reach into the next one; of those at one place, all but the first."""
    overlapping = set()
    next_start = math.inf
    for member in sorted(members, key=lambda member: -member.header_offset):
        header_bytes = _HEADER_BYTES + len(member.orig_filename)
        if member.header_offset + header_bytes + member.compress_size > next_start:
            overlapping.add(member)
        next_start = member.header_offset
    return overlapping


def _is_picture(member):
    return ending(member.orig_filename) in ENDINGS


def _leads_out(name):
    """Return whether a name is absolute, of a drive, leads upward or is no name at all."""
    parts = re.split(r"[/\\]", name)
    return not parts[0] or ".." in parts or bool(re.match("[A-Za-z]:", name)) or "\0" in name
