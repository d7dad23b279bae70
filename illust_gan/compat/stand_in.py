"""A module that differs from the real one in a few names."""

import types


class StandIn(types.ModuleType):
    """Answers for ``real``, with ``names`` in place of or besides its own.

    Given to one module or function of Chainer under the name of a library that has dropped
    something, it leaves the library itself untouched for everyone else.

    >>> import math
    >>> StandIn(math, tau=6).tau, StandIn(math, tau=6).e == math.e
    (6, True)
    """

    def __init__(self, real, **names):
        super().__init__(real.__name__, real.__doc__)
        self.__dict__.update(names)
        self._real = real

    def __getattr__(self, name):
        return getattr(self._real, name)


def with_globals(function, **names):
    """Return a copy of a function which sees some of its module's names with other values."""
    copy = types.FunctionType(
        function.__code__,
        {**function.__globals__, **names},
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    copy.__doc__ = function.__doc__
    return copy
