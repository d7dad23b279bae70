"""``cupy.random``: NumPy's random numbers, on the device. Not those of cuRAND."""

import numpy as np

from cupy import _creation, _stream


def _on_device(name):
    def draw(self, *args, dtype=None, **kwargs):
        _stream.refuse_library_in_capture("cuRAND")
        values = np.asarray(getattr(self._plain, name)(*args, **kwargs))
        return _creation.array(values if dtype is None else values.astype(dtype))

    draw.__name__, draw.__doc__ = name, f"See ``numpy.random.RandomState.{name}``."
    return draw


class RandomState:
    """A source of random numbers."""

    def __init__(self, seed=None, method=None):
        self._plain = np.random.RandomState(seed)

    def seed(self, seed=None):
        """Begin anew."""
        self._plain.seed(seed)


_NAMES = (
    "binomial choice normal permutation rand randint randn random_sample standard_normal uniform"
)
for _name in _NAMES.split():
    setattr(RandomState, _name, _on_device(_name))
_state = RandomState()


def seed(seed=None):
    """Begin anew."""
    _state.seed(seed)


def get_random_state():
    """Return the source that this module's functions use."""
    return _state


def shuffle(a):
    """Shuffle an array in place."""
    a[...] = a[_creation.array(_state._plain.permutation(len(a)))]


def __getattr__(name):
    name = {"random": "random_sample"}.get(name, name)
    if name in _NAMES.split():
        return getattr(_state, name)
    raise AttributeError(f"module 'cupy.random' (emulated) has no attribute {name!r}")
