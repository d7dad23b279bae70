"""Adam and AdamW with weight decay: one launch for up to 64 parameters and their moments."""

import numpy as np

from illust_gan.functions.cuda.module import kernel, launch
from illust_gan.functions.dense import is_gap_free

KERNELS = {"adam": [{}]}

# As in source/adam.cu.
_MOST_TENSORS = 64
_CHUNK = 2048
_TENSORS = np.dtype(
    [
        *((name, np.uintp, _MOST_TENSORS) for name in "pgmv"),
        ("n", np.int64, _MOST_TENSORS),
        ("first", np.int32, _MOST_TENSORS + 1),
    ],
    align=True,
)
_STEP_BYTES = 40
_THREADS = 256
# In the order of source/adam.cu; the values are Chainer's.
_DEFAULTS = {
    "alpha": 0.001,
    "beta1": 0.9,
    "beta2": 0.999,
    "eps": 1e-8,
    "eta": 1.0,
    "weight_decay_rate": 0.0,
    "decay": 0.0,
}


class Group:
    """Parameters that share their hyperparameters and the number of their steps.

    Both are kept on the device. The number counts itself, so a CUDA graph in which a step was
    captured can be launched again and again. :meth:`set` and :meth:`set_t` write to the device, in
    order with the current stream, and steps made in that stream follow them, also those of a
    graph; during a capture, writing is forbidden.

    Args:
        t (int): Steps that have been made.
        hyper: See :meth:`set`; Chainer's defaults if omitted.

    Attributes:
        t (cupy.ndarray): int64 (1,), the number of steps.
    """

    def __init__(self, t=0, **hyper):
        import cupy

        self.t = cupy.empty(1, np.int64)
        self._on_device = cupy.empty(len(_DEFAULTS), np.float64)
        self._hyper = None
        self._step = cupy.empty(_STEP_BYTES, np.uint8)
        self.set_t(t)
        self.set(**hyper)

    def set(self, **hyper):
        """Change hyperparameters; without effect on the device where all are as they were.

        Args:
            hyper (float): ``alpha``, ``beta1``, ``beta2``, ``eps``, ``eta`` and
                ``weight_decay_rate`` as Chainer's ``AdamRule`` has them, and ``decay``, the rate
                of its hook ``WeightDecay``.

        Returns:
            bool: Whether one has changed.

        Raises:
            TypeError: If there is no such hyperparameter.
        """
        unknown = hyper.keys() - _DEFAULTS.keys()
        if unknown:
            raise TypeError(f"Adam has no {sorted(unknown)}; it has {list(_DEFAULTS)}")
        values = {**(self._hyper or _DEFAULTS), **{name: float(hyper[name]) for name in hyper}}
        if values == self._hyper:
            return False
        self._on_device.set(np.array(list(values.values())))
        self._hyper = values
        return True

    def set_t(self, t):
        """Say how many steps have been made, as when training is resumed.

        Args:
            t (int): 0 or more.
        """
        self.t.set(np.array([t], np.int64))

    def step(self, params, grads, ms, vs, loss_scale=None):
        """Make one step: change parameters and moments, and count.

        The gradients change too, as Chainer leaves them: they are divided by the loss scale, and
        the decay is added to them. One that lies in another order is read from a copy, and stays
        as it is.

        Args:
            params, grads, ms, vs (list of cupy.ndarray): float32, the i-th of each of one shape.
                Parameters and moments have their axes in one order in memory, without gaps.
            loss_scale (illust_gan.functions.cuda.loss_scale.LossScale): What the gradients were
                multiplied by. If its check has found one that is not finite, nothing changes and
                nothing is counted. The gradients are taken as they are if omitted.

        Raises:
            ValueError: If arrays of one parameter differ in shape, type or order.
        """
        grads = [in_order_of(p, g) for p, g in zip(params, grads, strict=True)]
        groups = list(packed(params, grads, ms, vs))
        scale, overflow = (None, None)
        if loss_scale is not None:
            scale, overflow = loss_scale.array, loss_scale.overflow
        launch(kernel("adam", "begin"), 1, 1, self._on_device, self.t, scale, overflow, self._step)
        for tensors, blocks in groups:
            launch(kernel("adam", "update"), blocks, _THREADS, tensors, self._step)


def packed(params, grads, ms, vs):
    """Describe tensors to the kernels that take many at once.

    Args:
        params, grads, ms, vs (list of cupy.ndarray): As :meth:`Group.step` takes them, but all in
            one order.

    Yields:
        (numpy.ndarray, int): An argument for one launch, and how many blocks this takes.

    Raises:
        ValueError: If arrays of one parameter differ in shape, type or order.
    """
    used = []
    for arrays in zip(params, grads, ms, vs, strict=True):
        _check(*arrays)
        if arrays[0].size:
            used.append(arrays)
    for start in range(0, len(used), _MOST_TENSORS):
        some = used[start : start + _MOST_TENSORS]
        tensors = np.zeros(1, _TENSORS)
        for name, arrays in zip("pgmv", zip(*some)):
            tensors[name][0, : len(some)] = [array.data.ptr for array in arrays]
        sizes = np.zeros(_MOST_TENSORS, np.int64)
        sizes[: len(some)] = [arrays[0].size for arrays in some]
        tensors["n"] = sizes
        tensors["first"][0, 1:] = np.cumsum(-(-sizes // _CHUNK))
        yield tensors, int(tensors["first"][0, -1])


def in_order_of(other, array):
    """Return an array with its numbers in the order of another's, and without gaps.

    Args:
        other, array (cupy.ndarray): Of one shape, else nothing is done.

    Returns:
        cupy.ndarray: ``array`` itself if it lies so already, and else a copy.
    """
    if array.shape != other.shape or (_is_dense(array) and _steps(array) == _steps(other)):
        return array
    import cupy

    copy = cupy.empty_like(other, dtype=array.dtype)
    copy[...] = array
    return copy


def _check(*arrays):
    wanted = (np.float32, arrays[0].shape, _steps(arrays[0]))
    fit = all((array.dtype, array.shape, _steps(array)) == wanted for array in arrays)
    if not fit or not _is_dense(arrays[0]):
        given = ", ".join(f"{a.dtype} {a.shape} with strides {a.strides}" for a in arrays)
        raise ValueError(
            "a parameter, its gradient and its moments must be float32, of one shape, and in one "
            f"order in memory without gaps; given {given}"
        )


def _is_dense(array):
    return is_gap_free(array.shape, array.strides, array.itemsize)


def _steps(array):
    return [stride for n, stride in zip(array.shape, array.strides) if n > 1]
