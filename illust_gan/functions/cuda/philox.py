"""Random numbers that follow from a seed, an iteration and their place alone, drawn on the device.

The iteration is counted on the device too, so that a CUDA graph draws others at each launch. They
are not the numbers that NumPy draws.
"""

import numpy as np

from illust_gan.functions.cuda.module import kernel, launch

KERNELS = {"philox": [{"X": dtype} for dtype in ("float32", "float16", "bfloat16")]}

_THREADS = 128


def uniform(out, seed, iteration, low=-1.0, high=1.0):
    """Fill an array with numbers drawn evenly from [low, high).

    Args:
        out (cupy.ndarray): C-contiguous; float32, or float16 or bfloat16, to which the numbers
            are rounded, so that ``high`` is among them.
        seed (int): 0 to 2**32 - 1.
        iteration (cupy.ndarray): int64 (1,), on the device.
        low, high (float): Bounds, of which the first is the smaller.

    Returns:
        cupy.ndarray: ``out``. A longer array of the same seed and iteration begins with the same
        numbers.

    Raises:
        ValueError: If the seed or an array is another.
    """
    _check(out, seed, iteration)
    blocks = -(-out.size // (4 * _THREADS))
    if blocks:
        args = (out, out.size, seed, iteration, float(low), float(high))
        launch(kernel("philox", "uniform", X=out.dtype), blocks, _THREADS, *args)
    return out


def flips(out, seed, iteration):
    """Toss a fair coin for each place of an array; these coins and :func:`uniform` are apart.

    Args:
        out (cupy.ndarray): C-contiguous bool or uint8, such as (N,) for N pictures.
        seed (int): 0 to 2**32 - 1.
        iteration (cupy.ndarray): int64 (1,), on the device.

    Returns:
        cupy.ndarray: ``out``, with 0 and 1.

    Raises:
        ValueError: If the seed or an array is another.
    """
    _check(out, seed, iteration)
    if out.itemsize != 1:
        raise ValueError(f"coins go into bool or uint8; given {out.dtype}")
    blocks = -(-out.size // (4 * _THREADS))
    if blocks:
        args = (out, out.size, seed, iteration)
        launch(kernel("philox", "flips", X="float32"), blocks, _THREADS, *args)
    return out


def advance(iteration):
    """Add 1 to an iteration on the device.

    Args:
        iteration (cupy.ndarray): int64 (1,).
    """
    launch(kernel("philox", "next_iteration", X="float32"), 1, 1, iteration)


def _check(out, seed, iteration):
    if not 0 <= seed < 2**32:
        raise ValueError(f"the seed is {seed}; wanted 0 to 2**32 - 1")
    if iteration.dtype != np.int64 or iteration.size != 1:
        raise ValueError(f"the iteration is {iteration.dtype} {iteration.shape}; wanted int64 (1,)")
    if not out.flags.c_contiguous:
        raise ValueError(f"out has shape {out.shape}, strides {out.strides}; wanted C-contiguous")
