"""dataset/convert.py:322 passes ``numpy.maximum`` its output by position.

Deprecated since NumPy 2.4; it runs when examples of different shapes are padded into a minibatch.
"""

import numpy as np

from illust_gan.compat.stand_in import StandIn, with_globals

WHERE = "chainer.dataset.convert"
WHAT = "dataset/convert.py:322 passes numpy.maximum its output by position"


def mend(module):
    """Let the padding function see a ``maximum`` that passes its output by name."""

    def maximum(a, b, out):
        return np.maximum(a, b, out=out)

    module._concat_arrays_with_padding = with_globals(
        module._concat_arrays_with_padding, numpy=StandIn(np, maximum=maximum)
    )
