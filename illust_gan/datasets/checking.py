"""Whether a packed data set is still what was packed."""

import hashlib
import re

from tqdm import tqdm

from illust_gan.datasets.errors import DatasetError
from illust_gan.datasets.labels import check_labels
from illust_gan.datasets.manifest import picture_name, plural

_NAMED = 3
_AGAIN = "copy both files again or make the set again"


def check(dataset, *, progress=False):
    """Read all pixels of a set and compare them with its manifest.

    That count and size are the manifest's is seen when a set is opened. Here the SHA-256 of all
    pixels is compared, that of each picture where the manifest tells it, and that of the labels
    if the set has any.

    Args:
        dataset (PackedDataset): The set.
        progress (bool): Show a bar with the time left on stderr.

    Returns:
        str: The SHA-256 of all pixels, 64 hexadecimal digits, as the manifest tells it.

    Raises:
        DatasetError: If something differs; pictures are named, where they can be. Or if the
            manifest tells no SHA-256, or the file cannot be read to its end.

    >>> import tempfile
    >>> import numpy as np
    >>> from illust_gan.datasets import write_packed
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     grey = np.full((4, 4, 3), 128, np.uint8)
    ...     dataset = write_packed(f"{folder}/greys", 4, [grey], sources=[], settings={})
    ...     check(dataset)[:8]
    '2ac4dd6f'
    """
    data, manifest_path = dataset.path, dataset.path.with_suffix(".json")
    told = dataset.manifest.get("sha256")
    if not isinstance(told, str) or not re.fullmatch("[0-9a-f]{64}", told):
        raise DatasetError(
            f"{manifest_path} tells no SHA-256 of the pixels to compare them with; copy it again "
            "or make the set again"
        )
    check_labels(dataset)
    hashes = _hashes_of_pictures(dataset)
    total = hashlib.sha256()
    differing = []
    for i, row in enumerate(_rows(dataset, progress)):
        total.update(row)
        if hashes[i] is not None and hashes[i] != hashlib.sha256(row).hexdigest():
            differing.append(i)
    if differing:
        names = ", ".join(picture_name(dataset.manifest, i) for i in differing[:_NAMED])
        more = f" and {len(differing) - _NAMED:,} more" if len(differing) > _NAMED else ""
        raise DatasetError(
            f"{data} does not match its manifest {manifest_path}: of "
            f"{plural(len(dataset), 'picture')} {len(differing):,} differ, {names}{more}; {_AGAIN}"
        )
    if total.hexdigest() != told:
        raise DatasetError(
            f"{data} does not match its manifest {manifest_path}: the SHA-256 of its pixels is "
            f"{total.hexdigest()} and the manifest tells {told}; {_AGAIN}"
        )
    return told


def _hashes_of_pictures(dataset):
    """Return the SHA-256 of each picture, None where the manifest does not tell it."""
    pictures = dataset.manifest.get("pictures")
    if pictures is None:
        return [None] * len(dataset)
    if not isinstance(pictures, list) or len(pictures) != len(dataset):
        found = len(pictures) if isinstance(pictures, list) else "no list of"
        raise DatasetError(
            f"{dataset.path.with_suffix('.json')} names {found} pictures, but there are "
            f"{len(dataset)} in {dataset.path}; {_AGAIN}"
        )
    return [entry.get("pixels") if isinstance(entry, dict) else None for entry in pictures]


def _rows(dataset, progress):
    """Yield the bytes of every picture."""
    pixels = dataset.pixels
    row = pixels[0].nbytes
    # Read, not mapped: where the disk fails, a mapped file ends the process instead of raising.
    try:
        with (
            open(dataset.path, "rb") as f,
            tqdm(
                total=pixels.nbytes,
                desc="checking",
                unit="B",
                unit_scale=True,
                disable=not progress,
            ) as bar,
        ):
            f.seek(dataset.path.stat().st_size - pixels.nbytes)
            for _ in range(len(pixels)):
                yield f.read(row)
                bar.update(row)
    except OSError as error:
        raise DatasetError(
            f"{dataset.path} cannot be read ({error.strerror}); copy it again or make it again"
        ) from error
