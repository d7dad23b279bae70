"""Where a face begins: the numbers z."""

import numpy as np


def draw_z(n, n_hidden=100, *, rng):
    """Draw n starting points for a generator, as both articles do.

    The first k rows do not depend on n: a longer draw from the same state only adds rows.

    Args:
        n (int): How many.
        n_hidden (int): Length of one.
        rng (numpy.random.RandomState): Source of the numbers.

    Returns:
        numpy.ndarray: float32 (n, n_hidden), uniform on [-1, 1].

    Example:
        >>> z = draw_z(4, rng=np.random.RandomState(0))
        >>> z.shape, z.dtype
        ((4, 100), dtype('float32'))
        >>> bool((draw_z(2, rng=np.random.RandomState(0)) == z[:2]).all())
        True
    """
    return rng.uniform(-1.0, 1.0, (n, n_hidden)).astype(np.float32)
