"""cuDNN's plans for convolutions, transposed convolutions and gradients of weights.

A plan is one of cuDNN's engines with all its settings, for one type and given shapes. cuDNN's
heuristic proposes some, best first. Nothing is fused behind a product: statistics behind transposed
convolutions, or behind any of bfloat16, need a GPU later than Hopper, and for a bias or an
activation function cuDNN 9.28 gives its best engines up for some that it must compile first.
"""

import dataclasses


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
        dtype (str): Of all three arrays: ``"float32"``, ``"float16"`` or ``"bfloat16"``. cuDNN has
            no fast plan that leaves float32 where the factors have 16 bits; it adds up in float32.
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


def propose(convolution, most_workspace, **where):
    """Let cuDNN propose plans.

    Args:
        convolution (Convolution): What to compute.
        most_workspace (int): Bytes that a plan may take for itself.
        where: ``sm_version``, and ``handle`` or, for a GPU that is not there, ``device_property``:
            see ``cudnn.pygraph``.

    Returns:
        cudnn.pygraph: Its tensors are 1 and 2, in the order of the attributes of ``convolution``,
        and 3, the one that is computed. No plan is built yet.

    Raises:
        cudnn.cudnnGraphNotSupportedError: There is none.
        RuntimeError, ValueError: Something else is wrong.
    """
    graph = propose_all(convolution, **where)
    graph.deselect_numeric_notes(avoided_notes(convolution))
    graph.deselect_workspace_greater_than(most_workspace)
    graph.check_support()
    return graph


def propose_all(convolution, **where):
    """Do the same, but for plans of any kind and size."""
    import cudnn

    graph = _describe(cudnn, convolution, where)
    graph.validate()
    graph.build_operation_graph()
    graph.create_execution_plans([cudnn.heur_mode.A, cudnn.heur_mode.FALLBACK])
    return graph


def avoided_notes(convolution):
    """List the notes that no plan may have.

    Results that differ from run to run are never wanted, so that one seed gives one training. Of
    float32, engines with tensor cores read TF32 only; others might read float16.

    Args:
        convolution (Convolution): What the plan is for.

    Returns:
        list of cudnn.numerical_note: For ``deselect_numeric_notes``.
    """
    import cudnn

    notes = cudnn.numerical_note
    avoided = [
        notes.NONDETERMINISTIC, notes.REDUCED_PRECISION_REDUCTION, notes.DOWN_CONVERT_INPUTS
    ]  # fmt: skip
    if convolution.dtype == "float32" and not convolution.rounds:
        avoided.append(notes.TENSOR_CORE)
    return avoided


def built_plans(graph):
    """Build the proposed plans one by one.

    Args:
        graph (cudnn.pygraph): From :func:`propose`.

    Yields:
        int: Number of a plan that can be run, cuDNN's best first.
    """
    import cudnn

    for index in range(graph.get_execution_plan_count()):
        try:
            graph.build_plan_at_index(index)
        # Plans that are not allowed are among those that fail.
        except (cudnn.cudnnGraphNotSupportedError, RuntimeError):
            continue
        yield index


def channels_last_strides(shape):
    """Return the steps of an array (N, C, H, W) with channels last in memory, in numbers."""
    _, c, h, w = shape
    return [c * h * w, 1, w * c, c]


def _describe(cudnn, convolution, where):
    c = convolution
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
    return graph
