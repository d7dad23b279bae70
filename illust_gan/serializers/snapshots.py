"""The snapshots in a run's folder: which there are, which are whole, and which are kept."""

import contextlib
import os
import re
import struct

from illust_gan.compat.npz_reader import NpzReader, UnsafeFileError
from illust_gan.errors import printable

# As Chainer's ``extensions.snapshot`` names them.
_NAME = re.compile(r"snapshot_iter_(\d+)")


def list_snapshots(folder):
    """List the snapshots in a folder, whole or not.

    Args:
        folder (str or os.PathLike): It need not exist.

    Returns:
        dict: Iteration (int) → path (str), from the first iteration to the last.
    """
    names = os.listdir(folder) if os.path.isdir(folder) else []
    matches = [match for match in map(_NAME.fullmatch, names) if match]
    paths = {int(match[1]): os.path.join(folder, match[0]) for match in matches}
    return {n: paths[n] for n in sorted(paths) if os.path.isfile(paths[n])}


def why_broken(file):
    """Say what is wrong with a run's snapshot, if anything is.

    Every array is read to its end and compared with the archive's checksum, one at a time: 75 MB
    take 0.2 s. Whether it fits a certain run is not asked.

    Args:
        file (str or os.PathLike): The snapshot.

    Returns:
        str: The fault in a few words, or None if the snapshot is whole.

    Raises:
        PermissionError: If it may not be read, which says nothing about it.
    """
    try:
        if os.path.getsize(file) == 0:
            return "it is empty"
        with NpzReader(file) as npz:
            for name in npz.files:
                try:
                    npz[name]
                except UnsafeFileError:
                    return f"its array {printable(name)} is damaged"
            # One wrong byte in the directory can hide the members that follow it.
            if _n_members(file) != len(npz.files):
                return "its directory is damaged"
            if "updater/iteration" not in npz:
                return "it is no snapshot of a whole run"
    except UnsafeFileError:
        return "it is cut short, or no .npz archive"
    except PermissionError:
        raise
    except OSError as error:
        # A bad disk refuses to read, for one.
        return error.strerror
    return None


def _n_members(file):
    """How many members an archive without a comment has, by the last 22 bytes of it.

    (.ZIP File Format Specification 6.3, 4.3.16: end of central directory record.)
    """
    with open(file, "rb") as f:
        f.seek(-22, os.SEEK_END)
        signature, n_members = struct.unpack("<4s6xH10x", f.read())
    return n_members if signature == b"PK\x05\x06" else None


def remove_older(folder, filename, n_retains):
    """Remove the oldest of a run's snapshots, now that a new one is whole.

    Their iterations say which are the oldest. Chainer's own ``n_retains`` asks the times of the
    files, which a copied folder or a clock put back gets wrong, and counts every name that only
    begins like a snapshot's.

    Args:
        folder (str or os.PathLike): The run's.
        filename (str): Name of the new snapshot. Those of later iterations are of another run's
            way and stay.
        n_retains (int): How many to keep, with the new one; all if not positive.
    """
    match = _NAME.fullmatch(filename)
    if match is None or n_retains <= 0:
        return
    past = [path for n, path in list_snapshots(folder).items() if n <= int(match[1])]
    for path in past[:-n_retains]:
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)
