"""Files that are there whole or not at all."""

import contextlib
import os
import tempfile


@contextlib.contextmanager
def replacing(path):
    """Open a new file which takes its name only when it is complete.

    The bytes go to a hidden temporary file in the same folder and are forced to the disk; only
    then is it renamed. Whatever goes wrong before, a full disk or Ctrl-C, the temporary file is
    removed and the file that had the name, if any, stays as it was.

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
    handle, temporary = tempfile.mkstemp(prefix=f".{name}.", suffix=".part", dir=folder)
    try:
        with os.fdopen(handle, "w+b") as f:
            yield f
            f.flush()
            os.fsync(f.fileno())
        # mkstemp makes files that only their owner may read; give them the usual permissions.
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError) and error.errno and error.filename in (None, temporary):
            error.filename = os.fspath(path)
        raise


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
