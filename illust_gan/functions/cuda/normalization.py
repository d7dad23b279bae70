"""Batch normalisation of CuPy arrays together with the activation function after it.

``x`` is (N, C, H, W) with the channels last in memory or (N, C), float32, float16 or bfloat16, and
channels are axis 1. All that belongs to channels is float32 and dense, C numbers of any shape;
``gamma`` and ``beta`` are None where it is normalised without them.
Nothing between normalisation and activation is stored: the way back computes it anew from ``x``.
No function here checks its arguments; arrays are not empty.
"""

import numpy as np

from illust_gan.functions.activation import IDENTITY
from illust_gan.functions.cuda.columns import (
    THREADS,
    matrix_shape,
    numbers_together,
    shares,
    shares_of_sums,
)
from illust_gan.functions.cuda.module import kernel, launch

KERNELS = {
    "normalization": [
        *({"X": name, "Y": name} for name in ("float32", "float16", "bfloat16")),
        *({"X": "float32", "Y": name} for name in ("float16", "bfloat16")),
        *({"X": name, "Y": "float32"} for name in ("float16", "bfloat16")),
    ]
}


def statistics(x, eps, running_mean=None, running_var=None, decay=0.9, shift=None, count=None):
    """Take each channel's statistics, and let the running ones follow them.

    Args:
        x (cupy.ndarray): See above.
        eps (float): Added to the variance.
        running_mean, running_var (cupy.ndarray): Changed in place as Chainer does, by the unbiased
            variance; None for none.
        decay (float): How much of them stays.
        shift (cupy.ndarray): What has been left out of ``x``, one number for each channel, and is
            in the running mean all the same; None for nothing.
        count (cupy.ndarray): int64, t minibatches before this one: the running statistics decay by
            (1 + t) / (10 + t) as long as that is less. It is read when the GPU comes to it, so a
            captured graph finds what has been counted since. None for a decay that stays.

    Returns:
        tuple of cupy.ndarray: Mean, variance divided by the number of values, and
        1 / sqrt(variance + eps); float32 (C,).
    """
    import cupy

    s = _shares_of_sums(x)
    mean, var, inv_std = cupy.empty((3, s.columns), np.float32)
    _launch(
        "statistics", x, x.dtype, s, x, s.rows, s.columns, s.part_rows, *s.memory(), s.together,
        float(eps), mean, var, inv_std, running_mean, running_var, float(decay),
        s.rows / max(s.rows - 1.0, 1.0), shift, count,
    )  # fmt: skip
    return mean, var, inv_std


def fixed_statistics(mean, var, eps, shift=None):
    """Turn fixed statistics into what :func:`normalize` wants.

    Args:
        mean, var (cupy.ndarray): Of the channels.
        eps (float): Added to the variance.
        shift (cupy.ndarray): What has been left out of ``x``, one number for each channel; None for
            nothing.

    Returns:
        tuple of cupy.ndarray: mean - shift and 1 / sqrt(var + eps); float32 (C,).
    """
    import cupy

    shifted, inv_std = cupy.empty((2, mean.size), np.float32)
    launch(
        kernel("normalization", "fixed_statistics", X="float32", Y="float32"),
        -(-mean.size // THREADS), THREADS,
        mean, var, shift, float(eps), mean.size, shifted, inv_std,
    )  # fmt: skip
    return shifted, inv_std


def normalize(x, mean, inv_std, gamma, beta, kind=IDENTITY, slope=0.0, dtype=None):
    """Normalise by given statistics, with an activation function after it.

    Args:
        x (cupy.ndarray): See above.
        mean, inv_std, gamma, beta (cupy.ndarray): Of the channels.
        kind, slope: As for :func:`illust_gan.functions.cuda.activation.activate`.
        dtype (numpy.dtype): Of the output; that of ``x`` if omitted.

    Returns:
        cupy.ndarray: activation((x - mean)·gamma·inv_std + beta), in memory like ``x``.
    """
    import cupy

    y = cupy.empty_like(x, dtype=dtype)
    s = shares(*matrix_shape(x), numbers_together(x.shape[1], x, y))
    _launch(
        "normalize", x, y.dtype, s, x, y, s.rows, s.columns, s.part_rows, s.together,
        mean, inv_std, gamma, beta, kind, float(slope),
    )  # fmt: skip
    return y


def gradient_sums(x, gy, mean, inv_std, gamma, beta, kind=IDENTITY, slope=0.0):
    """Compute the gradients of gamma and beta.

    Args:
        x (cupy.ndarray): See above.
        gy (cupy.ndarray): Gradient of the activation's output; like ``x``, also in memory.
        mean, inv_std, gamma, beta, kind, slope: As they were given to :func:`normalize`.

    Returns:
        tuple of cupy.ndarray: Gradients of gamma and beta; float32 (C,).
    """
    import cupy

    s = _shares_of_sums(x, gy)
    ggamma, gbeta = cupy.empty((2, s.columns), np.float32)
    _launch(
        "gradient_sums", x, x.dtype, s, x, gy, s.rows, s.columns, s.part_rows, *s.memory(),
        s.together, mean, inv_std, gamma, beta, kind, float(slope), ggamma, gbeta,
    )  # fmt: skip
    return ggamma, gbeta


def gradient(
    x, gy, mean, inv_std, gamma, beta, ggamma, gbeta, kind=IDENTITY, slope=0.0, dtype=None
):
    """Compute the gradient of ``x``, on which its statistics depend.

    Args:
        x, gy, mean, inv_std, gamma, beta, kind, slope: As for :func:`gradient_sums`.
        ggamma, gbeta (cupy.ndarray): What that returned. With zeros, it is the gradient under fixed
            statistics.
        dtype (numpy.dtype): Of the gradient; that of ``x`` if omitted.

    Returns:
        cupy.ndarray: gamma·inv_std·(g - (gbeta + (x - mean)·inv_std·ggamma) / m) with g the
        gradient of what was activated and m = N·H·W, in memory like ``x``.
    """
    import cupy

    gx = cupy.empty_like(x, dtype=dtype)
    s = shares(*matrix_shape(x), numbers_together(x.shape[1], x, gy, gx))
    _launch(
        "gradient", x, gx.dtype, s, x, gy, gx, s.rows, s.columns, s.part_rows, s.together,
        mean, inv_std, gamma, beta, kind, float(slope), ggamma, gbeta,
    )  # fmt: skip
    return gx


def _shares_of_sums(x, *others):
    return shares_of_sums(*matrix_shape(x), numbers_together(x.shape[1], x, *others))


def _launch(name, x, dtype, s, *args):
    launch(kernel("normalization", name, X=x.dtype, Y=dtype), s.grid, THREADS, *args)
