"""serializers/hdf5.py:197 makes numbers and strings of what h5py reads.

h5py 3 gives strings as bytes, of which ``str`` makes "b'…'"; and NumPy 2.4 and later refuse to make
a number of an array of shape (1,).
"""

import numpy as np

WHERE = "chainer.serializers.hdf5"
WHAT = "serializers/hdf5.py:197 makes text of bytes and numbers of shape (1,)"

_SCALARS = (bool, int, float, complex, np.generic)


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
