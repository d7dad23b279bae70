"""serializers/hdf5.py:197 makes numbers and strings of what h5py reads.

h5py 3 gives strings as bytes, of which ``str`` makes "b'…'"; and NumPy 2.4 and later refuse to make
a number of an array of shape (1,). And h5py follows links and storage into other files, so that a
stranger's file could show what lies elsewhere on this machine: ``load_hdf5`` refuses them.
"""

import functools
import os

import numpy as np

from illust_gan.errors import UserError, printable

WHERE = "chainer.serializers.hdf5"
WHAT = "serializers/hdf5.py:197 makes text of bytes and numbers of shape (1,), :195 follows links"

_SCALARS = (bool, int, float, complex, np.generic)


class UnsafeHdf5Error(UserError):
    """An HDF5 file holds links, or arrays that lie in another file."""


def _refuse_what_lies_elsewhere(filename):
    import h5py

    def find(name, link):
        if not isinstance(link, h5py.HardLink):
            return f"{printable(name)} is a link"
        item = file[name]
        if isinstance(item, h5py.Dataset) and (item.external or item.is_virtual):
            return f"{printable(name)} lies in another file"
        return None

    with h5py.File(filename, "r") as file:
        # The first answer that is not None ends the visit.
        found = file.visititems_links(find)
    if found is not None:
        raise UnsafeHdf5Error(
            f"{os.fspath(filename)} is refused: its {found}, which no snapshot holds; "
            "get it again from where it was made"
        )


def mend(module):
    """Let the deserializer read text as text, and one-element arrays as numbers."""
    original = module.HDF5Deserializer.__call__

    def __call__(self, key, value):  # noqa: N807 - it becomes the class's
        if isinstance(value, (str, *_SCALARS)) and self.group is not None and key in self.group:
            dataset = self.group[key]
            if dataset.shape is not None and dataset.size == 1:
                item = np.asarray(dataset[()]).reshape(())[()]
                if isinstance(value, str):
                    return item.decode("utf-8") if isinstance(item, bytes) else str(item)
                if dataset.shape:
                    return type(value)(item)
        return original(self, key, value)

    module.HDF5Deserializer.__call__ = __call__

    load_hdf5 = module.load_hdf5

    @functools.wraps(load_hdf5)
    def checked(filename, obj):
        _refuse_what_lies_elsewhere(filename)
        load_hdf5(filename, obj)

    module.load_hdf5 = checked
