"""cuDNN's convolutions through NVIDIA's frontend: plans are made once for each shape and kept.

CuPy up to 13 called cuDNN itself; since 14 its documentation points to ``nvidia-cudnn-frontend``.
All pictures and weights lie channels-last here, which is what tensor cores read.
"""

import dataclasses
import functools
import threading

_HOW = "pip install '.[cuda13]' in illust-gan's folder, or '.[cuda12]'"
_LEAST_VERSION = 90000


@functools.cache
def why_not():
    """Say why there is no cuDNN.

    Returns:
        str: The reason, as half a sentence that says what to install; None if there is.
    """
    try:
        import cudnn
    except ImportError as error:
        return f"nvidia-cudnn-frontend is not installed, or cannot be loaded: {error} ({_HOW})"
    try:
        found = cudnn.backend_version()
    except Exception as error:  # the frontend's own errors are plain RuntimeErrors and others
        return f"cuDNN itself, the library, is not installed: {error} ({_HOW})"
    if found < _LEAST_VERSION:
        return f"cuDNN is of version {found}, and 9 is needed ({_HOW})"
    return None


def is_there():
    """Return whether there is cuDNN."""
    return why_not() is None


def version():
    """Return cuDNN's version, such as ``"9.28.1"``."""
    import cudnn

    number = cudnn.backend_version()
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


@dataclasses.dataclass(frozen=True)
class Convolution:
    """One of the three sums of a convolution, between arrays of known shapes.

    Attributes:
        kind (str): ``"fprop"`` makes the smaller picture, ``"dgrad"`` the bigger one, ``"wgrad"``
            the weights.
        big, small, weights (tuple of int): (N, C, H, W), (N, S, h, w), (S, C // groups, kh, kw).
        before, after (tuple of int): Padding above and left of the bigger picture, and below and
            right.
        stride, dilate (tuple of int): (vertical, horizontal).
        dtype (str): Of all three arrays: ``"float32"``, ``"float16"`` or ``"bfloat16"``.
        rounds (bool): Whether products of float32 may be rounded to TF32.
    """

    kind: str
    big: tuple
    small: tuple
    weights: tuple
    before: tuple
    after: tuple
    stride: tuple
    dilate: tuple
    dtype: str
    rounds: bool


def build(convolution, **where):
    """Make a plan.

    Engines whose results differ from run to run are never taken, nor, unless products may be
    rounded, those with tensor cores. Of the others, the first that cuDNN's heuristic names is.

    Args:
        convolution (Convolution): What to compute.
        where: ``handle``, or for a GPU that is not there ``device_property``, ``sm_version`` and
            ``sm_count``: see ``cudnn.pygraph``.

    Returns:
        cudnn.pygraph: Its tensors are 1 and 2, in the order of the attributes above, and 3, the
        one that is computed. None if cuDNN has no such plan.
    """
    import cudnn

    c, notes = convolution, cudnn.numerical_note
    dtype = {
        "float32": cudnn.data_type.FLOAT,
        "float16": cudnn.data_type.HALF,
        "bfloat16": cudnn.data_type.BFLOAT16,
    }[c.dtype]
    graph = cudnn.pygraph(
        io_data_type=dtype,
        intermediate_data_type=cudnn.data_type.FLOAT,
        compute_data_type=cudnn.data_type.FLOAT,
        **where,
    )

    def tensor(shape, uid):
        strides = channels_last_strides(shape)
        return graph.tensor(dim=list(shape), stride=strides, data_type=dtype, uid=uid)

    windows = {
        "pre_padding": list(c.before),
        "post_padding": list(c.after),
        "stride": list(c.stride),
        "dilation": list(c.dilate),
    }
    if c.kind == "fprop":
        inputs = {"image": tensor(c.big, 1), "weight": tensor(c.weights, 2)}
        out, shape = graph.conv_fprop(**inputs, **windows), c.small
    elif c.kind == "dgrad":
        inputs = {"loss": tensor(c.small, 1), "filter": tensor(c.weights, 2)}
        out, shape = graph.conv_dgrad(**inputs, **windows), c.big
    else:
        inputs = {"image": tensor(c.big, 1), "loss": tensor(c.small, 2)}
        out, shape = graph.conv_wgrad(**inputs, **windows), c.weights
    out.set_output(True).set_dim(list(shape)).set_stride(channels_last_strides(shape))
    out.set_data_type(dtype).set_uid(3)
    avoided = [notes.NONDETERMINISTIC, notes.REDUCED_PRECISION_REDUCTION]
    if c.dtype == "float32" and not c.rounds:
        avoided += [notes.TENSOR_CORE, notes.DOWN_CONVERT_INPUTS]
    try:
        graph.validate()
        graph.build_operation_graph()
        graph.create_execution_plans([cudnn.heur_mode.A, cudnn.heur_mode.FALLBACK])
        graph.deselect_numeric_notes(avoided)
        graph.check_support()
        graph.build_plans(cudnn.build_plan_policy.HEURISTICS_CHOICE)
    except (RuntimeError, cudnn.cudnnGraphNotSupportedError):
        return None
    return graph


def channels_last_strides(shape):
    """Return the steps of an array (N, C, H, W) with channels last in memory, in numbers."""
    _, c, h, w = shape
    return [c * h * w, 1, w * c, c]


def run(convolution, first, second, out):
    """Compute on the current stream.

    Args:
        convolution (Convolution): What.
        first, second (cupy.ndarray): As :func:`build` says, with channels last in memory.
        out (cupy.ndarray): Where to.

    Returns:
        bool: False if cuDNN has no plan for it, and nothing was done.
    """
    import cudnn
    import cupy

    device = cupy.cuda.device.get_device_id()
    handle, plans = _of_this_thread(device)
    if convolution not in plans:
        plans[convolution] = build(convolution, handle=handle)
    plan = plans[convolution]
    if plan is None:
        return False
    cudnn.set_stream(handle=handle, stream=cupy.cuda.get_current_stream().ptr)
    # Back in the pool, it serves whatever comes later on this stream.
    workspace = cupy.empty(max(plan.get_workspace_size(), 1), "uint8")
    pointers = {1: first.data.ptr, 2: second.data.ptr, 3: out.data.ptr}
    plan.execute(pointers, workspace.data.ptr, handle=handle)
    return True


_local = threading.local()


def _of_this_thread(device):
    """Return the handle and the plans of a device; cuDNN's handles are for one thread each."""
    import cudnn

    known = _local.__dict__.setdefault("devices", {})
    if device not in known:
        known[device] = cudnn.create_handle(), {}
    return known[device]
