"""The packed data set: one memory-mapped file of pixels beside its manifest."""

import os
from pathlib import Path

from chainer.dataset import DatasetMixin

from illust_gan.datasets.errors import DatasetError
from illust_gan.datasets.labels import read_labels
from illust_gan.datasets.packed_files import map_pixels, packed_paths, read_manifest
from illust_gan.datasets.preloaded import PreloadedDataset
from illust_gan.datasets.split import split


class PackedDataset(DatasetMixin):
    """Pictures of one size, read from a packed file as they are asked for.

    Opening reads the header and the manifest only: it takes milliseconds, and memory is taken by
    the pictures that are used. An example is one picture, uint8 of shape ``(size, size, 3)``,
    read-only; a slice or a list of indexes gives a list of them, as in every Chainer data set.
    Copies sent to worker processes carry the path alone and open the file anew.

    The pixels are not compared with the manifest's SHA-256, which would read all of them.

    Args:
        path (str or os.PathLike): The ``.npy`` file, the manifest beside it, or their stem.

    Attributes:
        path (pathlib.Path): The ``.npy`` file.
        pixels (numpy.ndarray): All pictures, uint8 of shape ``(N, size, size, 3)``, read-only.
        size (int): Edge length of a picture.
        manifest (dict): What is known of the set: ``name``, ``count``, ``size``, ``sha256`` of
            the pixels, ``sources``, ``left_out`` (a list of ``file`` and ``reason``),
            ``credits`` and ``settings``. What :func:`~illust_gan.datasets.pack` made also has
            ``pictures``, a dict for each with ``file``, hashes, size and, of a face, ``box``; and
            if it has labels, ``labels``, their ``names`` and a ``sha256``, and each picture has
            its ``label``.
        labels (numpy.ndarray): Of each picture, int32 of shape ``(N,)``, read-only; None if the
            set has no labels, which :func:`~illust_gan.datasets.pack` gives on demand.
        label_names (tuple of str): ``label_names[i]`` is the name of label i; empty without
            labels.

    Raises:
        DatasetError: If there is no such set, or one of its files is missing, damaged, truncated
            or of another kind.

    .. seealso:: :func:`~illust_gan.datasets.pack` and
        :func:`~illust_gan.datasets.make_avatars`, which make one.

    >>> import tempfile
    >>> from illust_gan.datasets import make_avatars
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = make_avatars(f"{folder}/faces", n=3, size=64).path
    ...     dataset = PackedDataset(path)
    ...     len(dataset), dataset[0].shape, dataset.manifest["sources"][0]["style"]
    (3, (64, 64, 3), 'lorelei')
    """

    def __init__(self, path):
        self.path, manifest_path = packed_paths(path)
        if not self.path.exists():
            raise DatasetError(_not_found(Path(path), self.path))
        self.pixels = map_pixels(self.path)
        self.size = self.pixels.shape[1]
        self.manifest = read_manifest(manifest_path, self.pixels.shape)
        self.labels, self.label_names = read_labels(manifest_path, self.manifest, len(self.pixels))
        self._absolute_path = os.path.abspath(self.path)

    def __len__(self):
        return len(self.pixels)

    def get_example(self, i):
        return self.pixels[i]

    def take(self, indexes):
        """Read several pictures at once.

        Args:
            indexes (sequence of int): Which ones, in any order; negative ones count from the end.

        Returns:
            numpy.ndarray: A new uint8 array of shape ``(len(indexes), size, size, 3)``.

        Raises:
            IndexError: If there is no such picture.
        """
        return self.pixels.take(indexes, axis=0)

    def split(self, held_out=0.1):
        """Split the set by picture identity, to measure on pictures that no net has seen.

        A picture is held out if the first 64 bits of a SHA-256 of its identity, as a number from
        0 to 1, are below the share. Its identity is the SHA-256 that the manifest gives of its
        source file, else that of its pixels. So a picture stays on its side when others are added
        or taken away, and when a greater share is held out; one that was packed from a file is on
        the same side in every set and size, and so are all the faces of one page.

        Args:
            held_out (float): Share to hold out, between 0 and 1. It is met by chance: 0.1 of
                2,000 files gives 200 ± 13.

        Returns:
            tuple of ~illust_gan.datasets.split.PictureSubset: The pictures to train on, and those
            held out, each in the order of the set.

        Raises:
            DatasetError: If the share is out of range, one side stays empty, or the manifest's
                list of pictures is damaged.
        """
        return split(self, held_out)

    def to_device(self, device):
        """Copy the whole set into a device's memory.

        Args:
            device: As ``chainer.get_device`` takes it: ``"@cupy:0"``, or ``"@numpy"`` for a copy
                in the machine's memory.

        Returns:
            ~illust_gan.datasets.preloaded.PreloadedDataset: The copy, a data set like this one
            whose pictures are arrays of the device.

        Raises:
            DatasetError: If the device has no room for it.
        """
        return PreloadedDataset(self, device)

    def __reduce__(self):
        return type(self), (self._absolute_path,)


def _not_found(given, data):
    if given.is_dir():
        return (
            f"{given} is a folder; wanted a packed data set: make one with "
            f"`illust-gan dataset pack {given} {data} --size 64`"
        )
    if given.exists() and given.suffix != ".json":
        return (
            f"{given} is no packed data set; wanted a .npy file made by "
            "`illust-gan dataset pack` or `illust-gan dataset avatars`"
        )
    return (
        f"no data set {data}; check the path, or make it with "
        f"`illust-gan dataset avatars {data}` or `illust-gan dataset pack FOLDER {data} --size 64`"
    )
