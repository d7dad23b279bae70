"""Labels beside what hidden layers hold in 16 bits on a GPU.

CuPy's own kernels, which put the two together, are not asked to know bfloat16: the layer behind
rounds its input anyway.
"""

import functools

import numpy as np
from chainer.backends import cuda

from illust_gan.functions import switch
from illust_gan.functions.cuda.cast import cast

WHERE = "illust_gan.nets.beside"
WHAT = "labels beside hidden layers of 16 bits on a GPU"


def mend(module):
    """Let labels be put beside float32."""
    plain = module.beside

    @functools.wraps(plain)
    def beside(h, y):
        is_on_gpu = isinstance(getattr(h, "array", h), cuda.ndarray)
        if is_on_gpu and switch.config.precision in ("float16", "bf16"):
            h = cast(h, np.float32)
        return plain(h, y)

    module.beside = beside
