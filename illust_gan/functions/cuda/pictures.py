"""A minibatch of pictures out of a whole set in the device's memory: taken, mirrored and scaled."""

import numpy as np

from illust_gan.functions.cuda.module import kernel, launch

KERNELS = {"pictures": [{"X": dtype} for dtype in ("float32", "float16", "bfloat16")]}

_THREADS = 256


def to_float(pixels, out=None, indexes=None, flips=None):
    """Turn stored pixels into a net's input, as :func:`illust_gan.datasets.to_float` does.

    Args:
        pixels (cupy.ndarray): C-contiguous uint8 (D, H, W, 3).
        out (cupy.ndarray): float32, float16 or bfloat16 (N, 3, H, W), with channels last in
            memory; all values are exact in each of them. A new array of float32 if omitted.
        indexes (cupy.ndarray): int64 (N,), which pictures; the first N if omitted. A picture with
            an index out of range becomes NaN.
        flips (cupy.ndarray): bool or uint8 (N,); where it is not 0 the picture is mirrored left to
            right. No picture is if omitted.

    Returns:
        cupy.ndarray: ``out``, in [-1, 127/128].

    Raises:
        ValueError: If an array has another shape, type or memory order.
    """
    import cupy

    if out is None:
        n = len(pixels if indexes is None else indexes)
        memory = cupy.empty((n, *pixels.shape[1:]), np.float32)
        out = memory.transpose(0, 3, 1, 2)
    n, _, height, width = out.shape
    _check(pixels, out, indexes, flips)
    size = height * width * 3
    if out.size:
        whole = not (size % 4 or pixels.data.ptr % 4 or out.data.ptr % (4 * out.itemsize))
        args = (pixels, indexes, len(pixels), flips, out, size, width * 3, int(whole))
        blocks = (n, -(-size // (4 * _THREADS)))
        launch(kernel("pictures", "to_float", X=out.dtype), blocks, _THREADS, *args)
    return out


def _check(pixels, out, indexes, flips):
    n, channels, height, width = out.shape
    if (
        pixels.dtype != np.uint8
        or pixels.shape[1:] != (height, width, channels)
        or channels != 3
        or not pixels.flags.c_contiguous
    ):
        raise ValueError(
            f"pixels are {pixels.dtype} {pixels.shape} for pictures {out.shape}; wanted "
            f"C-contiguous uint8 (D, {height}, {width}, 3)"
        )
    if not out.transpose(0, 2, 3, 1).flags.c_contiguous:
        raise ValueError(f"out has shape {out.shape}, strides {out.strides}; wanted channels last")
    if len(pixels) < (n if indexes is None else 1):
        raise ValueError(f"{n} pictures are wanted, and there are {len(pixels)}")
    for name, array, types in (
        ("indexes", indexes, (np.int64,)),
        ("flips", flips, (np.bool_, np.uint8)),
    ):
        if array is None:
            continue
        if array.dtype not in types or array.shape != (n,) or not array.flags.c_contiguous:
            raise ValueError(f"{name} are {array.dtype} {array.shape} for {n} pictures")
