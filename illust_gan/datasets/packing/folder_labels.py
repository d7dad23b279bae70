"""Labels of the pictures that are packed: the names of the folders that they lie in."""

import unicodedata
from collections import Counter

import numpy as np

from illust_gan.datasets.errors import DatasetError
from illust_gan.datasets.labels import MAX_LABELS, labels_sha256, name_fault
from illust_gan.datasets.manifest import plural
from illust_gan.datasets.picture_source import natural_key
from illust_gan.errors import printable

LABELS = ("none", "folder")

_WITHOUT = 'or leave --labels away (in Python, labels="none")'


class FolderLabels:
    """Takes the labels of a source's pictures from their folders.

    A label is a folder of which at least one picture is packed, so :meth:`settle` decides on them
    when all pictures are done. Names are in natural order and in Unicode's composed form (NFC), as
    keyboards write them and Macs' folders do not; folders whose names differ in that alone are one
    label.

    Args:
        source (PictureSource): What the pictures come from. Those that have no label are moved to
            its ``left_out``.

    Attributes:
        names (tuple of str): The labels' names, once they are settled.
        unused (tuple of str): Folders that are no label, as no picture of theirs is in the set.

    Raises:
        DatasetError: If there are fewer than two labels or more than
            :data:`~illust_gan.datasets.labels.MAX_LABELS`, or a name cannot be shown.
    """

    def __init__(self, source):
        self._source = source
        self.names = self.unused = ()
        n = len(source.pictures)
        source.leave_out_unlabelled()
        self._found = sorted({self.name_of(file) for file in source.pictures}, key=natural_key)
        if not self._found:
            raise DatasetError(
                f"no label for the {plural(n, 'picture')} of {source.path}: none lies in a folder "
                f"inside it; sort the pictures into two folders or more, {_WITHOUT}"
            )
        if len(self._found) == 1:
            raise DatasetError(
                f"one label, {printable(self._found[0])}, for the "
                f"{plural(len(source.pictures), 'picture')} in folders of {source.path}; wanted "
                "two or more: give a source in which each label's folder is one of its own "
                f"folders, {_WITHOUT}"
            )
        if len(self._found) > MAX_LABELS:
            raise DatasetError(
                f"{len(self._found):,} labels, one for each folder of {source.path}; wanted "
                f"{MAX_LABELS:,} at the most: put pictures of a kind into one folder, {_WITHOUT}"
            )
        for name in self._found:
            if fault := name_fault(name):
                raise DatasetError(
                    f"the folder {printable(name)} in {source.path} cannot be a label, as its name "
                    f"{fault}; rename it, {_WITHOUT}"
                )

    def name_of(self, file):
        """Return the name of a picture's label, or None if it has none.

        Args:
            file (str): The picture's name in the source.
        """
        folder = self._source.label(file)
        return None if folder is None else unicodedata.normalize("NFC", folder)

    def settle(self, unfinished):
        """Decide on the labels.

        Args:
            unfinished (Unfinished): All of whose pictures are done.

        Raises:
            DatasetError: If pictures of one label alone have been packed.
        """
        packed, words = [], Counter()
        for entry in unfinished.entries():
            packed += [self.name_of(entry["file"])] * len(entry["packed"])
            words.update(reason["word"] for reason in entry["left_out"])
        present = set(packed)
        self.names = tuple(name for name in self._found if name in present)
        self.unused = tuple(name for name in self._found if name not in present)
        if len(self.names) < 2:
            counted = ", ".join(f"{n} {word}" for word, n in words.most_common())
            raise DatasetError(
                f"one label, {self.names[0]}, for all pictures of {self._source.path} that can be "
                f"packed, as the others are left out: {counted}; wanted two labels or more: give "
                f"better pictures of the others, {_WITHOUT}"
            )
        self._indexes = {name: i for i, name in enumerate(self.names)}
        labels = np.array([self._indexes[name] for name in packed], np.int32)
        self._sha256 = labels_sha256(labels, self.names)

    def index(self, file):
        """Return the number of a packed picture's label."""
        return self._indexes[self.name_of(file)]

    def differ(self, file, other):
        """Return whether two pictures have different labels."""
        both = self.name_of(file), self.name_of(other)
        return None not in both and both[0] != both[1]

    def for_manifest(self):
        """Return what the manifest says of the labels, beside the number of each picture."""
        return {"names": list(self.names), "sha256": self._sha256}
