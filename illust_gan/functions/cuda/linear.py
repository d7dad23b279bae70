"""Products of CuPy's matrices, also where a CUDA graph is captured and cuBLAS is forbidden.

Types are float32, float16 and bfloat16; sums are float32. No function here checks its arguments;
arrays are not empty.
"""

import numpy as np

from illust_gan.functions.cuda.columns import THREADS, numbers_together, shares, shares_of_sums
from illust_gan.functions.cuda.layout import channels_last, channels_second, is_channels_last
from illust_gan.functions.cuda.module import kernel, launch

KERNELS = {
    "linear": [
        {"X": "float32", "W": "float32", "Y": "float32"},
        *(
            {"X": x, "W": w, "Y": y}
            for half in ("float16", "bfloat16")
            for x, w, y in (
                ("float32", "float32", half),
                ("float32", half, half),
                (half, "float32", "float32"),
                (half, "float32", half),
                (half, half, "float32"),
                (half, half, half),
            )
        ),
    ]
}

# As in source/linear.cu.
MOST_OUTPUTS = 4
_EDGE = 64


def few_outputs(x, W, b=None):
    """Compute a fully connected layer with few outputs.

    Of pictures with the channels last, it is the weights that are brought into that order.

    Args:
        x (cupy.ndarray): (N, …), C-contiguous, or (N, C, H, W) with the channels last in memory.
        W (cupy.ndarray): (S, K), dense, S ≤ ``MOST_OUTPUTS``, K numbers of x[0]; float32 or of
            x's type.
        b (cupy.ndarray): float32 (S,); None for none.

    Returns:
        cupy.ndarray: x·Wᵀ + b with x as (N, K), float32 (N, S).
    """
    import cupy

    outputs, width = W.shape
    y = cupy.empty((len(x), outputs), np.float32)
    W = _weights_in_order_of(x, W)
    launch(
        kernel("linear", "few_outputs", X=x.dtype, W=W.dtype, Y=y.dtype), len(x), THREADS,
        x, W, b, y, width, outputs, numbers_together(width, x, W),
    )  # fmt: skip
    return y


def few_outputs_gradient_x(gy, W, dtype, x=None):
    """Compute the gradient of the input of :func:`few_outputs`.

    Args:
        gy (cupy.ndarray): float32 (N, S), dense.
        W (cupy.ndarray): (S, K), dense; float32 or of type ``dtype``.
        dtype (numpy.dtype): Type of the gradient.
        x (cupy.ndarray): The input, for its shape and its order in memory; (N, K) if omitted.

    Returns:
        cupy.ndarray: gy·W, like ``x``.
    """
    import cupy

    outputs, width = W.shape
    gx = cupy.empty((len(gy), width), dtype) if x is None else cupy.empty_like(x, dtype=dtype)
    W = _weights_in_order_of(gx, W)
    s = shares(len(gy), width, numbers_together(width, gx, W))
    launch(
        kernel("linear", "few_outputs_gradient_x", X=gy.dtype, W=W.dtype, Y=gx.dtype),
        s.grid, THREADS, gy, W, gx, s.rows, s.columns, s.part_rows, s.together, outputs,
    )  # fmt: skip
    return gx


def few_outputs_gradient_W(x, gy):  # noqa: N802
    """Compute the gradient of the weights of :func:`few_outputs`.

    Args:
        x (cupy.ndarray): As for :func:`few_outputs`.
        gy (cupy.ndarray): float32 (N, S), dense, S ≤ ``MOST_OUTPUTS``.

    Returns:
        cupy.ndarray: gyᵀ·x with x as (N, K), float32 (S, K).
    """
    import cupy

    outputs, width = gy.shape[1], x.size // len(x)
    gW = cupy.empty((outputs, width), np.float32)
    s = shares_of_sums(len(x), width, numbers_together(width, x))
    for first in range(0, outputs, 2):
        launch(
            kernel("linear", "few_outputs_gradient_w", X=x.dtype, W=gy.dtype, Y=gW.dtype),
            s.grid, THREADS, x, gy, s.rows, s.columns, s.part_rows, *s.memory(), s.together,
            outputs, first, gW,
        )  # fmt: skip
    if is_channels_last(x):
        _, c, height, width = x.shape
        gW = channels_second(gW.reshape(outputs, height, width, c).transpose(0, 3, 1, 2))
    return gW.reshape(outputs, -1)


def _weights_in_order_of(x, W):
    return channels_last(W.reshape(len(W), *x.shape[1:])) if is_channels_last(x) else W


def product(a, b, bias=None, dtype=np.float32):
    """Multiply two matrices.

    Args:
        a, b (cupy.ndarray): (m, k) and (k, n), with any strides that are whole numbers of items, as
            transposed arrays have. If both have 16 bits, they have one type.
        bias (cupy.ndarray): float32 (n,), added to each row; None for none.
        dtype (numpy.dtype): Type of the product.

    Returns:
        cupy.ndarray: a·b + bias, (m, n).
    """
    import cupy

    (m, k), n = a.shape, b.shape[1]
    y = cupy.empty((m, n), dtype)
    launch(
        kernel("linear", "product", X=a.dtype, W=b.dtype, Y=y.dtype),
        (-(-n // _EDGE), -(-m // _EDGE)), THREADS, a, b, bias, y, m, n, k,
        *[step // a.itemsize for step in a.strides],
        *[step // b.itemsize for step in b.strides[::-1]],
    )  # fmt: skip
    return y
