"""Activation functions of CuPy arrays, after a bias or without one.

Pictures are (N, C, H, W) with the channels last in memory. No function here checks its arguments;
arrays are dense and not empty.
"""

from illust_gan.functions.activation import ELU, IDENTITY, LEAKY_RELU, LEAKY_RELU_OF_2015, RELU
from illust_gan.functions.cuda.columns import (
    ACROSS,
    THREADS,
    matrix_shape,
    numbers_together,
    shares_of_sums,
)
from illust_gan.functions.cuda.module import kernel, launch

__all__ = [
    "ELU",
    "IDENTITY",
    "LEAKY_RELU",
    "LEAKY_RELU_OF_2015",
    "RELU",
    "TANH",
    "activate",
    "activation_gradient",
    "bias_activate",
    "bias_gradient",
]

# The last layer's, which no kernel of the CPU has.
TANH = LEAKY_RELU_OF_2015 + 1

KERNELS = {"activation": [{"X": "float32"}, {"X": "float16"}, {"X": "bfloat16"}]}

# Each thread of more blocks would have less to do than its start takes.
_MOST_BLOCKS = 2048


def activate(x, kind, slope):
    """Compute an activation function.

    Args:
        x (cupy.ndarray): Of any shape; float32, float16 or bfloat16.
        kind (int): One of those above.
        slope (float): Slope of leaky ReLU or alpha of ELU.

    Returns:
        cupy.ndarray: Like ``x``, also in memory.
    """
    return bias_activate(x, None, kind, slope)


def bias_activate(x, b, kind, slope, out=None):
    """Add a bias and compute an activation function of the sum.

    Args:
        x (cupy.ndarray): (N, C, H, W) with the channels last or (N, C); float32, float16 or
            bfloat16.
        b (cupy.ndarray): float32, C numbers; None for none.
        kind, slope: As for :func:`activate`; ``IDENTITY`` only adds.
        out (cupy.ndarray): Like ``x``, also in memory; may be ``x``. A new one if omitted.

    Returns:
        cupy.ndarray: ``out``.
    """
    import cupy

    if out is None:
        out = cupy.empty_like(x)
    channels = 1 if b is None else b.size
    together = numbers_together(x.size, x, out)
    launch(
        kernel("activation", "activate", X=x.dtype), _blocks(x.size // together), THREADS,
        x, b, out, x.size, channels, together, kind, float(slope),
    )  # fmt: skip
    return out


def activation_gradient(y, gy, kind, slope):
    """Compute the gradient of an activation function.

    Args:
        y (cupy.ndarray): Its output.
        gy (cupy.ndarray): Gradient of the output; like ``y``, also in memory.
        kind, slope: As for :func:`activate`.

    Returns:
        cupy.ndarray: Gradient of the input, like ``y``, also in memory.
    """
    import cupy

    gx = cupy.empty_like(y)
    together = numbers_together(y.size, y, gy)
    launch(
        kernel("activation", "activation_gradients", X=y.dtype), _blocks(y.size // together),
        THREADS, y, gy, gx, y.size, together, kind, float(slope),
    )  # fmt: skip
    return gx


def bias_gradient(gy):
    """Sum over all but the channels.

    Args:
        gy (cupy.ndarray): (N, C, H, W) with the channels last or (N, C); float32, float16 or
            bfloat16.

    Returns:
        cupy.ndarray: float32 (C,), the same bits for the same numbers.
    """
    import cupy

    rows, channels = matrix_shape(gy)
    n_pixels = _pixels_of_a_row(rows, channels, numbers_together(0, gy))
    columns = channels * n_pixels
    shares = shares_of_sums(rows // n_pixels, columns, numbers_together(columns, gy))
    gb = cupy.empty(channels, "f")
    launch(
        kernel("activation", "bias_gradient", X=gy.dtype), shares.grid, THREADS,
        gy, shares.rows, columns, shares.part_rows, *shares.memory(), shares.together, channels, gb,
    )  # fmt: skip
    return gb


def _pixels_of_a_row(rows, channels, many):
    """Return how many pixels of few channels are best taken for a row of the matrix.

    They should fill the threads that lie side by side and not exceed them, each of which reads
    ``many`` numbers at once where the row's length allows it.
    """
    for n in range(ACROSS * many // channels, 1, -1):
        if rows % n == 0 and n * channels % many == 0:
            return n
    return 1


def _blocks(n_threads):
    return min(-(-n_threads // THREADS), _MOST_BLOCKS)
