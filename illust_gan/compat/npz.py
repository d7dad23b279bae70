"""serializers/npz.py:19-21 and :240 read with ``allow_pickle=True``, which runs a file's code.

So does resuming a Trainer, which goes through the same function. Nothing is unpickled any more; see
:mod:`illust_gan.compat.npz_reader`. And npz.py:226 makes a number of an array of shape (1,), which
NumPy 2.4 and later refuse.
"""

import numpy as np

from illust_gan.compat.npz_reader import NpzReader

WHERE = "chainer.serializers.npz"
WHAT = "serializers/npz.py:240 unpickles what it reads, :226 makes numbers of shape (1,)"

_SCALARS = (bool, int, float, complex, np.generic)


def mend(module):
    """Replace ``load_npz``, and let the deserializer make numbers of one-element arrays."""

    def load_npz(file, obj, path="", strict=True, ignore_names=None):
        with NpzReader(file) as npz:
            module.NpzDeserializer(npz, path=path, strict=strict, ignore_names=ignore_names).load(
                obj
            )

    load_npz.__doc__ = module.load_npz.__doc__
    module.load_npz = load_npz

    original = module.NpzDeserializer.__call__

    def __call__(self, key, value):  # noqa: N807 - it becomes the class's
        if isinstance(value, _SCALARS):
            name = self.path + key.lstrip("/")
            array = self.npz[name] if name in self.npz else np.empty(())
            if array.ndim and array.size == 1 and array.dtype.kind in "biufc":
                self = module.NpzDeserializer(
                    {name: array.reshape(())}, self.path, self.strict, self.ignore_names
                )
        return original(self, key, value)

    module.NpzDeserializer.__call__ = __call__
