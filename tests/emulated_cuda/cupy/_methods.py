"""The operators and methods of ``cupy.ndarray``, most of them NumPy's by the same name."""

import numpy as np

from cupy import _dispatch, _stream
from cupy._array import ndarray

OPERATORS = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "truediv": np.true_divide,
    "floordiv": np.floor_divide,
    "mod": np.remainder,
    "pow": np.power,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "lshift": np.left_shift,
    "rshift": np.right_shift,
}
COMPARISONS = {
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}
UNARY = {"neg": np.negative, "pos": np.positive, "abs": np.absolute, "invert": np.invert}
# Methods of numpy.ndarray that change nothing, and give arrays or views.
METHODS = (
    "all any argmax argmin argsort argpartition choose clip compress conj conjugate cumprod "
    "cumsum diagonal max mean min prod ravel repeat reshape round searchsorted squeeze std sum "
    "swapaxes take trace transpose var"
).split()


def is_left_to(self, other):
    """Tell whether an operator leaves the work to its other operand, as Chainer's variables."""
    if isinstance(other, (ndarray, np.ndarray, np.generic, bool, int, float, complex)):
        return False
    if hasattr(other, "__array_ufunc__"):
        return other.__array_ufunc__ is None
    return self.__array_priority__ < getattr(other, "__array_priority__", 0)


def check_operands(operands):
    """Raise for what CuPy's ufuncs do not take, lists for example."""
    for operand in operands:
        if not isinstance(operand, (ndarray, np.generic, bool, int, float, complex)):
            raise TypeError(f"Unsupported type {type(operand)}")


def _add_operator(name, ufunc):
    def forward(self, other):
        if is_left_to(self, other):
            return NotImplemented
        check_operands([other])
        return _dispatch.call(ufunc, (self, other))

    def backward(self, other):
        if is_left_to(self, other):
            return NotImplemented
        check_operands([other])
        return _dispatch.call(ufunc, (other, self))

    def in_place(self, other):
        check_operands([other])
        return _dispatch.call(ufunc, (self, other), {"out": self})

    setattr(ndarray, f"__{name}__", forward)
    if name not in COMPARISONS:
        setattr(ndarray, f"__r{name}__", backward)
        setattr(ndarray, f"__i{name}__", in_place)


def _add_method(name):
    function = getattr(np.ndarray, name)

    def method(self, *args, **kwargs):
        return _dispatch.call(function, (self, *args), kwargs)

    method.__name__, method.__doc__ = name, function.__doc__
    setattr(ndarray, name, method)


for _name, _ufunc in {**OPERATORS, **COMPARISONS}.items():
    _add_operator(_name, _ufunc)
for _name, _ufunc in UNARY.items():
    setattr(ndarray, f"__{_name}__", lambda self, u=_ufunc: _dispatch.call(u, (self,)))
for _name in METHODS:
    _add_method(_name)


def _matmul(self, other):
    _stream.refuse_library_in_capture("cuBLAS")
    return _dispatch.call(np.matmul, (self, other))


def _dot(self, other, out=None):
    _stream.refuse_library_in_capture("cuBLAS")
    return _dispatch.call(np.dot, (self, other), {"out": out})


def _astype(self, dtype, order="K", casting=None, subok=None, copy=True):
    # NumPy cannot cast structured types, nor keep `order` under `copy=False`, other than CuPy.
    return _dispatch.call(
        np.ndarray.astype, (self, dtype), {"order": order, "copy": copy}, keep_layout=True
    )


def _copy(self, order="C"):
    return _dispatch.call(np.ndarray.copy, (self,), {"order": order}, keep_layout=True)


def _flatten(self, order="C"):
    return _dispatch.call(np.ndarray.flatten, (self,), {"order": order})


def _view(self, dtype=None, type=None):
    return ndarray._wrap(self._view if dtype is None else self._view.view(dtype), self._mem)


def _reduced_view(self):
    # CuPy also joins the axes of other strides where it can; an index means the same either way.
    return self.ravel() if self.flags.c_contiguous else self


def _fill(self, value):
    if isinstance(value, ndarray) and value.ndim:
        raise ValueError("non-scalar ndarray cannot be used for fill")
    found = [self]
    plain, view = _dispatch.strip(value, found), self._view
    _dispatch.run(lambda: np.copyto(view, plain, casting="unsafe"), found)


def _nonzero(self):
    _stream.wait_for_results()
    return _dispatch.call(np.nonzero, (self,))


def _sort(self, axis=-1):
    view = self._view
    _dispatch.run(lambda: view.sort(axis), [self])


def _scatter_add(self, slices, value):
    found = [self]
    plain, new = _dispatch.strip(slices, found), _dispatch.strip(value, found)
    view = self._view
    _dispatch.run(lambda: np.add.at(view, plain, new), found)


ndarray.__matmul__, ndarray.dot, ndarray.astype, ndarray.copy = _matmul, _dot, _astype, _copy
ndarray.flatten, ndarray.view, ndarray.fill = _flatten, _view, _fill
ndarray.nonzero, ndarray.sort, ndarray.scatter_add = _nonzero, _sort, _scatter_add
ndarray.reduced_view = _reduced_view
