"""functions/array/resize_images.py:179-196 uses ``numpy.float``, gone since NumPy 1.24.

Only the one function is mended: elsewhere the module asks ``xp is numpy``, and must keep the real
one for it.
"""

import numpy as np

from illust_gan.compat.stand_in import StandIn, with_globals

WHERE = "chainer.functions.array.resize_images"
WHAT = "functions/array/resize_images.py:179 uses numpy.float"


def mend(module):
    """Let ``compute_indices_and_weights`` see NumPy with ``float``."""
    module.compute_indices_and_weights = with_globals(
        module.compute_indices_and_weights, numpy=StandIn(np, float=float)
    )
