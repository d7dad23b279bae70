"""NumPy's functions that CuPy has too, found by their names."""

import numpy as np

from cupy import _dispatch, _methods, _stream
from cupy._array import ndarray

# What `dir(cupy)` of 14.2 has and NumPy 2 too, apart from what the other modules here define.
SHARED = frozenset(
    """
    abs absolute acos acosh add all allclose amax amin angle any append apply_along_axis arccos
    arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin argpartition argsort argwhere around
    array_equal array_equiv array_split asin asinh atan atan2 atanh atleast_1d atleast_2d
    atleast_3d average bincount bitwise_and bitwise_count bitwise_invert bitwise_not bitwise_or
    bitwise_xor bool bool_ broadcast_arrays broadcast_shapes broadcast_to byte can_cast cbrt
    ceil choose clip column_stack common_type complex128 complex64 concat concatenate conj conjugate
    copysign copyto corrcoef cos cosh count_nonzero cov cross csingle cumprod cumsum deg2rad degrees
    diag diagflat diagonal diff digitize divide divmod dot double dsplit dstack dtype e ediff1d
    einsum equal exp exp2 expand_dims expm1 extract fabs finfo flip fliplr flipud float16 float32
    float64 float_power floor floor_divide fmax fmin fmod frexp gcd generic gradient greater
    greater_equal half heaviside histogram hsplit hstack hypot i0 iinfo imag in1d indices inf inner
    int16 int32 int64 int8 int_ intc integer interp invert iscomplex iscomplexobj isfinite isclose
    isin isinf isnan isneginf isposinf isreal isrealobj isscalar issubdtype kron lcm ldexp
    left_shift less less_equal log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not
    logical_or logical_xor longlong matmul max maximum may_share_memory mean median meshgrid min
    minimum mod modf moveaxis multiply nan nan_to_num nanargmax nanargmin nanmax nanmean nanmin
    nansum ndim negative newaxis nextafter nonzero not_equal number outer pad partition percentile
    permute_dims pi positive power prod promote_types ptp quantile rad2deg radians ravel real
    reciprocal remainder repeat reshape result_type right_shift rint roll rollaxis rot90 round
    searchsorted select shape shares_memory short sign signbit sin sinc sinh size sort split sqrt
    square squeeze stack std subtract sum swapaxes take take_along_axis tan tanh tensordot tile
    trace transpose trapezoid tril triu true_divide trunc ubyte uint uint16 uint32 uint64 uint8
    uintc uintp unique unravel_index ushort var vdot vsplit vstack where
    complexfloating flatnonzero floating inexact intp isdtype min_scalar_type pow signedinteger
    single unsignedinteger
    """.split()
)
CUBLAS = {"dot", "einsum", "inner", "matmul", "outer", "tensordot", "vdot"}
# Their shapes depend on values, which the host must wait for.
SYNCHRONOUS = {"argwhere", "bincount", "extract", "flatnonzero", "nonzero", "unique"}
KEEPS_LAYOUT = {"broadcast_to", "rollaxis", "transpose"}
ANSWERS = {"allclose", "array_equal", "array_equiv", "may_share_memory", "shares_memory"}


class ufunc:
    """A function of elements."""

    def __init__(self, plain):
        self._plain, self.name = plain, plain.__name__
        self.__name__, self.__doc__ = plain.__name__, plain.__doc__
        self.nin, self.nout, self.nargs = plain.nin, plain.nout, plain.nargs

    def __call__(self, *args, out=None, dtype=None, casting="same_kind"):
        """Return the function of the arguments, which are device arrays and scalars."""
        operands, rest = args[: self.nin], args[self.nin :]
        _methods.check_operands(operands)
        if rest:
            out = rest if len(rest) > 1 else rest[0]
        kwargs = {} if dtype is None else {"dtype": dtype}
        if not any(isinstance(value, ndarray) for value in operands):
            # Of scalars only: still an array on the device.
            return _dispatch.call(lambda *a: np.asarray(self._plain(*a)), operands, {"out": out})
        return _dispatch.call(self._plain, operands, {**kwargs, "out": out})

    def outer(self, a, b):
        """Return the function of each element of one and each of the other."""
        return _dispatch.call(self._plain.outer, (a, b))

    def reduce(self, array, axis=0, dtype=None, out=None, keepdims=False):
        """Return the reduction by this function."""
        named = {"axis": axis, "dtype": dtype, "keepdims": keepdims, "out": out}
        return _dispatch.call(self._plain.reduce, (array,), named)

    def at(self, a, indices, b):
        """Apply the function in place, without buffering."""
        found = [a]
        where, operand = _dispatch.strip(indices, found), _dispatch.strip(b, found)
        view = a._view
        _dispatch.run(lambda: self._plain.at(view, where, operand), found)


def _function(name, plain):
    def call(*args, **kwargs):
        if name in CUBLAS:
            _stream.refuse_library_in_capture("cuBLAS")
        if name in SYNCHRONOUS:
            _stream.wait_for_results()
        if name in ANSWERS:
            return _dispatch.call(lambda *a, **k: np.asarray(plain(*a, **k)), args, kwargs)
        return _dispatch.call(plain, args, kwargs, name in KEEPS_LAYOUT)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = plain.__doc__
    return call


def copyto(dst, src, casting="same_kind", where=None):
    """Copy values into an array, with broadcasting."""
    if where is None:
        if isinstance(src, ndarray) and not np.can_cast(src.dtype, dst.dtype, casting):
            raise TypeError(f"Cannot cast from {src.dtype} to {dst.dtype} by {casting}")
        dst[...] = src
        return
    found = [dst]
    plain, mask, view = _dispatch.strip(src, found), _dispatch.strip(where, found), dst._view
    _dispatch.run(lambda: np.copyto(view, plain, casting, where=mask), found)


def find(name):
    """Return what CuPy has by some name of NumPy's.

    Raises:
        AttributeError: CuPy has no such name, or the emulation does not know it.
    """
    plain = getattr(np, name) if name in SHARED else None
    if plain is None and name not in SHARED:
        raise AttributeError(f"module 'cupy' (emulated) has no attribute {name!r}")
    if isinstance(plain, np.ufunc) and name != "matmul":
        return ufunc(plain)
    if isinstance(plain, type) or not callable(plain):
        return plain
    return _function(name, plain)
