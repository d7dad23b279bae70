"""``cupyx``, as much of it as Chainer asks for."""

from cupy import _dispatch


def scatter_add(a, slices, value):
    """Add values to elements, also where several go to the same."""
    a.scatter_add(slices, value)


def rsqrt(x, out=None, dtype=None):
    """Return 1 / sqrt(x) of each element."""

    def compute(x):
        return (1 / x**0.5).astype(x.dtype if dtype is None else dtype)

    return _dispatch.call(compute, (x,), {"out": out})
