"""Variables by their TensorFlow names, out of an archive or a checkpoint."""

import os
import re

import numpy as np

from illust_gan.errors import printable
from illust_gan.serializers.reader import SnapshotError, open_snapshot

_ENDINGS = (".npz", ".h5", ".hdf5")
# A checkpoint of today is several files, with these endings; one of 2016 is a file without.
_PARTS = (".index", ".meta", ".data-00000-of-00001")
# What tf.train.Checkpoint writes behind a variable's name, and in the place of "/" and "." in it.
_ATTRIBUTE = "/.ATTRIBUTES/VARIABLE_VALUE"
_ESCAPES = ((".S", "/"), ("..", "."))
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
    if os.path.isfile(path):
        with open(path, "rb") as f:
            start = f.read(4)
        if start[:2] == b"PK" or start == b"\x89HDF" or path.endswith(_ENDINGS):
            return Variables(path, open_snapshot(path))
    checkpoint = _checkpoint(path)
    if checkpoint is None:
        raise SnapshotError(
            f"{path} does not exist; give an .npz with TensorFlow's variables, or a checkpoint by "
            "its name without .index"
        )
    return Variables(path, CheckpointReader(checkpoint))


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

    Raises:
        SnapshotError: If two of its arrays are the same variable.
    """

    def __init__(self, file, reader):
        self.file = file
        self.reader = reader
        marked = [name for name in reader.files if name.startswith("var:")]
        self.names = {}
        for given in marked or reader.files:
            name = given.removeprefix("var:").removesuffix(":0")
            if name in self.names:
                reader.close()
                raise SnapshotError(
                    f"{file} has {printable(name)} twice, as {printable(self.names[name])} and "
                    f"{printable(given)}; leave one away"
                )
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
        """Return a variable's shape without reading it."""
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


class CheckpointReader:
    """The arrays of a checkpoint by name, as :class:`.NpzReader` gives those of an archive.

    Args:
        path (str): The checkpoint's name, or that of the folder with its newest.

    Attributes:
        files (list of str): Names of the arrays.

    Raises:
        SnapshotError: If it is broken, or there is no TensorFlow.
    """

    def __init__(self, path):
        try:
            import tensorflow as tf
        except ImportError as missing:
            raise SnapshotError(_WITHOUT_TENSORFLOW.format(path)) from missing
        self._path = path
        try:
            self._reader = tf.train.load_checkpoint(path)
            shapes = self._reader.get_variable_to_shape_map()
            types = self._reader.get_variable_to_dtype_map()
        # TensorFlow has an error of its own for some faults, and for others any of Python's.
        except Exception as error:
            raise self._broken(error) from error
        self._keys = {_plain(key): key for key in sorted(shapes)}
        self._shapes, self._types = shapes, types
        self.files = list(self._keys)

    def close(self):
        """Do nothing: TensorFlow closes its files itself."""

    def shape_of(self, name):
        """Return an array's shape without reading the array."""
        return tuple(self._shapes[self._keys[name]])

    def dtype_of(self, name):
        """Return an array's dtype without reading the array."""
        return np.dtype(self._types[self._keys[name]].as_numpy_dtype)

    def __getitem__(self, name):
        """Read an array."""
        try:
            return self._reader.get_tensor(self._keys[name])
        except Exception as error:
            raise self._broken(error) from error

    def _broken(self, error):
        why = printable(str(error).partition("\n")[0], 200)
        return SnapshotError(
            f"{self._path} cannot be read as a TensorFlow checkpoint: {why}; copy it again, with "
            "all its files"
        )


_WITHOUT_TENSORFLOW = """\
{0} is no .npz, and to read it as a TensorFlow checkpoint takes TensorFlow: pip install \
tensorflow-cpu; or give an .npz, which these lines write where TensorFlow is:
    reader = tf.train.load_checkpoint("{0}")
    names = reader.get_variable_to_shape_map()
    np.savez("variables.npz", **{{name: reader.get_tensor(name) for name in names}})"""


def _checkpoint(path):
    """Return the name that TensorFlow knows a checkpoint by; None if there is none."""
    for part in _PARTS:
        if path.endswith(part) and os.path.exists(path):
            path = path.removesuffix(part)
            break
    there = os.path.exists(path) or os.path.exists(path + ".index")
    return path if there else None


def _plain(key):
    if not key.endswith(_ATTRIBUTE):
        return key
    key = key.removesuffix(_ATTRIBUTE)
    for escape, character in _ESCAPES:
        key = key.replace(escape, character)
    return key
