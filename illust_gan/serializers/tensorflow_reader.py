"""Variables by their TensorFlow names, out of an archive or a checkpoint."""

import os
import re

import numpy as np

from illust_gan.errors import printable
from illust_gan.serializers.reader import SnapshotError, open_snapshot
from illust_gan.serializers.tensorflow_checkpoint import (
    CheckpointReader,
    find_checkpoint,
    is_archive,
)

# Kim's own batch normalisation, up to December 2016, kept its averages under the names of the
# operations that computed them: g_bn0/g_bn0_2/moments/moments_1/mean/ExponentialMovingAverage, or
# …/moments/Squeeze/… and …/moments/Squeeze_1/…, by the version of TensorFlow.
_AVERAGE_END = "/ExponentialMovingAverage"
_AVERAGE = re.compile(
    rf"(.*\b[dg]_bn\d)/.*\bmoments/(?:.*/)?(?:(mean|Squeeze)|variance|Squeeze_1){_AVERAGE_END}"
)


def open_variables(file):
    """Open what TensorFlow trained, for reading.

    Args:
        file (str or os.PathLike): An ``.npz`` (or HDF5 file) with an array for each variable; or a
            checkpoint, by the name that was given to TensorFlow (``DCGAN.model-1000``), one of its
            files, or the folder that they are in. A checkpoint is read by TensorFlow itself.

    Returns:
        Variables: To be closed.

    Raises:
        UserError: If it is missing, none of these, broken, or refused; or if it is a checkpoint
            and there is no TensorFlow.
    """
    path = os.fspath(file)
    checkpoint = find_checkpoint(path)
    if checkpoint is not None:
        return Variables(path, CheckpointReader(checkpoint))
    if not os.path.exists(path):
        why = "does not exist"
    elif os.path.isdir(path):
        why = "is a folder without a file called checkpoint"
    elif not is_archive(path):
        why = "is neither an .npz archive nor HDF5 nor a whole checkpoint of TensorFlow's"
    else:
        return Variables(path, open_snapshot(path))
    raise SnapshotError(
        f"{path} {why}; give an .npz with TensorFlow's variables, or a checkpoint by its name "
        "without .index"
    )


class Variables:
    """Arrays by the names that the variables had in the program.

    Names begin with ``var:`` or not, and end in ``:0`` or not, as ``variable.name`` has it. If one
    begins with ``var:``, the others are no variables. Averages that are called after an operation
    get the name they have later, ``moving_mean`` or ``moving_variance``.

    Args:
        file (str): What messages call it.
        reader (NpzReader or CheckpointReader): Where the arrays are; closed with this.

    Attributes:
        names (dict): Name → name in the file.
    """

    def __init__(self, file, reader):
        self.file = file
        self.reader = reader
        marked = [name for name in reader.files if name.startswith("var:")]
        self.names, self._twice = {}, {}
        for given in marked or reader.files:
            name = given.removeprefix("var:").removesuffix(":0")
            if name in self.names:
                self._twice[name] = given
            else:
                self.names[name] = given
        self._rename_averages()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.reader.close()

    def _rename_averages(self):
        given = frozenset(self.names)
        # A discriminator has two pairs, of real and then of generated pictures; the last counts.
        for name in sorted(name for name in given if _AVERAGE_END in name):
            raw = self.names.pop(name)
            # Backtracking over a longer name, of nobody's making, would take its time.
            match = _AVERAGE.fullmatch(name) if len(name) < 500 else None
            if match:
                later = f"{match[1]}/moving_{'mean' if match[2] else 'variance'}"
                if later not in given:
                    self.names[later] = raw

    def shape_of(self, name):
        """Return a variable's shape without reading it.

        Raises:
            UserError: If it is damaged, or there are two of this name.
        """
        if name in self._twice:
            raise SnapshotError(
                f"{self.file} has {printable(name)} twice, as {printable(self.names[name])} and "
                f"{printable(self._twice[name])}; leave one away"
            )
        return tuple(self.reader.shape_of(self.names[name]))

    def __getitem__(self, name):
        """Return a variable as float32.

        Raises:
            UserError: If it is damaged, or holds something else than floats.
        """
        dtype = self.reader.dtype_of(self.names[name])
        if dtype.kind != "f":
            raise SnapshotError(
                f"{self.file} has {printable(name)} as {dtype} where float32 is wanted"
            )
        return np.asarray(self.reader[self.names[name]], np.float32)
