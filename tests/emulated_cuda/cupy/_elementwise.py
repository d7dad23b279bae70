"""``ElementwiseKernel``: an expression for each element, compiled by g++."""

import ctypes
import functools

import numpy as np

from cupy import _parameters, _stream
from cupy._array import ndarray
from cupy._compiler import compile_library

HEADERS = """#include "builtins.h"
static bool emulated_out_of_bounds;
#include "arrays.h"
"""
_CODE = """{headers}namespace {{
{typedefs}
{preamble}
}}
extern "C" bool emulated_run(ptrdiff_t n, const emulated::array *a)
{{
    emulated_out_of_bounds = false;
    {before}
    {loop_prep};
    for (ptrdiff_t i = n - 1; i >= 0; i--) {{
        {each}
        {operation};
    }}
    {after_loop};
    return emulated_out_of_bounds;
}}
"""


def typedefs(types):
    """Return C++ that names the types."""
    return "\n".join(
        f"typedef {_parameters.c_type(dtype)} {name};" for name, dtype in sorted(types.items())
    )


class ElementwiseKernel:
    """A kernel of elements. See CuPy for its arguments; ``reduce_dims`` is ignored."""

    def __init__(
        self,
        in_params,
        out_params,
        operation,
        name="kernel",
        reduce_dims=True,
        preamble="",
        no_return=False,
        return_tuple=False,
        loop_prep="",
        after_loop="",
        options=(),
        **more,
    ):
        self._in, self._out = _parameters.parse(in_params), _parameters.parse(out_params)
        self._texts = {
            "operation": operation,
            "preamble": preamble,
            "loop_prep": loop_prep,
            "after_loop": after_loop,
        }
        self.name = self.__name__ = name
        self._no_return, self._return_tuple = no_return, return_tuple

    def __call__(self, *args, size=None, stream=None, block_size=None):
        """Run it, and return its outputs, new ones where none were given."""
        n_in, n_out = len(self._in), len(self._out)
        if len(args) not in (n_in, n_in + n_out):
            raise TypeError(f"Wrong number of arguments for {self.name!r}")
        _parameters.check_arguments(args)
        args = [*args, *[None] * (n_in + n_out - len(args))]
        parameters = self._in + self._out
        types = _parameters.decide_types(parameters, args)
        shape = self._shape(args, size)
        for k in range(n_in, n_in + n_out):
            if args[k] is None:
                if parameters[k].raw and size is None:
                    raise ValueError("Output array size is Undecided")
                args[k] = ndarray(shape, _parameters.dtype_of(parameters[k], types))
            elif not parameters[k].raw and args[k].shape != shape:
                raise ValueError("Out shape is mismatched")
        self._run(args, parameters, types, shape, stream)
        outs = tuple(args[n_in:])
        if self._no_return:
            return None
        return outs if n_out != 1 or self._return_tuple else outs[0]

    def _shape(self, args, size):
        """Return the shape over which the kernel runs."""
        arrays = [
            arg.shape
            for parameter, arg in zip(self._in + self._out, args)
            if isinstance(arg, ndarray) and not parameter.raw
        ]
        if size is not None:
            if arrays:
                raise ValueError("Specified 'size' can be used only if all of the ndarray are raw")
            return (size,)
        if not arrays and any(isinstance(arg, ndarray) for arg in args):
            raise ValueError("Loop size is undecided")
        return np.broadcast_shapes(*arrays)

    def _run(self, args, parameters, types, shape, stream):
        held, described, forms = [], [], []
        for parameter, arg in zip(parameters, args):
            if isinstance(arg, ndarray):
                view = arg._view if parameter.raw else np.broadcast_to(arg._view, shape)
                forms.append("raw" if parameter.raw else "each")
            else:
                view = np.asarray(arg).astype(_parameters.dtype_of(parameter, types))
                forms.append("scalar")
            held.append(view)
            described.append(_parameters.describe(view))
        table = (_parameters.Described * max(1, len(described)))(*described)
        library = compile_library(self._source(types, tuple(forms)))
        library.emulated_run.argtypes = (ctypes.c_ssize_t, ctypes.c_void_p)
        library.emulated_run.restype = ctypes.c_bool
        arrays = [arg for arg in args if isinstance(arg, ndarray)]
        n = int(np.prod(shape, dtype=np.int64))
        work = functools.partial(run, self.name, library, (n,), table, held)
        _stream.submit(work, [array._mem.buffer for array in arrays], stream)

    def _source(self, types, forms):
        before, each = [], []
        for k, (parameter, form) in enumerate(zip(self._in + self._out, forms)):
            kind = _parameters.c_type(_parameters.dtype_of(parameter, types))
            if form == "raw":
                before.append(f"const CArray<{kind}> {parameter.name}(a[{k}]);")
            elif form == "scalar":
                before.append(f"const {kind} {parameter.name} = *({kind} *)a[{k}].data;")
            elif k < len(self._in):
                each.append(f"const {kind} {parameter.name} = a[{k}].at<{kind}>(i);")
            else:
                each.append(f"{kind} &{parameter.name} = a[{k}].at<{kind}>(i);")
        parts = {"before": "\n    ".join(before), "each": "\n        ".join(each)}
        return _CODE.format(headers=HEADERS, typedefs=typedefs(types), **parts, **self._texts)


def run(name, library, sizes, table, held):
    """Run a kernel on arrays of which `table` has the addresses and `held` the memory."""
    if library.emulated_run(*sizes, ctypes.addressof(table)):
        raise IndexError(f"{name} indexes a raw array outside of it")
