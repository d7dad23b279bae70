"""Opening regular files and nothing else, and noticing when they change."""

import contextlib
import errno
import os
import stat

from illust_gan.datasets.errors import PictureError

MAX_BYTES = 256 << 20
"""Larger files are not read: 64 megapixels of 8-bit RGBA without any compression are fewer."""

_WORDS = {
    errno.ENOENT: "missing",
    errno.ENOTDIR: "missing",
    errno.EACCES: "permission",
    errno.EPERM: "permission",
    errno.ELOOP: "link",
}


def check_file(path, name, *, follow=False):
    """Raise an error if a file is none that :func:`open_regular` opens; it is not opened here.

    Args:
        path (str or os.PathLike): The file.
        name (str): What errors call it.
        follow (bool): Go where symbolic links lead instead of refusing them.

    Returns:
        os.stat_result: Its state.

    Raises:
        PictureError: If it is missing, no regular file, empty or larger than :data:`MAX_BYTES`.
    """
    try:
        state = os.stat(path, follow_symlinks=follow)
    except OSError as error:
        raise picture_error(name, error) from error
    except ValueError as error:
        raise PictureError(name, "its name is none that a file can have", "path") from error
    check_kind(state.st_mode, name)
    check_size(state.st_size, name)
    return state


@contextlib.contextmanager
def open_regular(path, name, *, follow=False):
    """Open a regular file for reading in binary, and tell on leaving if it changed meanwhile.

    A pipe, a device or a link in the file's place is neither waited for nor read. An error that
    the operating system raises while the file is read is passed on as it is.

    Args:
        path (str or os.PathLike): The file.
        name (str): What errors call it.
        follow (bool): Go where symbolic links lead instead of refusing them.

    Yields:
        io.BufferedReader: The file.

    Raises:
        PictureError: On entering, as :func:`check_file` says and if it may not be read; on
            leaving, if its size or time is another than before, also in place of the error that
            this has led to.

    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as page:
    ...     _ = page.write(b"pixels"), page.flush()
    ...     with open_regular(page.name, "page.png") as f:
    ...         f.read()
    b'pixels'
    """
    # Opening a device can be more than looking at it, so what it is is asked before; and asked
    # again of what has been opened, which may have come into its place since then.
    check_file(path, name, follow=follow)
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | (0 if follow else os.O_NOFOLLOW)
    try:
        handle = os.open(path, flags)
    except OSError as error:
        raise picture_error(name, error) from error
    try:
        before = os.fstat(handle)
        check_kind(before.st_mode, name)
        check_size(before.st_size, name)
        # Decoders may close the file; the handle is needed to the end.
        with os.fdopen(handle, "rb", closefd=False) as f:
            try:
                yield f
            except (PictureError, OSError) as error:
                _check_unchanged(handle, before, name, cause=error)
                raise
            _check_unchanged(handle, before, name)
    finally:
        os.close(handle)


def size_and_time(path):
    """Return a file's size and the time of its last change, in nanoseconds; None if it has none."""
    try:
        state = os.stat(path)
    except OSError:
        return None
    return state.st_size, state.st_mtime_ns


def picture_error(name, error):
    """Return an error of the operating system as a :class:`PictureError`."""
    return PictureError(name, error.strerror or str(error), _WORDS.get(error.errno, "unreadable"))


def check_kind(mode, name):
    """Raise an error if a file with this ``st_mode`` is no regular one."""
    if stat.S_ISDIR(mode):
        raise PictureError(name, "it is a folder", "directory")
    if stat.S_ISLNK(mode):
        raise PictureError(name, "it is a symbolic link, which is not followed", "link")
    if not stat.S_ISREG(mode):
        raise PictureError(name, "it is a pipe, socket or device", "special")


def check_size(size, name):
    """Raise an error if there is nothing to read, or more than :data:`MAX_BYTES`."""
    if size == 0:
        raise PictureError(name, "it is empty", "empty")
    if size > MAX_BYTES:
        reason = f"it has more than {MAX_BYTES >> 20} MiB, the most that is read"
        raise PictureError(name, reason, "bomb")


def _check_unchanged(handle, before, name, cause=None):
    after = os.fstat(handle)
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise PictureError(name, "it changed while it was read", "changed") from cause
