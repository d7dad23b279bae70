"""Pixels as they are stored, and as the nets see them: the one scaling of both originals."""

import numpy as np
from chainer import backend

from illust_gan.datasets.errors import DatasetError


def to_float(pixels, flips=None):
    """Turn stored pixels into a net's input, ``(p - 128) / 128``.

    Both generators of 2015 scale like this; 0 becomes -1 and 255 becomes 127/128, so that
    :func:`to_pixels` gives back every value exactly.

    Args:
        pixels (:ref:`ndarray`): uint8 of shape :math:`(N, H, W, 3)`, NumPy or CuPy.
        flips (:ref:`ndarray`): Boolean of shape :math:`(N,)`; where it is true the picture is
            mirrored left to right. No picture is if omitted.

    Returns:
        :ref:`ndarray`: A new C-contiguous float32 array of shape :math:`(N, 3, H, W)` in
        [-1, 127/128], on the device of ``pixels``.

    Raises:
        DatasetError: If the shape or dtype of ``pixels`` or the shape of ``flips`` is another.

    >>> import numpy as np
    >>> white_beside_black = np.array([[[[255] * 3, [0] * 3]]], np.uint8)
    >>> to_float(white_beside_black)[0, 0]
    array([[ 0.9921875, -1.       ]], dtype=float32)
    >>> to_float(white_beside_black, flips=np.array([True]))[0, 0]
    array([[-1.       ,  0.9921875]], dtype=float32)
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[3] != 3:
        raise DatasetError(
            f"to_float was given {pixels.dtype} of shape {pixels.shape}; "
            "wanted uint8 of shape (N, H, W, 3): a single picture p goes in as p[None]"
        )
    xp = backend.get_array_module(pixels)
    n, height, width, channels = pixels.shape
    x = xp.empty((n, channels, height, width), np.float32)
    if flips is None:
        x[...] = pixels.transpose(0, 3, 1, 2)
    else:
        flips = xp.asarray(flips, dtype=bool)
        if flips.shape != (n,):
            raise DatasetError(
                f"flips has shape {flips.shape}; wanted one truth value a picture, ({n},)"
            )
        # Each half goes from bytes to floats in one pass; a choice by `where`, or mirroring the
        # floats, goes through all of them once more (benchmarks/feeding.py).
        for chosen, step in ((~flips, 1), (flips, -1)):
            (i,) = chosen.nonzero()
            x[i] = pixels[i].transpose(0, 3, 1, 2)[..., ::step]
    x -= 128
    x /= 128
    return x


def to_pixels(x):
    """Turn a net's output into pixels, ``clip(rint(128 x + 128), 0, 255)``.

    Infinities are clipped like any other value. NaN, which a diverged generator draws, becomes
    the mid grey 128 without a warning: a sheet of grey squares shows what happened.

    Args:
        x (:ref:`ndarray`): Floats of shape :math:`(N, C, H, W)`, NumPy or CuPy, where C is 3, or
            1 for greyscale; [-1, 127/128] is the range of the data.

    Returns:
        :ref:`ndarray`: A new C-contiguous uint8 array of shape :math:`(N, H, W, C)`, on the
        device of ``x``.

    Raises:
        DatasetError: If ``x`` has another shape or holds no floats.

    >>> import numpy as np
    >>> to_pixels(np.array([-2, -1, 0, 0.5, np.nan, 1]).reshape(2, 3, 1, 1)).reshape(-1)
    array([  0,   0, 128, 192, 128, 255], dtype=uint8)
    """
    if x.dtype.kind != "f" or x.ndim != 4 or x.shape[1] not in (1, 3):
        raise DatasetError(
            f"to_pixels was given {x.dtype} of shape {x.shape}; wanted floats of shape "
            "(N, 3, H, W), or (N, 1, H, W) for greyscale"
        )
    xp = backend.get_array_module(x)
    # Clipped before it is scaled: infinity times 128, or a cast of it, would warn.
    x = xp.clip(x, -1, 127 / 128).astype(np.float32)
    x = xp.where(xp.isnan(x), np.float32(0), x)
    p = xp.rint(x * 128 + 128).astype(np.uint8)
    return xp.ascontiguousarray(p.transpose(0, 2, 3, 1))
