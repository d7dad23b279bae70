"""The nets in a file, whichever program wrote it."""

import os

from illust_gan.serializers.reader import open_snapshot
from illust_gan.serializers.recognise import recognise
from illust_gan.serializers.tensorflow_checkpoint import CheckpointReader, find_checkpoint
from illust_gan.serializers.tensorflow_reader import Variables
from illust_gan.serializers.tensorflow_recognise import recognise_variables


def open_file(file):
    """Open a snapshot of Chainer's, or what TensorFlow trained, for reading.

    Args:
        file (str or os.PathLike): As for :func:`~illust_gan.serializers.reader.open_snapshot`; or a
            checkpoint of TensorFlow's, which TensorFlow reads: its name, one of its files, or the
            folder that they are in.

    Returns:
        NpzReader or CheckpointReader: A mapping from names to arrays, to be closed. Its ``kind`` is
        ``"npz"``, ``"hdf5"`` or ``"checkpoint"``.

    Raises:
        UserError: If it is missing, none of these, broken, or refused; or if it is a checkpoint
            and there is no TensorFlow.
    """
    checkpoint = find_checkpoint(file)
    return open_snapshot(file) if checkpoint is None else CheckpointReader(checkpoint)


def find_nets(file, reader):
    """Find the nets that a file holds, by the names of its arrays.

    Args:
        file (str or os.PathLike): What messages call it.
        reader (NpzReader or CheckpointReader): From :func:`open_file`.

    Returns:
        list of Found or TensorFlowFound: Generators before discriminators. TensorFlow's are looked
        for where there is none of Chainer's.
    """
    return recognise(reader.files) or recognise_variables(Variables(os.fspath(file), reader))
