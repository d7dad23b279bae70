"""Loss scaling on the device, for gradients that float16 would lose."""

import numpy as np

from illust_gan.functions.cuda.adam import in_order_of, packed
from illust_gan.functions.cuda.module import kernel, launch

# Chainer's floor; above the ceiling nothing is gained, and an infinite scale could never sink.
_LEAST, _MOST = 1.0, 2.0**24


class LossScale:
    """A factor for a loss's gradient that finds its size by itself.

    An iteration multiplies the gradient of the loss by :attr:`array`, calls :meth:`check` with
    the gradients of all parameters, gives this object to each ``Group.step``, and then calls
    :meth:`update`. The scale is halved when a gradient is not finite, and that step is left out
    (P. Micikevicius et al., "Mixed Precision Training", 2018); it is doubled after a number of
    steps that were not.

    Args:
        scale (float): To begin with, 1 to 2**24.
        interval (int): Steps until it is doubled.

    Attributes:
        array (cupy.ndarray): float32 (1,), the scale.
        n_finite (cupy.ndarray): int64 (1,), steps since it changed.
        overflow (cupy.ndarray): uint32 (1,), whether a gradient was not finite; 0 or 1.
    """

    def __init__(self, scale=2.0**16, interval=2000):
        import cupy

        self.interval = interval
        self.array = cupy.empty(1, np.float32)
        self.n_finite = cupy.empty(1, np.int64)
        self.overflow = cupy.zeros(1, np.uint32)
        self.state = scale, 0

    @property
    def state(self):
        """numpy.ndarray: float64 (2,), the scale and the steps since it changed, for a snapshot.

        Reading it waits for the device, and setting it writes to it, both in order with the
        current stream and not during a capture. A scale out of its range raises ValueError.
        """
        return np.array([self.array.get()[0], self.n_finite.get()[0]], np.float64)

    @state.setter
    def state(self, state):
        scale, n_finite = state
        if not _LEAST <= scale <= _MOST:
            raise ValueError(f"the loss scale is {scale}; wanted {_LEAST:.0f} to {_MOST:.0f}")
        self.array.set(np.array([scale], np.float32))
        self.n_finite.set(np.array([n_finite], np.int64))

    def check(self, grads):
        """Look for gradients that are not finite.

        Args:
            grads (list of cupy.ndarray): float32, of all parameters.
        """
        grads = [in_order_of(g, g) for g in grads]
        for tensors, blocks in packed(grads, grads, grads, grads):
            launch(kernel("adam", "check"), blocks, 256, tensors, self.overflow)

    def update(self):
        """Choose the next step's scale, after all parameters had this one."""
        state = (self.array, self.overflow, self.n_finite)
        launch(kernel("adam", "rescale"), 1, 1, *state, self.interval, _LEAST, _MOST)
