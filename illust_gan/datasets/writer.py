"""Pictures as they come become a packed data set, in constant memory and all or nothing."""

import hashlib
import io

import numpy as np

from illust_gan.datasets.errors import DatasetError
from illust_gan.datasets.labels import labels_sha256
from illust_gan.datasets.manifest_writer import write_manifest
from illust_gan.datasets.packed import PackedDataset
from illust_gan.datasets.packed_files import FORMAT, FORMAT_VERSION, packed_paths
from illust_gan.files import replacing

MAX_SIZE = 4096


def write_packed(
    out,
    size,
    pictures,
    *,
    sources,
    settings,
    credits=(),
    left_out=(),
    labels=None,
    label_names=(),
    overwrite=False,
):
    """Write a packed data set picture by picture.

    Both files appear under their names when they are complete, the manifest last; an error in
    ``pictures``, a full disk or Ctrl-C leaves nothing behind. The same pictures under the same
    name give the same bytes: there are no times and no places in the files.

    Args:
        out (str or os.PathLike): Name of the set, with or without ``.npy``. The folder is made.
        size (int): Edge length of every picture, 1 to 4096.
        pictures (iterable of numpy.ndarray): uint8 of shape ``(size, size, 3)`` each. It is gone
            through once; the four arguments below are read after its end, so it may add to them.
        sources (list): Where the pictures come from, as JSON.
        settings (dict): What it takes to make the set again, as JSON.
        credits (list): Author and licence of each source, as JSON.
        left_out (list): A dict of ``file`` and ``reason`` for each picture that is not in the
            set.
        labels (callable): Number of a picture → number of its label; None for no labels.
        label_names (sequence of str): Names of the labels, 2 to
            :data:`~illust_gan.datasets.labels.MAX_LABELS`.
        overwrite (bool): Replace a set of this name instead of raising an error.

    Returns:
        PackedDataset: The set, opened.

    Raises:
        DatasetError: If the name is taken, the size is out of range, or the disk is full.

    >>> import tempfile
    >>> import numpy as np
    >>> greys = (np.full((4, 4, 3), level, np.uint8) for level in (0, 128, 255))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     dataset = write_packed(f"{folder}/greys", 4, greys, sources=[], settings={})
    ...     dataset.path.name, dataset.pixels[:, 0, 0, 0].tolist()
    ('greys.npy', [0, 128, 255])
    """
    data, manifest_path = packed_paths(out)
    if not 1 <= size <= MAX_SIZE:
        raise DatasetError(f"size is {size}; wanted 1 to {MAX_SIZE} pixels")
    check_free(data, overwrite)
    data.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Closed in reverse: the manifest takes its name last, when the pixels have theirs.
        with replacing(manifest_path) as manifest_file, replacing(data) as data_file:
            hashes = None if labels is None else []
            count, sha256 = _write_pixels(data_file, size, pictures, hashes)
            manifest = {
                "format": FORMAT,
                "format_version": FORMAT_VERSION,
                "name": data.stem,
                "count": count,
                "size": size,
                "sha256": sha256,
                "sources": sources,
                "left_out": list(left_out),
                "credits": list(credits),
                "settings": settings,
                **({} if labels is None else _labelled(hashes, labels, label_names)),
            }
            write_manifest(manifest_file, manifest)
            # A full disk shows now at the latest, while the old set is still whole.
            manifest_file.flush()
            data_file.flush()
            # A set that is cut off between its two renames must not pass for the old one.
            manifest_path.unlink(missing_ok=True)
    except OSError as error:
        if error.filename not in (str(data), str(manifest_path)):
            raise
        raise DatasetError(
            f"could not write {data}: {error.strerror}; make room or give another place"
        ) from error
    return PackedDataset(data)


def check_free(data, overwrite):
    """Raise :class:`DatasetError` if the name of a set is taken and not to be overwritten.

    A folder by that name is never overwritten.

    Args:
        data (pathlib.Path): Its ``.npy``.
        overwrite (bool): Whether it may be replaced.
    """
    for path in packed_paths(data):
        if path.is_dir():
            raise DatasetError(f"{path} is a folder; give another name, or remove it")
        if path.exists() and not overwrite:
            raise DatasetError(
                f"{path} exists already; give another name, or replace it with --force "
                "(in Python, overwrite=True)"
            )


def _labelled(hashes, labels, names):
    numbers = [labels(i) for i in range(len(hashes))]
    return {
        "labels": {"names": list(names), "sha256": labels_sha256(numbers, names)},
        # Nobody's file is behind them: what tells them from others is their pixels.
        "pictures": [
            {"sha256": pixels, "pixels": pixels, "label": label}
            for pixels, label in zip(hashes, numbers)
        ],
    }


def _write_pixels(f, size, pictures, hashes=None):
    f.write(header(0, size))
    sha256 = hashlib.sha256()
    count = 0
    for picture in pictures:
        if picture.dtype != np.uint8 or picture.shape != (size, size, 3):
            raise ValueError(
                f"picture {count} is {picture.dtype} of shape {picture.shape}; "
                f"wanted uint8 of shape {(size, size, 3)}"
            )
        row = picture.tobytes()
        f.write(row)
        sha256.update(row)
        if hashes is not None:
            hashes.append(hashlib.sha256(row).hexdigest())
        count += 1
    if not count:
        raise ValueError("there is no picture to write")
    f.seek(0)
    f.write(header(count, size))
    return count, sha256.hexdigest()


def header(count, size):
    """Return the head of a ``.npy`` file of pictures, which is of one length for all counts.

    Args:
        count (int): Number of pictures.
        size (int): Edge length of each.
    """
    # NumPy pads a header so that the first axis can grow to 21 digits: every count has the same
    # length, and the right one can be written over the first.
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "|u1", "fortran_order": False, "shape": (count, size, size, 3)}
    )
    return head.getvalue()
