"""One z in a file: an ``.npy`` of a single row of numbers."""

import os

import numpy as np

from illust_gan.datasets.regular_file import open_regular
from illust_gan.errors import UserError
from illust_gan.files import replacing


def save_z(path, z):
    """Save one z, whole or not at all.

    Args:
        path (str or os.PathLike): Name of the file, ending in ``.npy``.
        z (numpy.ndarray): float32 (n_hidden,).

    Raises:
        OSError: If it cannot be written.
    """
    with replacing(path) as f:
        np.save(f, np.asarray(z, np.float32), allow_pickle=False)


def load_z(path, n_hidden=100):
    """Load one z with distrust: nothing is unpickled, and no more is read than one z has.

    Args:
        path (str or os.PathLike): From :func:`save_z`.
        n_hidden (int): Length that is wanted.

    Returns:
        numpy.ndarray: float32 (n_hidden,).

    Raises:
        UserError: If it is missing, no such file, or holds another number of numbers.
    """
    with open_regular(path, str(path), follow=True) as f:
        try:
            if np.lib.format.read_magic(f) != (1, 0):
                raise ValueError("it is of a newer format")
            shape, _, dtype = np.lib.format.read_array_header_1_0(f)
            if dtype.kind != "f" or shape != (n_hidden,):
                raise UserError(
                    f"{os.fspath(path)} holds {dtype} of shape {shape}; wanted one z of "
                    f"{n_hidden} floating-point numbers"
                )
            z = np.frombuffer(f.read(n_hidden * dtype.itemsize), dtype).reshape(shape)
        except UserError:
            raise
        # NumPy reads the header with Python's own parser, which raises all sorts of errors.
        except Exception as error:
            raise UserError(
                f"{os.fspath(path)} is no file of a z; give one that illust-gan project wrote"
            ) from error
    if not np.isfinite(z).all():
        raise UserError(f"{os.fspath(path)} holds numbers that are not finite; write it again")
    return z.astype(np.float32)
