"""The same arrays in the other format."""

import os

import h5py
import numpy as np

from illust_gan.errors import UserError
from illust_gan.files import replacing
from illust_gan.serializers.finding import find_nets, open_file
from illust_gan.serializers.first_averages import mend_first_averages
from illust_gan.serializers.load import SIZE_NOTE, contents, read_net, serialized
from illust_gan.serializers.reader import SnapshotError
from illust_gan.serializers.tensorflow_recognise import TensorFlowFound
from illust_gan.serializers.writer import write_npz

_HDF5_ENDINGS = (".h5", ".hdf5")
# As Chainer's save_hdf5.
_COMPRESSION = 4


def convert(file, out, *, role="gen", chainer_version=None, half=False, size=None):
    """Write a net of a snapshot, or the state of an optimiser, in the format of ``out``'s ending.

    The arrays are copied to the bit. What the era of a net's file was (see
    :mod:`illust_gan.serializers.eras`) is noted beside them as ``chainer_version``, since the
    format will not tell any more; Chainer passes over the note. A net of TensorFlow's is turned
    into Chainer's layout, under the names that its snapshots have here.

    Args:
        file (str or os.PathLike): ``.npz``, HDF5, or the snapshot of a whole run; or what
            :func:`illust_gan.load_tensorflow_generator` takes.
        out (str or os.PathLike): Ends in ``.npz``, ``.h5`` or ``.hdf5``.
        role (str): ``"gen"`` or ``"dis"``: which net, if the file holds both.
        chainer_version (str): See :func:`illust_gan.load_generator`.
        half (bool): Whether to round the weights W to float16, for half the size; all else stays as
            it is.
        size (int): Edge of the picture of Kim's net of TensorFlow, where it is no multiple of 16;
            it is noted beside the arrays.

    Returns:
        str: What was written, in words.

    Raises:
        UserError: If the file cannot be read, holds no such thing, or ``out`` ends otherwise.
    """
    ending = os.path.splitext(out)[1].lower()
    if ending not in (".npz", *_HDF5_ENDINGS):
        raise UserError(f"{out} ends in no known format; give a name that ends in .npz or .h5")
    with open_file(file) as reader:
        found = find_nets(file, reader)
        if size is not None and not any(isinstance(f, TensorFlowFound) for f in found):
            raise UserError(
                f"size {size} is given, which is for Kim's net of TensorFlow, but {file} "
                f"{contents(reader.files, found)}; leave it away"
            )
        if not found and "t" in reader:
            arrays, what = {name: reader[name] for name in reader.files}, "the optimiser's state"
        else:
            fitting = [f for f in found if f.role == role] or (found if len(found) == 1 else [])
            if not fitting:
                raise SnapshotError(
                    f"{file} {contents(reader.files, found)}; nothing in it to convert"
                )
            arrays, what = _net(file, reader, fitting[0], chainer_version, size), str(fitting[0])
            if half:
                arrays = {name: _halved(file, name, array) for name, array in arrays.items()}
    if ending == ".npz":
        write_npz(out, arrays)
    else:
        _write_hdf5(out, arrays)
    return what


def _net(file, reader, found, chainer_version, size):
    # Refuses what does not fit.
    net, era = read_net(file, reader, found, chainer_version, size=size)
    if isinstance(found, TensorFlowFound):
        mend_first_averages(file, net)
        arrays = serialized(net)
        if size is not None and found.kind.rounds_up:
            arrays[SIZE_NOTE] = np.asarray(size)
        return arrays
    prefix = found.prefix
    arrays = {name[len(prefix) :]: reader[name] for name in reader.files if name.startswith(prefix)}
    if era.chainer_version is not None:
        arrays["chainer_version"] = np.asarray(era.chainer_version)
    return arrays


def _halved(file, name, array):
    if not name.endswith("/W"):
        return array
    rounded = array.astype(np.float16)
    if not np.isfinite(rounded).all():
        raise UserError(f"{name} of {file} has weights beyond float16's 65504; leave --half away")
    return rounded


def _write_hdf5(path, arrays):
    with replacing(path) as f, h5py.File(f, "w") as file:
        for name, array in arrays.items():
            if array.dtype.kind == "U":
                file.create_dataset(name, data=str(array))
            elif array.dtype.hasobject:
                file.create_dataset(name, data=h5py.Empty("f"))
            else:
                compression = _COMPRESSION if array.size > 1 else None
                file.create_dataset(name, data=array, compression=compression)
