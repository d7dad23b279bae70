"""Arrays on the device for tests, and what they should hold."""

import numpy as np
import pytest

TYPES = ("float32", "float16", "bfloat16")
# Half the distance from 1 to the next number.
ROUNDING = {"float32": 2.0**-24, "float16": 2.0**-11, "bfloat16": 2.0**-8}


def dtype_of(name):
    if name == "bfloat16":
        return np.dtype(pytest.importorskip("ml_dtypes").bfloat16)
    return np.dtype(name)


def on_device(values, name="float32", last=False):
    """Return values as an array of CuPy's, with the channels last in memory if so wanted."""
    import cupy

    array = np.asarray(values).astype(dtype_of(name))
    if last:
        return cupy.asarray(np.ascontiguousarray(array.transpose(0, 2, 3, 1))).transpose(0, 3, 1, 2)
    return cupy.asarray(np.ascontiguousarray(array))


def misaligned(values, name="float32"):
    """Return values as a dense array of CuPy's that begins one number late."""
    import cupy

    array = np.asarray(values).astype(dtype_of(name))
    memory = cupy.zeros(array.size + 1, array.dtype)
    memory[1:] = cupy.asarray(array.ravel())
    return memory[1:].reshape(array.shape)


def values_of(array):
    """Return an array of CuPy's as NumPy's, float64."""
    import cupy

    return cupy.asnumpy(array).astype(np.float64)


def bits_of(array):
    import cupy

    return cupy.asnumpy(array).tobytes()


def steps_of(array):
    """Return an array's strides, but for the axes that have nothing to step to."""
    return [step for step, n in zip(array.strides, array.shape, strict=True) if n > 1]


def assert_rounded(array, wanted, slack=4e-6):
    """Assert that an array is ``wanted`` but for its type's rounding and float32's errors.

    Args:
        array (cupy.ndarray): What has been computed.
        wanted (numpy.ndarray): float64.
        slack (float): Error of the float32 arithmetic, as a part of the largest number.
    """
    got = values_of(array)
    assert got.shape == wanted.shape
    largest = np.abs(wanted).max(initial=1e-30)
    rounding = ROUNDING[str(array.dtype)] * np.abs(wanted) if array.dtype.itemsize == 2 else 0
    # Numbers that are too small for float16's exponents.
    tiny = 2.0**-25 if str(array.dtype) == "float16" else 0
    worst = np.abs(got - wanted) - rounding * 1.01 - tiny
    assert worst.max() <= slack * largest
