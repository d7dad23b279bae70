"""cuDNN's convolutions through NVIDIA's frontend: plans are made once for each shape and kept.

CuPy up to 13 called cuDNN itself; since 14 its documentation points to ``nvidia-cudnn-frontend``.
All pictures and weights lie channels-last here, which is what tensor cores read.
"""

import functools
import itertools
import math
import threading
import warnings

import chainer

from illust_gan.functions.cuda.plans import Convolution, built_plans, propose

__all__ = ["Convolution", "is_there", "run", "version", "why_not"]

_HOW = "pip install '.[cuda13]' in illust-gan's folder, or '.[cuda12]'"
_LEAST_VERSION = 90000
# Of a GPU's memory, the part that one plan may take for itself: 10 GiB of 80.
_PART_FOR_WORKSPACE = 8
# How many plans are timed where Chainer's ``config.autotune`` asks for it.
_MOST_TIMED = 8
# What the frontend tells cuDNN about all arrays.
_ALIGNMENT = 16


@functools.cache
def why_not():
    """Say why there is no cuDNN.

    Returns:
        str: The reason, as half a sentence that says what to install; None if there is.
    """
    try:
        # It opens the library as well, and asserts that there is no second one.
        import cudnn
    except (ImportError, OSError, AssertionError) as error:
        return f"nvidia-cudnn-frontend is not installed, or cannot be loaded: {error} ({_HOW})"
    try:
        found = cudnn.backend_version()
    except Exception as error:  # the frontend's own errors are plain RuntimeErrors and others
        return f"cuDNN itself, the library, is not installed: {error} ({_HOW})"
    if found < _LEAST_VERSION:
        return f"cuDNN is of version {found}, and 9 is needed ({_HOW})"
    return None


def is_there():
    """Return whether to use cuDNN; where there is none, a warning says once what is missing."""
    if chainer.config.use_cudnn == "never":
        return False
    reason = why_not()
    if reason is not None:
        _warn_once(reason)
    return reason is None


@functools.cache
def _warn_once(reason):
    warnings.warn(
        f"Chainer's own functions are used on the GPU, which are slower: {reason}", stacklevel=3
    )


def version():
    """Return cuDNN's version, such as ``"9.28.1"``."""
    import cudnn

    number = cudnn.backend_version()
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


def run(convolution, first, second, out):
    """Compute on the current stream.

    Args:
        convolution (Convolution): What.
        first, second (cupy.ndarray): As :func:`.plans.propose` says, with channels last in memory.
        out (cupy.ndarray): Where to.

    Returns:
        bool: False, after a warning, if cuDNN has no plan for it, and nothing was done.
    """
    import cudnn
    import cupy

    handle, plans = _of_this_thread(cupy.cuda.device.get_device_id())
    cudnn.set_stream(handle=handle, stream=cupy.cuda.get_current_stream().ptr)
    # Arrays that CuPy makes are aligned; views into them need not be.
    first, second = (
        array.copy(order="K") if array.data.ptr % _ALIGNMENT else array for array in (first, second)
    )
    arrays = first, second, out
    key = convolution, chainer.config.autotune
    if key not in plans:
        try:
            plans[key] = _choose(convolution, handle, arrays)
        except (cudnn.cudnnGraphNotSupportedError, RuntimeError, ValueError) as error:
            plans[key] = None
            reason = str(error).strip().partition("\n")[0]
            warnings.warn(
                "Chainer's own functions are used, which are slower: cuDNN has no plan for "
                f"{convolution}: {reason}",
                stacklevel=2,
            )
    if plans[key] is None:
        return False
    _execute(*plans[key], handle, arrays)
    return True


def _choose(convolution, handle, arrays):
    """Return a graph, and which of its plans: cuDNN's best, or the fastest where asked for."""
    import cupy

    graph = propose(
        convolution,
        cupy.cuda.runtime.memGetInfo()[1] // _PART_FOR_WORKSPACE,
        handle=handle,
        # Else the frontend asks a libcudart, which CuPy does not bring along.
        sm_version=int(cupy.cuda.Device().compute_capability),
    )
    plans = built_plans(graph)
    # Work cannot be timed while a stream is captured.
    if chainer.config.autotune and not cupy.cuda.get_current_stream().is_capturing():
        first = itertools.islice(plans, _MOST_TIMED)
        return graph, min(first, key=lambda index: _time(graph, index, handle, arrays))
    best = next(plans, None)
    if best is None:
        raise RuntimeError("none of those that it proposes can be built")
    return graph, best


def _execute(graph, index, handle, arrays):
    import cupy

    # Back in the pool, it serves whatever comes later on this stream.
    size = graph.get_workspace_size_plan_at_index(index)
    workspace = cupy.empty(max(size, 1), "uint8")
    pointers = {uid: array.data.ptr for uid, array in enumerate(arrays, start=1)}
    graph.execute_plan_at_index(pointers, workspace.data.ptr, index, handle)


def _time(graph, index, handle, arrays):
    """Return the shortest of three times; the run before them loads kernels."""
    import cupy

    times = []
    try:
        _execute(graph, index, handle, arrays)
        for _ in range(3):
            start, end = cupy.cuda.Event(), cupy.cuda.Event()
            start.record()
            _execute(graph, index, handle, arrays)
            end.record()
            end.synchronize()
            times.append(cupy.cuda.get_elapsed_time(start, end))
    # Others may do with less memory.
    except (MemoryError, RuntimeError):
        return math.inf
    return min(times)


_local = threading.local()


def _of_this_thread(device):
    """Return the handle and the plans of a device; cuDNN's handles are for one thread each."""
    import cudnn

    known = _local.__dict__.setdefault("devices", {})
    if device not in known:
        known[device] = cudnn.create_handle(), {}
    return known[device]
