"""``illust_gan.config``: whether the fast paths are taken, by how many threads, how precisely.

The plain path is Chainer's own code. It is taken where a fast one is switched off, or where there
are no compiled kernels for the machine; that is said once, as a warning.
"""

import contextlib
import numbers
import os
import warnings

import numpy as np

from illust_gan.errors import UserError
from illust_gan.functions import library
from illust_gan.functions.cuda import device as cuda

MOST_THREADS = 64  # of native/pool.c
PRECISIONS = ("float32", "tf32", "float16", "bf16")


class Config:
    """Settings of the fast paths; :data:`illust_gan.config` is the one there is.

    Attributes:
        fast (bool): Whether Chainer's functions take the fast path on NumPy arrays; the
            environment variable ``ILLUST_GAN_FAST=0`` makes it False from the start.
        threads (int): Threads of the fast paths, 1 to 64; ``ILLUST_GAN_NUM_THREADS``,
            ``OMP_NUM_THREADS`` or the cores this process may use.
        precision (str): Of the products in (transposed) convolutions of float32 arrays and in the
            gradients of their weights: ``"float32"``, or ``"bf16"`` to round both factors to
            bfloat16. Sums are float32 all the same, and so are arrays, weights and all other
            functions. On the CPU it needs a processor with AVX512-BF16, which AMX makes faster,
            and the fast paths. A GPU knows ``"tf32"`` and ``"float16"`` too; with 16 bits, what
            lies between the layers of this package's nets is of 16 bits there. Where neither the
            CPU nor a GPU has a precision, setting it raises :class:`~illust_gan.UserError`.
    """

    def __init__(self):
        object.__setattr__(self, "fast", _fast_from_environment())
        object.__setattr__(self, "threads", _threads_from_environment())
        object.__setattr__(self, "precision", "float32")

    def __setattr__(self, name, value):
        if name == "fast":
            if value not in (True, False):
                raise UserError(f"config.fast is {value!r}; give True or False")
            value = bool(value)
        elif name == "threads":
            if not isinstance(value, numbers.Integral) or not 1 <= value <= MOST_THREADS:
                raise UserError(
                    f"config.threads is {value!r}; give a number from 1 to {MOST_THREADS}"
                )
            value = int(value)
            _give_threads(value)
        elif name == "precision":
            _check_precision(value)
        else:
            there = ", ".join(vars(self))
            raise AttributeError(f"config has no setting {name!r}; there are {there}")
        object.__setattr__(self, name, value)

    def __repr__(self):
        return f"Config({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    @contextlib.contextmanager
    def using(self, **settings):
        """Change settings for the length of a ``with`` block.

        Args:
            settings: ``fast``, ``threads`` and ``precision``, as the attributes.

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
    text = os.environ.get("ILLUST_GAN_NUM_THREADS", "").strip()
    if text:
        if not text.isdecimal() or not 1 <= int(text) <= MOST_THREADS:
            raise UserError(
                f"the environment variable ILLUST_GAN_NUM_THREADS is {text!r}; "
                f"set it to a number from 1 to {MOST_THREADS}, or not at all"
            )
        return int(text)
    # OpenMP's may be a list, for loops within loops; others report what is wrong with it.
    text = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    n = int(text) if text.isdecimal() else 0
    # macOS does not say, and has no kernels.
    n = n or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
    return min(n, MOST_THREADS)


def _give_threads(n):
    for kernels in list(_loaded.values()):
        if kernels is not None:
            kernels.pool_set_threads(n)


def _check_precision(value):
    if value not in PRECISIONS:
        raise UserError(f"config.precision is {value!r}; give one of {', '.join(PRECISIONS)}")
    why_not = why_not_on_cpu(value)
    if why_not is not None and cuda.why_not(value) is not None:
        if value != "bf16":
            why_not = cuda.why_not(value)
        raise UserError(
            f"precision {value} is not to be had: {why_not}; leave --precision away, or give "
            f"--precision float32 where a run or script has {value}"
        )


def why_not_on_cpu(precision):
    """Say why the CPU cannot multiply in a precision.

    Args:
        precision (str): One of :data:`PRECISIONS`.

    Returns:
        str: The reason, as half a sentence; None if it can.
    """
    if precision in ("tf32", "float16"):
        return "it is for a GPU"
    if precision == "bf16":
        try:
            library.find_build("bf16")
        except library.LibraryError as missing:
            return str(missing)
    return None


config = Config()
# By number type, and those with products in bfloat16 as "bf16"; None where there are none.
_loaded = {}
_warned = False


def fast_kernels(dtype, precision="float32"):
    """Return the kernels of one number type if they are to be used.

    Args:
        dtype (numpy.dtype): Any.
        precision (str): Of the products of float32 numbers; ``"bf16"`` is for convolutions only.

    Returns:
        illust_gan.functions.library.Kernels: The kernels of float32 or float64; None for another
        type, where ``config.fast`` is False, and on machines without kernels, with a warning once.
    """
    global _warned
    if not config.fast:
        return None
    key = "bf16" if precision == "bf16" and dtype == np.float32 else dtype
    if key in _loaded:
        return _loaded[key]
    if dtype not in library.TYPES:
        return None
    try:
        kernels = library.kernels(dtype, "bf16" if key == "bf16" else "float32")
        kernels.pool_set_threads(config.threads)
    except library.LibraryError as missing:
        # A precision that only the GPU has is no matter of arrays on the CPU.
        kernels = fast_kernels(dtype) if key == "bf16" else None
        if kernels is None and not _warned:
            _warned = True
            warnings.warn(
                f"Chainer's own functions are used, which are slower: {missing}", stacklevel=2
            )
    _loaded[key] = kernels
    return kernels


def why_plain():
    """Say why the plain path is taken.

    Returns:
        str: The reason, as half a sentence; None where the fast paths are taken.
    """
    if not config.fast:
        return "the fast paths are switched off, by ILLUST_GAN_FAST=0 or illust_gan.config.fast"
    try:
        for dtype in library.TYPES:
            library.kernels(dtype)
    except library.LibraryError as missing:
        return str(missing)
    return None
