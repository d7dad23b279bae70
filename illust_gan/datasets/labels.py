"""Labels of a packed data set: a name for each kind of picture, and a number for each picture."""

import hashlib
import json
import unicodedata

import numpy as np

from illust_gan.datasets.errors import DatasetError
from illust_gan.errors import printable

MAX_LABELS = 1000
"""Labels that a set may have; each is a column of a one-hot vector."""

MAX_NAME = 255
"""Characters of a label's name."""

_NAMED = 10
_AGAIN = "copy the manifest again or pack the pictures again"


def name_fault(name):
    """Return what keeps a text from being the name of a label, or None if nothing does.

    >>> name_fault("black hair"), name_fault("black\\nhair")
    (None, 'has characters that cannot be shown')
    """
    if not name:
        return "is empty"
    if len(name) > MAX_NAME:
        return f"has more than {MAX_NAME} characters"
    return None if name.isprintable() else "has characters that cannot be shown"


def read_labels(path, manifest, n):
    """Read the labels out of a manifest, without trust.

    Args:
        path (pathlib.Path): The manifest, for messages.
        manifest (dict): What stands in it.
        n (int): Pictures in the set.

    Returns:
        tuple: For each picture its label, int32 of shape ``(n,)``, read-only, and the names as a
        tuple of str; None and ``()`` if the manifest tells of no labels.

    Raises:
        DatasetError: If the names are no 2 to :data:`MAX_LABELS` different ones that can be
            shown, or not every picture has one of them.

    >>> manifest = {"labels": {"names": ["cat", "dog"]}, "pictures": [{"label": 1}, {"label": 0}]}
    >>> read_labels("pets.json", manifest, 2)
    (array([1, 0], dtype=int32), ('cat', 'dog'))
    """
    if "labels" not in manifest:
        return None, ()
    told = manifest["labels"]
    names = told.get("names") if isinstance(told, dict) else None
    if not isinstance(names, list) or not 2 <= len(names) <= MAX_LABELS:
        found = f"{len(names):,}" if isinstance(names, list) else "no list of"
        raise DatasetError(
            f'"labels" in {path} has {found} names; wanted 2 to {MAX_LABELS:,}: {_AGAIN}'
        )
    for name in names:
        fault = name_fault(name) if isinstance(name, str) else "is no text"
        if fault:
            raise DatasetError(f'a name under "labels" in {path} {fault}; {_AGAIN}')
    if len(set(names)) != len(names):
        raise DatasetError(f'"labels" in {path} has a name twice; {_AGAIN}')
    pictures = manifest.get("pictures")
    if not isinstance(pictures, list) or len(pictures) != n:
        found = f"{len(pictures):,}" if isinstance(pictures, list) else "no list of"
        raise DatasetError(
            f"{path} names {found} pictures, but there are {n:,}, each of which has a label; "
            f"{_AGAIN}"
        )
    labels = [entry.get("label") if isinstance(entry, dict) else None for entry in pictures]
    # True is an int of Python's too.
    wrong = [i for i, x in enumerate(labels) if type(x) is not int or not 0 <= x < len(names)]
    if wrong:
        raise DatasetError(
            f"{path} gives {len(wrong):,} of {n:,} pictures no label, the first of them picture "
            f"{wrong[0]:,}; wanted a number from 0 to {len(names) - 1} for each: {_AGAIN}"
        )
    labels = np.array(labels, np.int32)
    labels.flags.writeable = False
    return labels, tuple(names)


def labels_sha256(labels, names):
    """Return a SHA-256 of a set's labels and their names.

    Args:
        labels (numpy.ndarray): int32 of shape ``(N,)``.
        names (sequence of str): Their names.

    Returns:
        str: 64 hexadecimal digits, of the names as a list in JSON without a character beyond
        ASCII, a line feed, and the labels in four bytes each, the lowest first.
    """
    digest = hashlib.sha256(json.dumps(list(names)).encode("ascii") + b"\n")
    digest.update(np.asarray(labels, "<i4").tobytes())
    return digest.hexdigest()


def check_labels(dataset):
    """Compare a set's labels with the SHA-256 that its manifest tells of them.

    Args:
        dataset (PackedDataset): The set, with labels or without.

    Raises:
        DatasetError: If they differ.
    """
    if dataset.labels is None:
        return
    told = dataset.manifest["labels"].get("sha256")
    found = labels_sha256(dataset.labels, dataset.label_names)
    if told != found:
        raise DatasetError(
            f"the labels in {dataset.path.with_suffix('.json')} are not those that were packed: "
            f"their SHA-256 is {found} and the manifest tells "
            f"{printable(told) if isinstance(told, str) else 'none'}; {_AGAIN}"
        )


def pictures_labelled(dataset, name):
    """Find the pictures of one label.

    Args:
        dataset (PackedDataset): The set.
        name (str): The label's name, its accents composed or not.

    Returns:
        numpy.ndarray: Their indexes, int64, in the order of the set; at least one.

    Raises:
        DatasetError: If the set has no labels, or not this one, or no picture of it.
    """
    names = dataset.label_names
    if not names:
        raise DatasetError(
            f"{dataset.path} has no labels; leave --label away, or pack the pictures with "
            "`illust-gan dataset pack --labels folder`"
        )
    name = name if name in names else unicodedata.normalize("NFC", name)
    if name not in names:
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        raise DatasetError(
            f"{dataset.path} has no label {printable(name)}; wanted one of "
            f"{', '.join(printable(known) for known in names[:_NAMED])}{more}"
        )
    indexes = np.flatnonzero(dataset.labels == names.index(name))
    if not len(indexes):
        raise DatasetError(f"no picture of {dataset.path} has the label {name}; give another")
    return indexes
