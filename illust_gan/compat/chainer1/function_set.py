"""FunctionSet, the container of nets before Chainer 1.5 had Chain.

Restores ``function_set.py`` of Chainer 1.5.1, there already old; ``__init__.py`` of 7.8.1 no longer
imports it.
"""

import chainer
from chainer import backend


def restore():
    """Make it ``chainer.FunctionSet``."""
    chainer.FunctionSet = FunctionSet


class FunctionSet(chainer.Chain):
    """A Chain that takes in every link which is set as its attribute.

    Args:
        links: Links by name.

    Attributes:
        parameters (tuple): Arrays of all parameters; may be set, from arrays in the same order.
        gradients (tuple): Arrays of their gradients, likewise.

    Example:
        >>> import chainer.links as L
        >>> model = FunctionSet(l1=L.Linear(3, 2))
        >>> model.l2 = L.Linear(2, 1)
        >>> [parameter.shape for parameter in model.parameters]
        [(2, 3), (2,), (1, 2), (1,)]
    """

    def __setattr__(self, name, value):
        if not isinstance(value, chainer.Link) or self.within_init_scope:
            super().__setattr__(name, value)
            return
        if name in self._children:  # another one in its place was allowed
            delattr(self, name)
        self.add_link(name, value)

    def collect_parameters(self):
        """Return itself, which is what ``optimizer.setup`` takes."""
        return self

    def copy_parameters_from(self, params):
        """Copy arrays from any device into the parameters, in the order of :attr:`parameters`."""
        for to, array in zip(self.parameters, params):
            backend.copyto(to, array)

    @property
    def parameters(self):
        return tuple(param.array for param in self.params())

    @parameters.setter
    def parameters(self, arrays):
        for param, array in zip(self.params(), arrays, strict=True):
            param.array = array

    @property
    def gradients(self):
        return tuple(param.grad for param in self.params())

    @gradients.setter
    def gradients(self, arrays):
        for param, array in zip(self.params(), arrays, strict=True):
            param.grad = array
