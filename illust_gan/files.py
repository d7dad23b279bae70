"""Files that are there whole or not at all."""

import contextlib
import errno
import os
import re
import tempfile

# What mkstemp puts between the file's name and the suffix.
_RANDOM = "[a-z0-9_]{8}"


@contextlib.contextmanager
def replacing(path):
    """Open a new file which takes its name only when it is complete.

    The bytes go to a hidden temporary file in the same folder and are forced to the disk; only
    then is it renamed, and the folder forced too, so that the new name outlives a loss of power.
    Whatever goes wrong before the renaming, a full disk or Ctrl-C, the temporary file is removed
    and the file that had the name, if any, stays as it was. A process that is killed leaves the
    temporary file behind, for :func:`remove_parts`.

    Args:
        path (str or os.PathLike): Name of the file when it is done.

    Yields:
        io.BufferedRandom: The file, open for writing in binary.

    Raises:
        OSError: If it cannot be written; its ``filename`` is ``path``.

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "log")
        ...     with replacing(path) as f:
        ...         _ = f.write(b"all of it")
        ...     path.read_bytes()
        b'all of it'
    """
    folder, name = os.path.split(os.path.abspath(path))
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{name}.", suffix=".part", dir=folder)
    except OSError as error:
        error.filename = os.fspath(path)
        raise
    try:
        with os.fdopen(handle, "w+b") as f:
            yield f
            f.flush()
            os.fsync(f.fileno())
        # mkstemp makes files that only their owner may read; give them the usual permissions.
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
        _force_names(folder)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError) and error.errno and error.filename in (None, temporary):
            error.filename = os.fspath(path)
        raise


@contextlib.contextmanager
def replacing_folder(path):
    """Make a new folder which takes its name only when all is in it.

    It is filled under a hidden temporary name beside the one it gets. A folder that has the name
    then, if any, is moved aside and removed once the new one is in its place. Whatever goes wrong
    before, the new folder is removed and the old one stays as it was.

    Args:
        path (str or os.PathLike): Name of the folder when it is done.

    Yields:
        str: Name of the folder, to write in.

    Raises:
        OSError: If it cannot be made or take its name.

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as there:
        ...     path = pathlib.Path(there, "page")
        ...     with replacing_folder(path) as folder:
        ...         _ = pathlib.Path(folder, "index.html").write_text("a face")
        ...     os.listdir(path), os.listdir(there)
        (['index.html'], ['page'])
    """
    path = os.path.abspath(path)
    there, name = os.path.split(path)
    # Old and new lie in it side by side while they change places.
    with tempfile.TemporaryDirectory(prefix=f".{name}.", suffix=".part", dir=there) as part:
        new, old = os.path.join(part, "new"), os.path.join(part, "old")
        os.mkdir(new)
        yield new
        if os.path.lexists(path):
            os.rename(path, old)
        try:
            os.rename(new, path)
        except OSError:
            if os.path.lexists(old):
                os.rename(old, path)
            raise
        _force_names(there)


def remove_parts(folder, names):
    """Remove what killed processes left of files that :func:`replacing` had not finished.

    Call it only where no other process writes: its unfinished files look the same.

    Args:
        folder (str or os.PathLike): Where they lie; it need not exist.
        names (str): Regular expression of the names that the files were to get.

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for name in (".log.x1y2z3_9.part", ".mine.x1y2z3_9.part"):
        ...         pathlib.Path(folder, name).touch()
        ...     remove_parts(folder, "log")
        ...     os.listdir(folder)
        ['.mine.x1y2z3_9.part']
    """
    part = re.compile(rf"\.(?:{names})\.{_RANDOM}\.part")
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        path = os.path.join(folder, name)
        if part.fullmatch(name) and os.path.isfile(path):
            # One that cannot be removed only takes up room.
            with contextlib.suppress(OSError):
                os.unlink(path)


def _force_names(folder):
    """Force the names in a folder to the disk, where it can be done."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        # A folder may be written to and yet not read; Windows opens none at all.
        return
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network file systems force files only.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
