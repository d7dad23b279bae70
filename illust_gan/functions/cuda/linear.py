"""Products of CuPy's matrices, also where a CUDA graph is captured and cuBLAS is forbidden.

Types are float32, float16 and bfloat16; sums are float32. No function here checks its arguments;
arrays are not empty.
"""

import numpy as np

from illust_gan.functions.cuda.columns import THREADS, numbers_together, shares, shares_of_sums
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

    Args:
        x (cupy.ndarray): (N, K), dense.
        W (cupy.ndarray): (S, K), dense, S ≤ ``MOST_OUTPUTS``; float32 or of x's type.
        b (cupy.ndarray): float32 (S,); None for none.

    Returns:
        cupy.ndarray: x·Wᵀ + b, float32 (N, S).
    """
    import cupy

    y = cupy.empty((len(x), len(W)), np.float32)
    launch(
        kernel("linear", "few_outputs", X=x.dtype, W=W.dtype, Y=y.dtype), len(x), THREADS,
        x, W, b, y, x.shape[1], len(W), numbers_together(x.shape[1], x, W),
    )  # fmt: skip
    return y


def few_outputs_gradient_x(gy, W, dtype):
    """Compute the gradient of the input of :func:`few_outputs`.

    Args:
        gy (cupy.ndarray): float32 (N, S), dense.
        W (cupy.ndarray): (S, K), dense; float32 or of type ``dtype``.
        dtype (numpy.dtype): Type of the gradient.

    Returns:
        cupy.ndarray: gy·W, (N, K).
    """
    import cupy

    gx = cupy.empty((len(gy), W.shape[1]), dtype)
    s = shares(*gx.shape, numbers_together(W.shape[1], gx, W))
    launch(
        kernel("linear", "few_outputs_gradient_x", X=gy.dtype, W=W.dtype, Y=gx.dtype),
        s.grid, THREADS, gy, W, gx, s.rows, s.columns, s.part_rows, s.together, len(W),
    )  # fmt: skip
    return gx


def few_outputs_gradient_W(x, gy):  # noqa: N802
    """Compute the gradient of the weights of :func:`few_outputs`.

    Args:
        x (cupy.ndarray): (N, K), dense.
        gy (cupy.ndarray): float32 (N, S), dense, S ≤ ``MOST_OUTPUTS``.

    Returns:
        cupy.ndarray: gyᵀ·x, float32 (S, K).
    """
    import cupy

    outputs = gy.shape[1]
    gW = cupy.empty((outputs, x.shape[1]), np.float32)
    s = shares_of_sums(*x.shape, numbers_together(x.shape[1], x))
    for first in range(0, outputs, 2):
        launch(
            kernel("linear", "few_outputs_gradient_w", X=x.dtype, W=gy.dtype, Y=gW.dtype),
            s.grid, THREADS, x, gy, s.rows, s.columns, s.part_rows, *s.memory(), s.together,
            outputs, first, gW,
        )  # fmt: skip
    return gW


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
