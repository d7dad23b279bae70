"""``ReductionKernel``: an expression for each element, and one for two of its values."""

import ctypes
import functools

import numpy as np

from cupy import _parameters, _stream
from cupy._array import ndarray
from cupy._compiler import compile_library
from cupy._elementwise import HEADERS, run, typedefs

_CODE = """{headers}namespace {{
{typedefs}
typedef {reduce_type} type_reduce;
{preamble}
}}
extern "C" bool emulated_run(ptrdiff_t n, ptrdiff_t m, const emulated::array *arrays)
{{
    emulated_out_of_bounds = false;
    {before}
    for (ptrdiff_t i = n - 1; i >= 0; i--) {{
        type_reduce s = type_reduce({identity});
        for (ptrdiff_t j = 0; j < m; j++) {{
            const ptrdiff_t _j = i + j * n;
            {ins}
            const type_reduce a = s, b = ({map});
            s = ({reduce});
        }}
        {outs}
        const type_reduce a = s;
        {post_map};
    }}
    return emulated_out_of_bounds;
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
        shape = np.broadcast_shapes(
            *[
                arg.shape
                for parameter, arg in zip(self._in, args)
                if isinstance(arg, ndarray) and not parameter.raw
            ]
        )
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
            if not isinstance(arg, ndarray):
                view = np.asarray(arg).astype(_parameters.dtype_of(parameter, types))
            elif parameter.raw:
                view = arg._view
            else:
                # In CuPy's order: what `_j` counts.
                view = np.broadcast_to(arg._view, shape).transpose(reduced + kept)
            held.append(view)
        held.append(out._view.reshape(out_shape))
        table = (_parameters.Described * len(held))(*map(_parameters.describe, held))
        library = compile_library(self._source(types, args))
        library.emulated_run.argtypes = (ctypes.c_ssize_t, ctypes.c_ssize_t, ctypes.c_void_p)
        library.emulated_run.restype = ctypes.c_bool
        n = int(np.prod(out_shape, dtype=np.int64))
        m = int(np.prod([shape[k] for k in reduced], dtype=np.int64))
        buffers = [arg._mem.buffer for arg in [*args, out] if isinstance(arg, ndarray)]
        _stream.submit(
            functools.partial(run, self.name, library, (n, m), table, held), buffers, stream
        )
        return out

    def _source(self, types, args):
        before, ins, outs = [], [], []
        for k, parameter in enumerate(self._in + self._out):
            kind, name = _parameters.c_type(_parameters.dtype_of(parameter, types)), parameter.name
            if k >= len(self._in):
                outs.append(f"{kind} &{name} = arrays[{k}].at<{kind}>(i);")
            elif not isinstance(args[k], ndarray):
                before.append(f"const {kind} {name} = *({kind} *)arrays[{k}].data;")
            elif parameter.raw:
                before.append(f"const CArray<{kind}> {name}(arrays[{k}]);")
            else:
                ins.append(f"const {kind} {name} = arrays[{k}].at<{kind}>(_j);")
        dtype = _parameters.dtype_of(self._out[0], types)
        return _CODE.format(
            headers=HEADERS,
            typedefs=typedefs(types),
            reduce_type=self._reduce_type or _parameters.c_type(dtype),
            before=" ".join(before),
            ins=" ".join(ins),
            outs=" ".join(outs),
            **self._texts,
        )
