"""``illust_gan.config``: whether the fast paths are taken, and by how many threads.

The plain path is Chainer's own code. It is taken where a fast one is switched off, or where there
are no compiled kernels for the machine; that is said once, as a warning.
"""

import contextlib
import os
import warnings

import numpy as np

from illust_gan.errors import UserError
from illust_gan.functions import library


class Config:
    """Settings of the fast paths; :data:`illust_gan.config` is the one there is.

    Attributes:
        fast (bool): Whether Chainer's functions take the fast path on NumPy arrays; the
            environment variable ``ILLUST_GAN_FAST=0`` makes it False from the start.
        threads (int): Threads of the fast paths, 1 to 64; ``ILLUST_GAN_NUM_THREADS``,
            ``OMP_NUM_THREADS`` or the cores this process may use.
    """

    def __init__(self):
        object.__setattr__(self, "fast", _fast_from_environment())
        object.__setattr__(self, "threads", _threads_from_environment())

    def __setattr__(self, name, value):
        if name == "fast":
            value = bool(value)
        elif name == "threads":
            if not 1 <= value <= 64:
                raise ValueError(f"config.threads is {value}; give 1 to 64")
            _give_threads(value)
        else:
            raise AttributeError(f"config has no setting {name!r}; there are fast and threads")
        object.__setattr__(self, name, value)

    def __repr__(self):
        return f"Config(fast={self.fast}, threads={self.threads})"

    @contextlib.contextmanager
    def using(self, **settings):
        """Change settings for the length of a ``with`` block.

        Args:
            settings: ``fast`` and ``threads``, as the attributes.

        Example:
            >>> import illust_gan
            >>> with illust_gan.config.using(fast=False):
            ...     illust_gan.config.fast
            False
        """
        before = {name: getattr(self, name) for name in settings}
        try:
            for name, value in settings.items():
                setattr(self, name, value)
            yield self
        finally:
            for name, value in before.items():
                setattr(self, name, value)


def _fast_from_environment():
    text = os.environ.get("ILLUST_GAN_FAST", "1")
    if text not in ("0", "1"):
        raise UserError(
            f"the environment variable ILLUST_GAN_FAST is {text!r}; "
            "set it to 0 for Chainer's own functions, or to 1, or not at all"
        )
    return text == "1"


def _threads_from_environment():
    for name in ("ILLUST_GAN_NUM_THREADS", "OMP_NUM_THREADS"):
        text = os.environ.get(name, "")
        if text.isdecimal() and int(text) >= 1:
            return min(int(text), 64)
        if text and name == "ILLUST_GAN_NUM_THREADS":
            raise UserError(
                f"the environment variable {name} is {text!r}; set it to a number from 1 to 64"
            )
    return min(len(os.sched_getaffinity(0)), 64) if hasattr(os, "sched_getaffinity") else 1


def _give_threads(n):
    for kernels in _loaded.values():
        kernels.pool_set_threads(n)


config = Config()
_loaded = {}
_warned = False


def fast_kernels(dtype):
    """Return the kernels of one number type if they are to be used.

    Args:
        dtype (numpy.dtype): Any.

    Returns:
        illust_gan.functions.library.Kernels: The kernels of float32 or float64; None for another
        type, where ``config.fast`` is False, and on machines without kernels, with a warning once.
    """
    global _warned
    if not config.fast or dtype not in library.TYPES:
        return None
    if dtype in _loaded:
        return _loaded[dtype]
    try:
        kernels = library.kernels(np.dtype(dtype))
    except library.LibraryError as missing:
        if not _warned:
            _warned = True
            warnings.warn(
                f"Chainer's own functions are used, which are slower: {missing}", stacklevel=2
            )
        return None
    kernels.pool_set_threads(config.threads)
    _loaded[dtype] = kernels
    return kernels
