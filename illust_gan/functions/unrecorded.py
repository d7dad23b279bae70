"""Functions where no graph is recorded, with less of Chainer's housekeeping around them.

``FunctionNode.apply`` is prepared for graphs, devices, hooks, debug mode, memory layouts and
ChainerX at every call. Where one picture is drawn, that is a third of the time outside kernels.
Here nothing of it can be needed: no graph is recorded, nobody looks between functions, and all
inputs are plain NumPy arrays. Then the types of the inputs are checked, the function goes forward,
and its outputs become variables, as in Chainer; all else is left out. Every other call, and every
output that is not a plain array itself, is Chainer's own.

Backprop takes this way too, since it records no graph of gradients unless asked to.
"""

import functools

import numpy as np

from illust_gan.functions import switch, unfinished

WHERE = "chainer.function_node"
WHAT = "all functions where no graph is recorded, with less of Chainer around them"


def mend(module):
    """Let functions go forward on the short way where it leads to the same."""
    function_class, Variable = module.FunctionNode, module.variable.Variable
    plain_apply = function_class.apply
    # With inputs of no layout, there is nothing that this could find.
    plain_check = function_class.check_layout_forward

    @functools.wraps(plain_apply)
    def apply(self, inputs):
        arrays = _plain_arrays(inputs, Variable) if is_short(self) else None
        if arrays is None:
            return plain_apply(self, inputs)
        self._input_layouts = (None,) * len(arrays)
        if module.chainer.config.__getattr__("type_check"):
            _check_types(self, arrays, module.type_check)
        if getattr(self.check_layout_forward, "__func__", None) is not plain_check:
            self.check_layout_forward([module.chainer.as_variable(x) for x in inputs])
        self._input_indexes_to_retain = None
        self._output_indexes_to_retain = None
        outputs = self.forward(arrays)
        if not _is_plain_output(self, outputs):
            return _apply_to_answer(plain_apply, self, inputs, outputs)
        requires_grad = False
        for x in inputs:
            requires_grad = requires_grad or (isinstance(x, Variable) and x.requires_grad)
        return as_variables(self, outputs, requires_grad)

    function_class.apply = apply


def is_short(function):
    """Return whether no graph is recorded and Chainer does not look at a function.

    Args:
        function (chainer.FunctionNode): The function, not applied yet.

    Returns:
        bool: Whether the arithmetic is all that has to be done, if all arrays are plain ones.
    """
    import chainer

    # As chainer.is_debug() does; Python looks for an attribute in vain first, in thrice the time.
    return (
        not chainer.config.__getattr__("enable_backprop")
        and switch.config.fast
        and function._output_layouts is None
        and not function._is_chainerx_fallback_mode
        and unfinished.is_unobserved(function)
    )


def as_variables(function, outputs, requires_grad):
    """Make variables of what a function has computed on the short way.

    Args:
        function (chainer.FunctionNode): The function.
        outputs (tuple of numpy.ndarray): Its outputs.
        requires_grad (bool): Whether any of its inputs requires a gradient.

    Returns:
        tuple of chainer.Variable: The outputs.
    """
    import chainer

    function._output_layouts = (None,) * len(outputs)
    function._output_count = len(outputs)
    make = chainer.Variable._init_unchecked
    return tuple([make(y, requires_grad=requires_grad, is_chainerx_array=False) for y in outputs])


def _plain_arrays(inputs, Variable):
    if not inputs or not isinstance(inputs, (tuple, list)):
        return None
    arrays = []
    for x in inputs:
        if isinstance(x, Variable):
            if x._has_chainerx_array or x._layout is not None:
                return None
            x = x._data[0]
        # Subclasses of ndarray may be of another device, as iDeep's mdarray is.
        if type(x) is not np.ndarray:
            return None
        arrays.append(x)
    return tuple(arrays)


def _check_types(function, arrays, type_check):
    try:
        with type_check.light_mode:
            function.check_type_forward(type_check.get_light_types(arrays))
    except type_check.InvalidType:
        # What is said in light mode is not for people.
        function._check_data_type_forward(arrays)


def _is_plain_output(function, outputs):
    if not isinstance(outputs, tuple) or function._output_layouts is not None:
        return False
    for y in outputs:
        if type(y) is not np.ndarray:
            return False
    return len(outputs) == 1 or not function.is_elementwise


def _apply_to_answer(plain_apply, function, inputs, outputs):
    """Let Chainer look at outputs that are none of the usual, and say what is wrong with them."""
    retained = function._input_indexes_to_retain, function._output_indexes_to_retain

    def forward(in_data):
        function._input_indexes_to_retain, function._output_indexes_to_retain = retained
        return outputs

    own = vars(function).get("forward")
    function.forward = forward
    try:
        return plain_apply(function, inputs)
    finally:
        if own is None:
            del function.forward
        else:
            function.forward = own
