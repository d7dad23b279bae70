"""Running a graph: the part of ``cudnn.pygraph`` that touches memory."""

import ctypes

import numpy as np
from cupy import _buffer, _stream
from cupy._array import ndarray
from cupy._errors import CUDARuntimeError

from cudnn import _handles
from cudnn._plans import PLANS
from cudnn._types import data_type, dtype_of


class Running:
    """The methods of a graph that run it."""

    def execute(self, tensor_to_device_buffer, workspace, handle=None):
        """Run the plan on the stream of a handle.

        Args:
            tensor_to_device_buffer (dict): Tensors or their numbers, to addresses or arrays.
            workspace (int or cupy.ndarray): As many bytes as the plan needs.
            handle (int): Default: the graph's.
        """
        self.execute_plan_at_index(tensor_to_device_buffer, workspace, None, handle)

    def execute_plan_at_index(self, tensor_to_device_buffer, workspace, index, handle=None):
        """Run one plan."""
        size = PLANS[self._candidate(index)][1]
        pointers = {
            key if type(key) is int else key.get_uid(): _pointer(value)
            for key, value in tensor_to_device_buffer.items()
            if key is not None
        }
        buffers, scratch = [], _memory_at(_pointer(workspace), size) if size else None
        views, values = {}, {}
        for value in self._tensors():
            if value._is_virtual:
                continue
            if value._uid not in pointers:
                raise RuntimeError(f"Uid {value._uid} does not exist in the variant pack")
            if value._is_pass_by_value:
                values[id(value)] = _host_value(pointers[value._uid], dtype_of(value._data_type))
            else:
                views[id(value)] = _view(value, pointers[value._uid])
                buffers.append(_buffer.find(pointers[value._uid]))
        stream = _stream.of_ptr(_handles.get_stream(self._handle if handle is None else handle))

        def work():
            if scratch is not None:
                scratch.fill(0xAB)
            with np.errstate(all="ignore"):
                self._compute(views, values)

        if scratch is not None:
            buffers.append(_buffer.find(_pointer(workspace)))
        _stream.submit(work, buffers, stream)

    def _compute(self, views, values):
        wide = np.float64 if self._compute_data_type is data_type.DOUBLE else np.float32
        made = {key: np.asarray(value, wide) for key, value in {**views, **values}.items()}
        for node in self._nodes:
            results = node.compute(*[made[id(value)] for value in node.inputs])
            for out, result in zip(node.outputs, results):
                rounded = np.broadcast_to(result, out._dim).astype(dtype_of(out._data_type))
                made[id(out)] = rounded.astype(wide)
                if id(out) in views:
                    views[id(out)][...] = rounded


def _pointer(value):
    if type(value) is int:
        return value
    if isinstance(value, ndarray):
        return value.data.ptr
    raise TypeError(f"{type(value)} is neither an address nor an array of the device")


def _memory_at(pointer, size):
    """Return ``size`` bytes of device memory as an array of NumPy's."""
    buffer = _buffer.find(pointer)
    if buffer is None or pointer + size > buffer.ptr + buffer.size:
        raise CUDARuntimeError(f"cudaErrorIllegalAddress: {size} bytes at {pointer:#x}")
    return buffer.bytes[pointer - buffer.ptr :][:size]


def _view(value, pointer):
    if pointer % value._alignment:
        raise RuntimeError(
            f"CUDNN_STATUS_BAD_PARAM: {pointer:#x} is not aligned to {value._alignment} bytes"
        )
    dtype = dtype_of(value._data_type)
    last = sum((n - 1) * step for n, step in zip(value._dim, value._stride))
    memory = _memory_at(pointer, (last + 1) * dtype.itemsize)
    strides = [step * dtype.itemsize for step in value._stride]
    return np.ndarray(tuple(value._dim), dtype, memory, 0, strides)


def _host_value(pointer, dtype):
    return np.frombuffer((ctypes.c_char * dtype.itemsize).from_address(pointer), dtype)[0]
