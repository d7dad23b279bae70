"""``cupy.ndarray``: not an array of NumPy's, and as reserved towards those as CuPy's is."""

import operator

import numpy as np

from cupy import _dispatch, _memory, _pinned, _stream


class ndarray:
    """An array in device memory.

    Args:
        shape (int or tuple of int): Its shape.
        dtype: Its dtype.
        memptr (MemoryPointer): Where it lies; default: in new memory, full of poison.
        strides (tuple of int): In bytes.
        order (str): ``"C"`` or ``"F"``, where no strides are given.
    """

    __slots__ = ("__weakref__", "_mem", "_view", "base")
    __array_priority__ = 100
    __module__ = "cupy"

    def __init__(self, shape, dtype=float, memptr=None, strides=None, order="C"):
        shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
        dtype = np.dtype(dtype)
        if dtype.kind not in "biufcV" or dtype.itemsize == 0:
            raise ValueError(f"Unsupported dtype {dtype}")
        size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        if memptr is None:
            memptr = _memory.alloc(size)
        self._mem, self.base = memptr.mem, None
        if size == 0:
            self._view = np.empty(shape, dtype, order)
            return
        start = memptr.ptr - self._mem.buffer.ptr
        memory = self._mem.buffer.bytes
        self._view = np.ndarray(shape, dtype, memory, start, strides, order)

    @classmethod
    def _wrap(cls, view, mem):
        self = cls.__new__(cls)
        self._view, self._mem, self.base = view, mem, None
        return self

    @classmethod
    def _new(cls, shape, dtype, strides=None):
        return cls(shape, dtype, strides=strides)

    shape = property(lambda self: self._view.shape)
    dtype = property(lambda self: self._view.dtype)
    strides = property(lambda self: self._view.strides)
    ndim = property(lambda self: self._view.ndim)
    size = property(lambda self: self._view.size)
    nbytes = property(lambda self: self._view.nbytes)
    itemsize = property(lambda self: self._view.itemsize)
    flags = property(lambda self: self._view.flags)
    T = property(lambda self: self.transpose())
    real = property(lambda self: _dispatch.call(np.real, (self,)))
    imag = property(lambda self: _dispatch.call(np.imag, (self,)))

    @shape.setter
    def shape(self, shape):
        self._view.shape = shape

    @property
    def data(self):
        """The :class:`MemoryPointer` of the first element."""
        if self.size == 0:
            return _memory.MemoryPointer(_memory._Nothing, 0)
        address = self._view.__array_interface__["data"][0]
        return _memory.MemoryPointer(self._mem, address - self._mem.ptr)

    @property
    def device(self):
        """The one :class:`cupy.cuda.Device`."""
        from cupy.cuda.device import Device

        return Device(0)

    @property
    def __cuda_array_interface__(self):
        return {
            "shape": self.shape,
            "typestr": self.dtype.str,
            "descr": self.dtype.descr,
            "data": (self.data.ptr, False),
            "strides": None if self.flags.c_contiguous else self.strides,
            "version": 3,
        }

    # To and from the host.

    def get(self, stream=None, order="C", out=None, blocking=True):
        """Return a copy as an array of NumPy's; the host waits for it."""
        _stream.refuse_in_capture("D2H transfers", stream)
        if out is not None:
            if out.dtype != self.dtype:
                raise TypeError(f"{out.dtype} array cannot be obtained from {self.dtype} array")
            if out.shape != self.shape:
                raise ValueError(
                    f"Shape mismatch. Expected shape: {self.shape}, actual shape: {out.shape}"
                )
            if not (out.flags.c_contiguous or out.flags.f_contiguous):
                raise RuntimeError(
                    "`out` cannot be specified when copying to non-contiguous ndarray"
                )
        if out is None:
            out = np.empty(self.shape, self.dtype, order if order in "CF" else "C")
        view = self._view
        _stream.submit(lambda: np.copyto(out, view), [self._mem.buffer], stream)
        if blocking or not _pinned.holds(out):
            _stream.wait_for_results(stream)
        return out

    def set(self, arr, stream=None):
        """Copy an array of NumPy's into this one."""
        if not isinstance(arr, np.ndarray):
            raise TypeError("Only numpy.ndarray can be set to cupy.ndarray")
        if arr.dtype != self.dtype:
            raise TypeError(f"{arr.dtype} array cannot be set to {self.dtype} array")
        if arr.shape != self.shape:
            raise ValueError(f"Shape mismatch. Old shape: {self.shape}, new shape: {arr.shape}")
        if not (self.flags.c_contiguous or self.flags.f_contiguous):
            raise RuntimeError("Cannot set to non-contiguous array")
        _stream.refuse_in_capture("H2D transfers", stream)
        view, source = self._view, _pinned.source(arr)
        _stream.submit(lambda: np.copyto(view, source), [self._mem.buffer], stream)

    def item(self, *args):
        """Return one element as a Python scalar."""
        return self.get().item(*args)

    def tolist(self):
        """Return lists of Python scalars."""
        return self.get().tolist()

    def tobytes(self, order="C"):
        """Return the bytes of the elements."""
        return self.get().tobytes(order)

    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. "
            "Please use `.get()` to construct a NumPy array explicitly."
        )

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        import cupy

        if isinstance(kwargs.get("out"), tuple):
            (kwargs["out"],) = kwargs["out"]
        function = getattr(cupy, ufunc.__name__, None)
        if method != "__call__":
            function = getattr(function, method, None)
        return NotImplemented if function is None else function(*inputs, **kwargs)

    def __array_function__(self, func, types, args, kwargs):
        import cupy

        module = cupy
        for name in func.__module__.split(".")[1:]:
            module = getattr(module, name, None)
        function = getattr(module, func.__name__, None)
        if function is None or not all(issubclass(kind, (ndarray, np.ndarray)) for kind in types):
            return NotImplemented
        return function(*args, **kwargs)

    # Python's protocols.

    def __bool__(self):
        return bool(self.get())

    def __int__(self):
        return int(self.get())

    def __float__(self):
        return float(self.get())

    def __complex__(self):
        return complex(self.get())

    def __index__(self):
        return operator.index(self.get())

    def __len__(self):
        return len(self._view)

    def __iter__(self):
        if self.ndim == 0:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(len(self)))

    def __repr__(self):
        return repr(self.get())

    def __str__(self):
        return str(self.get())

    def __format__(self, how):
        return format(self.get(), how)

    def __reduce__(self):
        import cupy

        return cupy.array, (self.get(),)

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, memo):
        return self.copy()

    __hash__ = None
