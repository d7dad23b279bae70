"""A whole data set in a device's memory."""

import math

import chainer
import numpy as np
from chainer.dataset import DatasetMixin

from illust_gan.datasets.errors import DatasetError

_CHUNK = 64 * 2**20


class PreloadedDataset(DatasetMixin):
    """Pictures copied from a packed file into the memory of a device.

    A minibatch is then taken, mirrored and scaled where the nets are, and nothing but its indexes
    goes there. It is meant for the process that made it: worker processes read the file.

    Args:
        dataset (PackedDataset or PictureSubset): What to copy.
        device: As ``chainer.get_device`` takes it: ``"@cupy:0"``, or ``"@numpy"`` for a copy in
            the machine's memory, as for files on a slow disk.

    Attributes:
        path (pathlib.Path): The ``.npy`` file.
        pixels (:ref:`ndarray`): All pictures, uint8 of shape ``(N, size, size, 3)``, on the
            device.
        size (int): Edge length of a picture.
        manifest (dict): That of the packed set.
        labels (:ref:`ndarray`): Of each picture, int32 of shape ``(N,)``, on the device, or None.
        label_names (tuple of str): Their names.

    Raises:
        DatasetError: If the device has no room for the pictures.
    """

    def __init__(self, dataset, device):
        self.path = dataset.path
        self.size = dataset.size
        self.manifest = dataset.manifest
        device = chainer.get_device(device)
        self.pixels = _load(dataset, device)
        self.labels = None if dataset.labels is None else device.send(dataset.labels)
        self.label_names = dataset.label_names

    def __len__(self):
        return len(self.pixels)

    def get_example(self, i):
        return self.pixels[i]

    def take(self, indexes):
        """Copy several pictures at once, as :meth:`PackedDataset.take` does, on the device."""
        indexes = np.asarray(indexes)
        # CuPy would take another picture instead.
        if indexes.size and not -len(self) <= indexes.min() <= indexes.max() < len(self):
            raise IndexError(f"indexes are out of range; there are {len(self)} pictures")
        device = chainer.backend.get_device_from_array(self.pixels)
        return self.pixels.take(device.send(indexes), axis=0)


def _load(dataset, device):
    shape = (len(dataset), dataset.size, dataset.size, 3)
    with chainer.using_device(device):
        pixels = _allocate(shape, device, dataset.path)
        # In parts: the file may be larger than the memory beside the device's.
        n = max(1, _CHUNK // math.prod(shape[1:]))
        for start in range(0, len(dataset), n):
            stop = min(start + n, len(dataset))
            pixels[start:stop] = device.send(dataset.take(np.arange(start, stop)))
    return pixels


def _allocate(shape, device, path):
    n_bytes = math.prod(shape)
    on_cpu = device.xp is np
    try:
        # Linux hands out more memory than there is, and kills whoever uses it.
        if on_cpu and n_bytes > _available():
            raise MemoryError
        # CuPy's error is one of these too.
        return device.xp.empty(shape, np.uint8)
    except MemoryError:
        free = _available() if on_cpu else device.xp.cuda.runtime.memGetInfo()[0]
        raise DatasetError(
            f"the {shape[0]:,} pictures of {path} take {n_bytes / 2**30:,.1f} GiB, and {device} "
            f"has {free / 2**30:,.1f} GiB free; leave --preload away, and they are read from the "
            "file as they are needed (in Python, leave to_device away)"
        ) from None


def _available():
    """Bytes that can be used without swapping, by the kernel's estimate (proc_meminfo(5))."""
    with open("/proc/meminfo", encoding="ascii") as f:
        sizes = dict(line.split(":") for line in f)
    return int(sizes["MemAvailable"].split()[0]) * 1024
