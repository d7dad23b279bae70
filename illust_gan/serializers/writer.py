"""Writing snapshots, so that a failure never costs the one before."""

import os

import numpy as np
from chainer import serializers
from chainer.training.extensions import snapshot_writers

from illust_gan.errors import UserError
from illust_gan.files import replacing
from illust_gan.serializers.snapshots import remove_older


class SnapshotWriteError(UserError):
    """A snapshot could not be written; the message says why, and earlier ones are whole."""


class AtomicWriter(snapshot_writers.Writer):
    """Snapshot writer that forces the file to the disk and then renames it into place.

    Give it to ``chainer.training.extensions.snapshot(writer=AtomicWriter())``. Chainer's own
    writers also rename, but without forcing the bytes out first, so after a loss of power the new
    name may stand over an empty file. Nothing is compressed: weights shrink by a tenth and cost
    seconds.

    Args:
        n_retains (int): Snapshots to keep, by their iterations; all if not positive. It is for
            the names that Chainer gives them, ``snapshot_iter_1000``. See
            :func:`~illust_gan.serializers.snapshots.remove_older`.

    Raises:
        SnapshotWriteError: When the disk is full, the quota reached, or the folder gone.
    """

    def __init__(self, *, n_retains=-1):
        super().__init__()
        self.n_retains = n_retains

    def __call__(self, filename, outdir, target):
        """Write one snapshot.

        Args:
            filename (str): Name without folder.
            outdir (str): The run's folder.
            target (dict): Arrays by their paths, as Chainer's DictionarySerializer made them.
        """
        write_npz(os.path.join(outdir, filename), target)
        # Older ones go only now, when the new one is on the disk under its name.
        remove_older(outdir, filename, self.n_retains)
        self._post_save()


def save_npz(path, net):
    """Save a chain as ``.npz``, as ``chainer.serializers.save_npz`` does but whole or not at all.

    Args:
        path (str or os.PathLike): Name of the file.
        net (chainer.Link): What to save; any object that Chainer can serialize.

    Raises:
        SnapshotWriteError: If it cannot be written.
    """
    serializer = serializers.DictionarySerializer()
    serializer.save(net)
    write_npz(path, serializer.target)


def write_npz(path, arrays):
    """Write arrays by name into an uncompressed ``.npz``; the same arrays give the same bytes.

    Args:
        path (str or os.PathLike): Name of the file.
        arrays (dict): str → numpy.ndarray.

    Raises:
        SnapshotWriteError: If it cannot be written.
    """
    try:
        with replacing(path) as f:
            # Chainer's order is that of a set, which differs from process to process.
            np.savez(f, **dict(sorted(arrays.items())))
    except OSError as error:
        raise SnapshotWriteError(
            f"{os.fspath(path)} could not be written ({error.strerror}); files saved before it "
            "are whole, so make room and go on from the newest with --resume"
        ) from error
