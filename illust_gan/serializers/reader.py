"""Opening a snapshot of either format, with distrust."""

import datetime
import os
import subprocess
import sys
import tempfile

from illust_gan.compat.npz_reader import NpzReader, common_date
from illust_gan.errors import UserError
from illust_gan.serializers import hdf5_child
from illust_gan.serializers.models import find_snapshot, suggest

# The largest array is kim-conditional's at 64×64 with 1,000 labels, of 265.3 MB.
_MAX_MEMBER = hdf5_child.MAX_ARRAY
_HDF5 = b"\x89HDF\r\n\x1a\n"
# A stopped machine, not a slow file: hdf5_child counts its own time.
_PATIENCE = 60


class SnapshotError(UserError):
    """A file is not the snapshot that was wanted; the message says what it seems to be."""


def open_snapshot(file):
    """Open a snapshot for reading without running anything in it.

    Args:
        file (str or os.PathLike): ``.npz`` or HDF5, with any ending or none; or the name of a
            model that comes with the package (:mod:`.models`).

    Returns:
        NpzReader: A mapping from names to arrays, to be closed. Its ``kind`` is ``"npz"`` or
        ``"hdf5"``.

    Raises:
        UserError: If it is missing, neither of the two, broken, or refused.
    """
    file = find_snapshot(file)
    if not os.path.exists(file):
        model = suggest(file)
        raise SnapshotError(
            f"{file} does not exist; give the path of a snapshot"
            + (f", or {model}" if model else "")
        )
    if os.path.isdir(file):
        raise SnapshotError(
            f"{file} is a folder; give a file in it, such as generator.npz or snapshot_iter_1000"
        )
    with open(file, "rb") as f:
        start = f.read(8)
    if start == _HDF5:
        return Hdf5Reader(file)
    if start[:2] != b"PK":
        raise SnapshotError(
            f"{file} is no snapshot: it is neither an .npz archive nor HDF5; give a file that "
            "Chainer's save_npz, save_hdf5 or a Trainer wrote"
        )
    return NpzReader(file, max_member=_MAX_MEMBER)


class Hdf5Reader(NpzReader):
    """The arrays of an HDF5 file, read by a process of its own (:mod:`.hdf5_child`).

    Args:
        file (str or os.PathLike): The file.

    Attributes:
        kind (str): ``"hdf5"``.
        date (datetime.date or None): When the newest array was written, where the file knows:
            h5py before 3 noted it, of each array.

    Raises:
        SnapshotError: If the file is broken, or holds what no snapshot holds.
    """

    kind = "hdf5"

    def __init__(self, file):
        path = os.fspath(file)
        arrays = tempfile.TemporaryFile()  # noqa: SIM115 - close() closes it
        command = [sys.executable, "-P", "-m", hdf5_child.__name__, os.path.abspath(path)]
        # More threads than one only reserve memory; plugins of HDF5 are code.
        limits = {"OPENBLAS_NUM_THREADS": "1", "HDF5_PLUGIN_PATH": "::"}
        try:
            child = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=arrays,
                stderr=subprocess.PIPE,
                env={**os.environ, **limits, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                timeout=_PATIENCE,
            )
            code, said = child.returncode, child.stderr.decode("utf-8", "replace").strip()
        except subprocess.TimeoutExpired:
            code, said = -1, ""
        if code != 0:
            arrays.close()
            why = said if code == hdf5_child.REFUSED else "it is damaged, or cut short"
            raise SnapshotError(
                f"{path} cannot be read as HDF5: {why}; get it again from where it was made"
            )
        super().__init__(arrays, name=path)
        self._arrays = arrays
        self.date = common_date(map(datetime.date.fromisoformat, said.split()))

    def close(self):
        """Close the arrays."""
        super().close()
        self._arrays.close()
