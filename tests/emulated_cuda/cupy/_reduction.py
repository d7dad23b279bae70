"""``ReductionKernel``: an expression for each element, and one for two of its values."""

import ctypes
import functools

import numpy as np

from cupy import _parameters, _stream
from cupy._array import ndarray
from cupy._compiler import compile_library
from cupy._elementwise import HEADERS, typedefs

_CODE = """{headers}namespace {{
{typedefs}
typedef {reduce_type} type_reduce;
{preamble}
}}
extern "C" void emulated_run(ptrdiff_t n, ptrdiff_t m, const emulated::array *arrays)
{{
    for (ptrdiff_t i = n - 1; i >= 0; i--) {{
        type_reduce s = type_reduce({identity});
        for (ptrdiff_t j = 0; j < m; j++) {{
            const ptrdiff_t emulated_k = i * m + j;
            {ins}
            const type_reduce a = s, b = ({map});
            s = ({reduce});
        }}
        {outs}
        const type_reduce a = s;
        {post_map};
    }}
}}
"""


class ReductionKernel:
    """A kernel that reduces axes. See CuPy for its arguments."""

    def __init__(
        self,
        in_params,
        out_params,
        map_expr,
        reduce_expr,
        post_map_expr,
        identity,
        name="reduce_kernel",
        reduce_type=None,
        reduce_dims=True,
        preamble="",
        options=(),
    ):
        self._in, self._out = _parameters.parse(in_params), _parameters.parse(out_params)
        if any(parameter.raw for parameter in self._in + self._out):
            raise NotImplementedError("raw arguments of a ReductionKernel are not emulated")
        self._texts = {
            "map": map_expr,
            "reduce": reduce_expr,
            "post_map": post_map_expr,
            "identity": identity,
            "preamble": preamble,
        }
        self._reduce_type = reduce_type
        self.name = self.__name__ = name

    def __call__(self, *args, out=None, axis=None, keepdims=False, stream=None):
        """Run it over some axes, by default all, and return its output."""
        if len(args) > len(self._in):
            out = args[-1]
        args = args[: len(self._in)]
        _parameters.check_arguments(args)
        types = _parameters.decide_types([*self._in, *self._out], [*args, out])
        shape = np.broadcast_shapes(*[arg.shape for arg in args if isinstance(arg, ndarray)])
        ndim = len(shape)
        axes = range(ndim) if axis is None else (axis,) if np.ndim(axis) == 0 else axis
        reduced = sorted(int(k) % ndim for k in axes)
        kept = [k for k in range(ndim) if k not in reduced]
        out_shape = tuple([shape[k] for k in kept])
        whole = tuple([1 if k in reduced else shape[k] for k in range(ndim)])
        if out is None:
            dtype = _parameters.dtype_of(self._out[0], types)
            out = ndarray(whole if keepdims else out_shape, dtype)
        elif out.shape != (whole if keepdims else out_shape):
            raise ValueError("Out shape is mismatched")
        held = []
        for parameter, arg in zip(self._in, args):
            if isinstance(arg, ndarray):
                view = np.broadcast_to(arg._view, shape).transpose(kept + reduced)
            else:
                dtype = _parameters.dtype_of(parameter, types)
                view = np.broadcast_to(np.asarray(arg).astype(dtype), shape)
            held.append(view)
        held.append(out._view.reshape(out_shape))
        table = (_parameters.Described * len(held))(*map(_parameters.describe, held))
        library = compile_library(self._source(types))
        library.emulated_run.argtypes = (ctypes.c_ssize_t, ctypes.c_ssize_t, ctypes.c_void_p)
        n = int(np.prod(out_shape, dtype=np.int64))
        m = int(np.prod([shape[k] for k in reduced], dtype=np.int64))
        buffers = [arg._mem.buffer for arg in [*args, out] if isinstance(arg, ndarray)]
        _stream.submit(functools.partial(_run, library, n, m, table, held), buffers, stream)
        return out

    def _source(self, types):
        ins, outs = [], []
        for k, parameter in enumerate(self._in + self._out):
            kind = _parameters.c_type(_parameters.dtype_of(parameter, types))
            if k < len(self._in):
                ins.append(f"const {kind} {parameter.name} = arrays[{k}].at<{kind}>(emulated_k);")
            else:
                outs.append(f"{kind} &{parameter.name} = arrays[{k}].at<{kind}>(i);")
        dtype = _parameters.dtype_of(self._out[0], types)
        return _CODE.format(
            headers=HEADERS,
            typedefs=typedefs(types),
            reduce_type=self._reduce_type or _parameters.c_type(dtype),
            ins=" ".join(ins),
            outs=" ".join(outs),
            **self._texts,
        )


def _run(library, n, m, table, held):
    """Run a kernel on arrays of which `table` has the addresses and `held` the memory."""
    library.emulated_run(n, m, ctypes.addressof(table))
