"""TensorFlow's own files: which they are, and their arrays by name.

TensorFlow reads them, and how it fares with a broken or hostile one is up to TensorFlow. It is
imported only for what looks like a checkpoint.
"""

import glob
import os
import re
import struct

import numpy as np

from illust_gan.errors import printable
from illust_gan.serializers.reader import SnapshotError

# A checkpoint of today is several files, with these endings; one of 2016 is a file without.
_PART = re.compile(r"\.(?:index|meta|data-\d{5}-of-\d{5})$")
_DATA = re.compile(r"\.data-\d{5}-of-\d{5}$")
# tensorflow/core/lib/io/format.h, kTableMagicNumber: the last 8 bytes of .index, and of a
# checkpoint in one file.
_TABLE_END = struct.pack("<Q", 0xDB4775248B80FB57)
_ARCHIVES = (b"PK", b"\x89HDF")
# What tf.train.Checkpoint writes behind a variable's name, and in the place of "/" and "." in it.
_ATTRIBUTE = "/.ATTRIBUTES/VARIABLE_VALUE"
_ESCAPES = ((".S", "/"), ("..", "."))


def find_checkpoint(file):
    """Return the name that TensorFlow knows a checkpoint by.

    Args:
        file (str or os.PathLike): The name that was given to TensorFlow (``DCGAN.model-1000``), one
            of the checkpoint's files, or the folder that they are in.

    Returns:
        str: The name, or that of the folder; None where nothing looks like a checkpoint.

    Raises:
        SnapshotError: If a part of it is missing or cut short.
    """
    path = os.fspath(file)
    if os.path.isdir(path) and os.path.isfile(os.path.join(path, "checkpoint")):
        return path
    name = _PART.sub("", path)
    if os.path.isfile(path):
        if is_archive(path):
            return None
        if name == path:
            return path if _is_table(path) else None
    index = f"{name}.index"
    if os.path.isfile(index):
        if not _is_table(index):
            raise _broken(name, f"{index} is no table of TensorFlow's, or cut short")
        return name
    if os.path.isfile(path) and os.path.isfile(name) and _is_table(name):
        return name
    if os.path.isfile(path) and _DATA.search(path):
        raise _broken(name, f"{index} is not there")
    return None


def is_archive(path):
    """Return whether a file begins as ``.npz`` or HDF5 do; TensorFlow never gets such a one."""
    with open(path, "rb") as f:
        return f.read(4).startswith(_ARCHIVES)


def _is_table(path):
    with open(path, "rb") as f:
        f.seek(max(os.path.getsize(path) - len(_TABLE_END), 0))
        return f.read(len(_TABLE_END)) == _TABLE_END


class CheckpointReader:
    """The arrays of a checkpoint by name, as :class:`.NpzReader` gives those of an archive.

    Args:
        path (str): As :func:`find_checkpoint` returns it; of a folder, the newest is read.

    Attributes:
        kind (str): ``"checkpoint"``.
        files (list of str): Names of the arrays.
        date: None: it is not known when it was written.
        size (int): Bytes of the checkpoint's files.

    Raises:
        SnapshotError: If it is broken, or there is no TensorFlow.
    """

    kind = "checkpoint"
    date = None

    def __init__(self, path):
        try:
            import tensorflow as tf
        except ImportError as missing:
            raise SnapshotError(_WITHOUT_TENSORFLOW.format(path)) from missing
        self._path = path
        try:
            name = _newest(tf, path) if os.path.isdir(path) else path
            self._reader = tf.train.load_checkpoint(name)
            shapes = self._reader.get_variable_to_shape_map()
            types = self._reader.get_variable_to_dtype_map()
        except SnapshotError:
            raise
        # TensorFlow has an error of its own for some faults, and for others any of Python's.
        except Exception as error:
            raise _broken(path, error) from error
        self._keys = {_plain(key): key for key in sorted(shapes)}
        self._shapes, self._types = shapes, types
        self.files = list(self._keys)
        ends = ("", ".index", ".data-*")
        parts = [part for end in ends for part in glob.glob(glob.escape(name) + end)]
        self.size = sum(map(os.path.getsize, parts))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        """Do nothing: TensorFlow closes its files itself."""

    def __contains__(self, name):
        return name in self._keys

    def __len__(self):
        return len(self.files)

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
            raise _broken(self._path, error) from error


def _newest(tf, folder):
    """Return the newest checkpoint that a folder knows of, wherever the folder was before."""
    state = tf.train.get_checkpoint_state(folder)
    if state is None:
        raise ValueError("its file called checkpoint names none")
    base = os.path.basename(state.model_checkpoint_path.replace("\\", "/"))
    name = find_checkpoint(os.path.join(folder, base))
    if name is None:
        raise ValueError(f"its file called checkpoint names {base}, which is not there")
    return name


def _broken(path, why):
    why = printable(str(why).partition("\n")[0], 200)
    return SnapshotError(
        f"{path} cannot be read as a TensorFlow checkpoint: {why}; copy it again, with all its "
        "files"
    )


_WITHOUT_TENSORFLOW = """\
{0} is no .npz, and to read it as a TensorFlow checkpoint takes TensorFlow: pip install \
tensorflow-cpu; or give an .npz, which these lines write where TensorFlow is:
    reader = tf.train.load_checkpoint("{0}")
    names = reader.get_variable_to_shape_map()
    np.savez("variables.npz", **{{name: reader.get_tensor(name) for name in names}})"""


def _plain(key):
    if not key.endswith(_ATTRIBUTE):
        return key
    key = key.removesuffix(_ATTRIBUTE)
    for escape, character in _ESCAPES:
        key = key.replace(escape, character)
    return key
