"""The two files of a packed data set: their names, and reading them without trust."""

import json
from pathlib import Path

import numpy as np

from illust_gan.datasets.errors import DatasetError

FORMAT = "illust-gan pictures"
FORMAT_VERSION = 1


def packed_paths(path):
    """Name the two files of a packed data set.

    Args:
        path (str or os.PathLike): Either of them, or their common stem.

    Returns:
        tuple of pathlib.Path: The pixels (``.npy``) and the manifest (``.json``).

    Raises:
        DatasetError: If the path ends in no name, as ``.`` does.

    >>> [p.name for p in packed_paths("faces-v1.5")]
    ['faces-v1.5.npy', 'faces-v1.5.json']
    >>> packed_paths("faces.npy") == packed_paths("faces.json") == packed_paths("faces")
    True
    """
    path = Path(path)
    if path.name in ("", ".."):
        raise DatasetError(
            f"{path} is a folder; wanted the name of a data set, as in {path / 'faces.npy'}"
        )
    stem = path.stem if path.suffix in (".npy", ".json") else path.name
    return path.with_name(f"{stem}.npy"), path.with_name(f"{stem}.json")


def map_pixels(path):
    """Map the pixels of a packed data set into memory, whatever the file claims to be.

    Args:
        path (pathlib.Path): The ``.npy`` file.

    Returns:
        numpy.ndarray: uint8 of shape ``(N, size, size, 3)``, read-only.

    Raises:
        DatasetError: If it is another kind of file, or damaged, or truncated.
    """
    with open(path, "rb") as f:
        shape, fortran_order, dtype = _read_header(f, path)
        start = f.tell()
    if (
        dtype != np.uint8
        or fortran_order
        or len(shape) != 4
        or shape[1] != shape[2]
        or shape[3] != 3
        or min(shape) < 1
    ):
        order = "Fortran" if fortran_order else "C"
        raise DatasetError(
            f"{path} holds {dtype} of shape {shape} in {order} order; wanted uint8 of shape "
            "(N, size, size, 3) in C order: pack the pictures with `illust-gan dataset pack`"
        )
    # Python's integers, which do not overflow: a header may claim any shape.
    wanted = start + shape[0] * shape[1] * shape[2] * shape[3]
    found = path.stat().st_size
    if found != wanted:
        raise DatasetError(
            f"{path} has {found:,} bytes and its header speaks of {wanted:,}: it was cut short or "
            "changed; copy it again or make it again"
        )
    pixels = np.memmap(path, dtype=np.uint8, mode="r", offset=start, shape=shape)
    return pixels.view(np.ndarray)


def _read_header(f, path):
    # The steps of numpy.load(mmap_mode="r", allow_pickle=False), without its detours into zip
    # archives and pickles.
    try:
        major, minor = np.lib.format.read_magic(f)
        if (major, minor) != (1, 0):
            raise ValueError(f"its version is {major}.{minor}")
        return np.lib.format.read_array_header_1_0(f)
    # A damaged header brings anything out of NumPy's parser, from TokenError to MemoryError.
    except Exception as error:
        raise DatasetError(
            f"{path} is no NumPy file of version 1.0, or its header is damaged ({error}); copy it "
            "again or pack the pictures again"
        ) from error


def read_manifest(path, shape):
    """Read the manifest of a packed data set.

    Args:
        path (pathlib.Path): The ``.json`` file.
        shape (tuple): That of the pixels, whose number and size it must tell.

    Returns:
        dict: The manifest.

    Raises:
        DatasetError: If it is missing, damaged, or that of something else.
    """
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DatasetError(
            f"no manifest {path} beside its pixels; copy it along or pack the pictures again"
        ) from None
    except (ValueError, RecursionError) as error:
        raise DatasetError(
            f"{path} is no JSON ({error}); copy it again or pack the pictures again"
        ) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise DatasetError(
            f'{path} is not the manifest of a packed data set; wanted "format": "{FORMAT}" in it: '
            "copy the right one or pack the pictures again"
        )
    if manifest.get("format_version") != FORMAT_VERSION:
        raise DatasetError(
            f"{path} has format version {manifest.get('format_version')}; this illust-gan reads "
            f"version {FORMAT_VERSION}: install a newer one or pack the pictures again"
        )
    told = manifest.get("count"), manifest.get("size")
    if told != shape[:2]:
        raise DatasetError(
            f"{path} tells of {told[0]} pictures of size {told[1]}, but its pixels are {shape[0]} "
            f"of size {shape[1]}: the two files belong to different sets; copy both again"
        )
    return manifest
