"""The ceiling by NumPy's matrix product, which is OpenBLAS's."""

import numpy as np
import products

VERSION = f"NumPy {np.__version__}"


def make(job):
    return products.make(
        job,
        lambda *shape: np.ones(shape, np.float32),
        lambda a, b, out: np.matmul(a, b, out=out),
    )
