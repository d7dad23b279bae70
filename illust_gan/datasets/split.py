"""Held-out pictures: which they are follows from each picture alone."""

import hashlib
import re

import numpy as np
from chainer.dataset import DatasetMixin

from illust_gan.datasets.errors import DatasetError
from illust_gan.datasets.packed_files import packed_paths
from illust_gan.datasets.preloaded import PreloadedDataset


class PictureSubset(DatasetMixin):
    """Some pictures of a packed data set, as a data set like it.

    Copies sent to worker processes carry the packed set's path and the indexes.

    Args:
        dataset (PackedDataset): The whole set.
        indexes (sequence of int): Which of its pictures, in the order they get here.

    Attributes:
        dataset (PackedDataset): The whole set.
        indexes (numpy.ndarray): int64 of shape ``(N,)``.
    """

    def __init__(self, dataset, indexes):
        self.dataset = dataset
        self.indexes = np.asarray(indexes, dtype=np.int64)

    @property
    def path(self):
        """The ``.npy`` file of the whole set (pathlib.Path)."""
        return self.dataset.path

    @property
    def size(self):
        """Edge length of a picture (int)."""
        return self.dataset.size

    @property
    def manifest(self):
        """The manifest of the whole set (dict)."""
        return self.dataset.manifest

    @property
    def labels(self):
        """Labels of these pictures (int32 of shape ``(N,)``), or None."""
        labels = self.dataset.labels
        return None if labels is None else labels[self.indexes]

    @property
    def label_names(self):
        """Names of the whole set's labels (tuple of str)."""
        return self.dataset.label_names

    def __len__(self):
        return len(self.indexes)

    def get_example(self, i):
        return self.dataset[self.indexes[i]]

    def take(self, indexes):
        """Read several pictures at once, as :meth:`PackedDataset.take` does."""
        return self.dataset.take(self.indexes.take(indexes))

    def to_device(self, device):
        """Copy these pictures, and no others, into a device's memory.

        Args:
            device: As ``chainer.get_device`` takes it.

        Returns:
            PreloadedDataset: The copy.
        """
        return PreloadedDataset(self, device)


def split(dataset, held_out):
    """Split a set by picture identity, as :meth:`PackedDataset.split` tells.

    Args:
        dataset (PackedDataset): The set.
        held_out (float): Share to hold out, between 0 and 1.

    Returns:
        tuple of PictureSubset: The pictures to train on, and those held out.

    Raises:
        DatasetError: If the share is out of range, one side stays empty, or the manifest's list
            of pictures is damaged.
    """
    if not 0 < held_out < 1:
        raise DatasetError(
            f"held_out is {held_out}; wanted a share of the pictures between 0 and 1, such as 0.1"
        )
    held = np.array([_is_held_out(identity, held_out) for identity in _identities(dataset)])
    if held.all() or not held.any():
        side = "held out, and none is left to train on" if held.all() else "left to train on"
        raise DatasetError(
            f"with a share of {held_out} held out, all {len(held)} pictures of {dataset.path} are "
            f"{side}; give another share with --held-out (in Python, held_out), or add pictures"
        )
    return tuple(PictureSubset(dataset, np.flatnonzero(side)) for side in (~held, held))


def _is_held_out(identity, share):
    # Hashed once more: whoever sorts or picks pictures by their SHA-256 leaves the share as it is.
    digest = hashlib.sha256(identity.encode("ascii")).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def _identities(dataset):
    """Return a SHA-256 in hex digits for each picture."""
    if "pictures" not in dataset.manifest:
        return [hashlib.sha256(picture).hexdigest() for picture in dataset.pixels]
    pictures = dataset.manifest["pictures"]
    if not isinstance(pictures, list) or len(pictures) != len(dataset):
        raise _damaged(dataset, f"does not list {len(dataset)} pictures")
    identities = [picture.get("sha256") for picture in pictures if isinstance(picture, dict)]
    whole = [s for s in identities if isinstance(s, str) and re.fullmatch("[0-9a-f]{64}", s)]
    if len(whole) != len(dataset):
        raise _damaged(dataset, "lacks the SHA-256 of some")
    return whole


def _damaged(dataset, what):
    return DatasetError(
        f'{packed_paths(dataset.path)[1]} {what} under "pictures": it was changed by hand or is '
        "another set's; copy both files again or pack the pictures again"
    )
