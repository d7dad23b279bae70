"""Batch normalisation that is computed when somebody looks at it, which may be never.

Nets say ``F.relu(bn(x))``. When ``bn`` returns, the statistics are known and the graph is
Chainer's, but the array of its output is not computed: the variable holds an :class:`Unfinished` in
its place. Whoever looks at the variable has the array computed at that moment, whether they ask for
the array or its shape, use an operator or another function, copy it or pickle it. Only the
activation functions do not look: they compute activation(normalise(x)) in one pass, and the array
between is never written unless somebody asks for it later.

It is computed from ``x``, which Chainer keeps for the way back anyway, and from copies of what may
change, the statistics, gamma and beta. So ``x`` must not be changed in place meanwhile, nor may it
for Chainer's own gradients. Where it could well be, because it is an array of the user's or a
variable without a history, nothing is put off.

On the way back it is the gradient between both that need not be written. Chainer's backprop asks
every gradient for its array, so it gets one that holds nothing, and normalisation computes what it
needs from the activation's (:class:`HiddenGradient`). That is done only where nobody else can come
by it: the variable between both is gone, and the activation was the only one to use it.

Nothing of this is done where Chainer itself looks between functions, which is in debug mode, under
function hooks and in static graphs; nor on the way back where gradients are to have gradients.
"""

import functools

import numpy as np


class Unfinished(dict):
    """Stands for ``Variable._data``, the list ``[array]``, until somebody asks for ``_data[0]``.

    Args:
        variable (chainer.Variable): The variable, which then holds this.
        normalize (callable): Without arguments, computes the array; given (kind, slope), that
            activation of it, and not the array itself.
    """

    def __init__(self, variable, normalize):
        super().__init__()
        self.normalize = normalize
        self.uses = variable.node._variable = CountedReference(variable.node._variable)
        variable._data = self

    def __missing__(self, index):
        normalize = self.normalize
        if normalize is not None:
            self.uses.count += 1
            self.setdefault(index, normalize())  # another thread may have been first
            self.normalize = None
        return self[index]


class CountedReference:
    """Stands for ``VariableNode._variable``, the weak reference to the node's variable.

    Args:
        reference (weakref.ref): The reference.

    Attributes:
        count (int): How often the variable has been asked for, looked at, or activated unseen.
    """

    def __init__(self, reference):
        self.reference = reference
        self.count = 0

    def __call__(self):
        self.count += 1
        return self.reference()


class HiddenGradient:
    """A gradient between normalisation and activation that is not written.

    Args:
        y, gy (numpy.ndarray): Output of the activation, and the gradient of that.
        kind, slope: As for :func:`illust_gan.functions.activation.activate`.
    """

    def __init__(self, y, gy, kind, slope):
        self.y = y
        self.gy = gy
        self.activation = kind, float(slope)


def stand_in(shape, dtype):
    """Return an array for where only its shape and type are looked at.

    Args:
        shape (tuple of int): Its shape.
        dtype (numpy.dtype): Its type.

    Returns:
        numpy.ndarray: One NaN, read-only, seen as often as needed.
    """
    # np.broadcast_to does the same in four times the time; bytes make the array read-only.
    return np.ndarray(shape, dtype, _nan(dtype), strides=(0,) * len(shape))


@functools.cache
def _nan(dtype):
    return np.array(np.nan, dtype).tobytes()


def can_wait(function, x):
    """Return whether the output of a normalisation may be put off.

    Args:
        function (chainer.FunctionNode): The normalisation, not applied yet.
        x (chainer.Variable or array): What it is given.

    Returns:
        bool: Whether ``x`` stays as it is, and nobody looks at the output before the caller does.
    """
    import chainer

    if not isinstance(x, chainer.Variable) or not is_unobserved(function):
        return False
    return not chainer.config.__getattr__("enable_backprop") or x.node.creator_node is not None


def is_unfinished(x):
    """Return whether something is a variable with an :class:`Unfinished` not asked for yet.

    Args:
        x (chainer.Variable or array): An input of a function.

    Returns:
        bool: False also for arrays.
    """
    data = getattr(x, "_data", None)
    return type(data) is Unfinished and 0 not in data


def take(x):
    """Take from a variable what computes its array, without looking at it.

    Args:
        x (chainer.Variable or array): The input of a function that nobody looks at.

    Returns:
        callable: ``normalize`` of an :class:`Unfinished`; None where there is none any more.
    """
    normalize = x._data.normalize if is_unfinished(x) else None
    if normalize is not None:
        x._data.uses.count += 1
    return normalize


def accept(function, inputs):
    """Take the input of an activation function without looking at it.

    Args:
        function (chainer.FunctionNode): The activation function, not applied yet.
        inputs (tuple): Its one input, a variable or an array.

    Returns:
        tuple: The inputs to apply it to; and ``normalize`` of an :class:`Unfinished` input, which
        computes the output, or None.
    """
    import chainer

    (x,) = inputs
    normalize = take(x) if is_unobserved(function) else None
    if normalize is None:
        return inputs, None
    # Another face of the same node of the graph, so that the variable itself stays as it is.
    face = chainer.Variable._init_unchecked(
        stand_in(x.node.shape, x.node.dtype), requires_grad=x.requires_grad, node=x.node
    )
    return (face,), normalize


def is_plain_backward(function):
    """Return whether a step of backprop is about arrays alone.

    Args:
        function (chainer.FunctionNode): The function at hand.

    Returns:
        bool: False where the step itself becomes part of a graph, or is observed.
    """
    import chainer

    return not chainer.config.__getattr__("enable_backprop") and is_unobserved(function)


def hide_gradient(function, y, gy, kind, slope):
    """Leave the gradient of a fused activation to the normalisation before it.

    Args:
        function (chainer.FunctionNode): The activation function.
        y (numpy.ndarray): Its output.
        gy (chainer.Variable): Gradient of the output.
        kind, slope: See :class:`HiddenGradient`.

    Returns:
        chainer.Variable: The gradient of its input, hidden; None if it has to be seen.
    """
    import chainer

    node = function.inputs[0]
    uses, normalization = node._variable, node.creator_node
    if type(uses) is not CountedReference or uses.count > 1 or uses.reference() is not None:
        return None
    impl = getattr(normalization, "_impl", None)
    if not hasattr(impl, "can_take_hidden") or not is_unobserved(normalization):
        return None
    x, gamma, _ = normalization.inputs
    if y is not function.output_data[0]:
        return None
    if not impl.can_take_hidden(x.data, gamma.data, y, gy.array):
        return None
    gx = chainer.Variable(stand_in(y.shape, y.dtype), requires_grad=gy.requires_grad)
    gx._hidden_gradient = HiddenGradient(y, gy.array, kind, slope)
    return gx


def is_unobserved(function):
    """Return whether Chainer does not look at what goes into a function and comes out.

    Args:
        function (chainer.FunctionNode): Any.

    Returns:
        bool: False in debug mode, under function hooks and in static graphs.
    """
    import chainer

    return not (
        chainer.is_debug()
        or chainer.get_function_hooks()
        or function._local_function_hooks
        or chainer.config.__getattr__("schedule_func") is not None
    )
