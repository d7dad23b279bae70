"""CuPy arrays in another order in memory or of another type.

Types are float32, float16 and bfloat16, given as instances of :class:`numpy.dtype`. Arrays are not
empty.
"""

from illust_gan.functions.cuda.module import kernel, launch

_TYPES = ("float32", "float16", "bfloat16")

KERNELS = {
    "layout": [
        *({"X": name, "Y": name} for name in _TYPES),
        *({"X": "float32", "Y": name} for name in _TYPES[1:]),
        *({"X": name, "Y": "float32"} for name in _TYPES[1:]),
    ]
}

_THREADS = 256
_MOST_BLOCKS = 2048
# As in source/layout.cu.
_TOGETHER = 8
# Numbers of a tile, and of its shorter side; a pitch made odd adds at most half of the first.
_TILE, _SIDE = 2048, 32


def is_channels_last(x):
    """Return whether an array is (N, C, H, W), dense in memory as (N, H, W, C)."""
    return x.ndim == 4 and x.transpose(0, 2, 3, 1).flags.c_contiguous


def channels_last(x, dtype=None):
    """Return a picture's numbers with the channels last in memory.

    Args:
        x (cupy.ndarray): (N, C, H, W), of any order in memory.
        dtype (numpy.dtype): Type to cast to in the same pass; that of ``x`` if omitted.

    Returns:
        cupy.ndarray: (N, C, H, W); ``x`` itself if there is nothing to do.
    """
    import cupy

    if is_channels_last(x):
        return cast(x, dtype)
    n, c, h, w = x.shape
    if not x.flags.c_contiguous:
        return cast(cupy.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2), dtype)
    y = cupy.empty((n, h, w, c), x.dtype if dtype is None else dtype).transpose(0, 3, 1, 2)
    _transpose(x, y, n, c, h * w)
    return y


def channels_second(x, dtype=None):
    """Return a picture's numbers C-contiguous, as Chainer has them.

    Args:
        x (cupy.ndarray): (N, C, H, W), of any order in memory; or any other array.
        dtype (numpy.dtype): Type to cast to in the same pass; that of ``x`` if omitted.

    Returns:
        cupy.ndarray: Like ``x``; ``x`` itself if there is nothing to do.
    """
    import cupy

    if x.flags.c_contiguous:
        return cast(x, dtype)
    if not is_channels_last(x):
        return cast(cupy.ascontiguousarray(x), dtype)
    n, c, h, w = x.shape
    y = cupy.empty(x.shape, x.dtype if dtype is None else dtype)
    _transpose(x, y, n, h * w, c)
    return y


def like(other, x, dtype=None):
    """Return an array's numbers in the order in memory of another array.

    Args:
        other (cupy.ndarray): Dense, in any order.
        x (cupy.ndarray): Of the same shape.
        dtype (numpy.dtype): Type to cast to in the same pass; that of ``x`` if omitted.

    Returns:
        cupy.ndarray: ``x`` itself if there is nothing to do.
    """
    import cupy

    if _steps(x) == _steps(other):
        return cast(x, dtype)
    if is_channels_last(other):
        return channels_last(x, dtype)
    if other.flags.c_contiguous:
        return channels_second(x, dtype)
    y = cupy.empty_like(other, dtype=x.dtype)
    y[...] = x
    return cast(y, dtype)


def cast(x, dtype):
    """Return an array's numbers as another type.

    Args:
        x (cupy.ndarray): Dense, in any order.
        dtype (numpy.dtype): None for that of ``x``.

    Returns:
        cupy.ndarray: In memory like ``x``; ``x`` itself if it is of that type.
    """
    import cupy

    if dtype is None or x.dtype == dtype:
        return x
    y = cupy.empty_like(x, dtype=dtype)
    together = 1 if x.size % _TOGETHER or x.data.ptr % 16 else _TOGETHER
    blocks = min(-(-x.size // (together * _THREADS)), _MOST_BLOCKS)
    launch(kernel("layout", "cast", X=x.dtype, Y=y.dtype), blocks, _THREADS, x, y, x.size, together)
    return y


def _transpose(x, y, n, height, width):
    """Write n matrices of height × width numbers, transposed."""
    tile_height, tile_width = _tile(height, width)
    blocks = n * -(-height // tile_height) * -(-width // tile_width)
    launch(
        kernel("layout", "transpose", X=x.dtype, Y=y.dtype), blocks, _THREADS,
        x, y, height, width, tile_height, tile_width,
    )  # fmt: skip


def _tile(height, width):
    """Return a tile's size: long where the matrix is, so that both sides make long runs."""
    short = min(height, width, _SIDE)
    long = min(max(height, width), _TILE // short // _SIDE * _SIDE)
    return (short, long) if height <= width else (long, short)


def _steps(x):
    """Return the strides in numbers, but for the axes along which nothing is stepped."""
    return [s // x.itemsize for s, n in zip(x.strides, x.shape, strict=True) if n > 1]
