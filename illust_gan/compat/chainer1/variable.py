"""``volatile`` of Variable, and the Flag that it takes.

Restores ``variable.py`` and ``flag.py`` of Chainer 1.5.1: what is computed from a volatile variable
remembers nothing for a backward pass, and is volatile itself. Chainer 2 removed it in favour of
``chainer.no_backprop_mode``: ``variable.py:582`` of 7.8.1 raises an error.

In Chainer 1.5 an input that is volatile and one that is not were an error together. Here the
volatile one decides.
"""

import functools

import chainer


class Flag:
    """One of three values: ``ON``, ``OFF`` and ``AUTO``, "as the other inputs are".

    Args:
        name (str, bool, None or Flag): "on", "ON" or True; "off", "OFF" or False; "auto", "AUTO" or
            None.

    Raises:
        ValueError: If it is none of these; and by ``bool`` of AUTO.

    Example:
        >>> Flag(True) is Flag("on"), Flag("on") == "ON", bool(Flag("off"))
        (True, True, False)
    """

    _known = {}  # noqa: RUF012 - the three flags by value

    def __new__(cls, name):
        if isinstance(name, Flag):
            return name
        try:
            value = {"on": True, "off": False, "auto": None}[name.lower()]
        except (AttributeError, KeyError):
            value = name
        if not (value is None or isinstance(value, bool)):
            raise ValueError(
                f"{name!r} is no flag; give 'on', 'off' or 'auto', True, False or None"
            )
        if value not in cls._known:
            flag = super().__new__(cls)
            flag.value = value
            cls._known[value] = flag
        return cls._known[value]

    def __bool__(self):
        if self.value is None:
            raise ValueError("Flag AUTO is neither true nor false")
        return self.value

    def __eq__(self, other):
        try:
            return self is Flag(other)
        except ValueError:
            return NotImplemented

    def __hash__(self):
        return hash(self.value)

    def __reduce__(self):
        return Flag, (self.value,)

    def __repr__(self):
        return {True: "ON", False: "OFF", None: "AUTO"}[self.value]


ON, OFF, AUTO = Flag("on"), Flag("off"), Flag("auto")


def restore():
    """Let ``chainer.Variable`` be volatile."""
    chainer.Flag, chainer.ON, chainer.OFF, chainer.AUTO = Flag, ON, OFF, AUTO

    variable = chainer.Variable
    variable._volatile = OFF
    variable.__init__ = _with_volatile(variable.__init__)
    variable.volatile = property(
        lambda self: self._volatile,
        lambda self, value: setattr(self, "_volatile", Flag(value)),
        doc="Whether what is computed from this variable forgets how (Chainer 1's Flag).",
    )
    # Chainer 1.5 gave parameters AUTO.
    chainer.Parameter._volatile = AUTO
    chainer.FunctionNode.apply = _forgetting(chainer.FunctionNode.apply)


def _with_volatile(original):
    @functools.wraps(original)
    def __init__(self, data=None, *args, **kwargs):  # noqa: N807 - it becomes the class's
        if not args and "volatile" not in kwargs:
            return original(self, data, **kwargs)
        kwargs.update(zip(("volatile", "name"), args))
        volatile = Flag(kwargs.pop("volatile"))
        original(self, data, **kwargs)
        self._volatile = volatile

    return __init__


def _forgetting(original):
    @functools.wraps(original)
    def apply(self, inputs):
        if not any(getattr(x, "_volatile", OFF) is ON for x in inputs):
            return original(self, inputs)
        with chainer.no_backprop_mode():
            outputs = original(self, inputs)
        for y in outputs:
            y._volatile = ON
        return outputs

    return apply
