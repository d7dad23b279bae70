"""``cudnn.pygraph``: a graph of operations, from its tensors to one that can be planned."""

from cudnn import _handles
from cudnn._execution import Running
from cudnn._nodes import Building
from cudnn._plans import Planning
from cudnn._tensor import tensor
from cudnn._types import data_type, dtype_of


class pygraph(Building, Planning, Running):
    """A graph.

    Args:
        io_data_type, intermediate_data_type (data_type): Of tensors that are given none: those in
            memory, and those that are not.
        compute_data_type (data_type): Ignored: all is computed in float32, or float64 for it.
        handle (int): From :func:`create_handle`; default: one of its own, on the null stream.
    """

    def __init__(
        self,
        name="test_graph",
        io_data_type=data_type.NOT_SET,
        intermediate_data_type=data_type.NOT_SET,
        compute_data_type=data_type.NOT_SET,
        handle=None,
        sm_count=None,
        sm_version=None,
        kernel_cache=None,
        device_property=None,
        is_dynamic_shape_enabled=False,
        is_override_shape_enabled=False,
    ):
        self._io, self._intermediate = io_data_type, intermediate_data_type
        self._compute_data_type = compute_data_type
        self._handle = _handles.create_handle() if handle is None else handle
        self._nodes, self._leaves = [], []
        self._validated = self._finalized = False
        self._plans, self._built, self._barred_notes, self._most = None, {}, [], None

    def tensor(
        self,
        dim,
        stride,
        data_type=data_type.NOT_SET,
        is_virtual=False,
        is_pass_by_value=False,
        ragged_offset=None,
        reordering_type=None,
        name="",
        uid=-1,
        ragged_offset_multiplier=1,
    ):
        """Return a new tensor that the graph reads; strides are in elements."""
        new = tensor(name, is_virtual).set_dim(dim).set_stride(stride).set_data_type(data_type)
        new.set_is_pass_by_value(is_pass_by_value).set_uid(uid)
        self._leaves.append(new)
        return new

    def tensor_like(self, input, name=""):
        """Return a new tensor as another one, or as a device array."""
        if isinstance(input, tensor):
            return self.tensor(input._dim, input._stride, input._data_type, name=name)
        kinds = {dtype_of(kind): kind for kind in data_type if kind is not data_type.NOT_SET}
        strides = [step // input.itemsize for step in input.strides]
        return self.tensor(list(input.shape), strides, kinds[input.dtype], name=name)

    def _tensors(self):
        found = {id(value): value for value in self._leaves}
        for node in self._nodes:
            found.update((id(value), value) for value in [*node.inputs, *node.outputs])
        return list(found.values())

    def validate(self):
        """Infer shapes and types.

        Raises:
            ValueError: A shape cannot be inferred.
            RuntimeError: Two tensors have one number.
        """
        for node in self._nodes:
            node.infer()
        numbers = {}
        for value in self._tensors():
            if value._data_type is data_type.NOT_SET:
                value._data_type = self._intermediate if value._is_virtual else self._io
            if value._data_type is data_type.NOT_SET:
                raise ValueError(f"Tensor {value._name} data type not set")
            if value._uid >= 0 and numbers.setdefault(value._uid, value) is not value:
                raise RuntimeError(
                    f"uid {value._uid} for tensor named {value._name} has been already "
                    "assigned to another tensor."
                )
        self._validated = True

    def build_operation_graph(self):
        """Check the shapes, and number the tensors without numbers."""
        if not self._validated:
            raise RuntimeError("validate() was not called")
        for node in self._nodes:
            node.check()
        tensors = self._tensors()
        used = {value._uid for value in tensors}
        free = (n for n in range(1, 10**9) if n not in used)
        for value in tensors:
            if value._uid < 0:
                value._uid = next(free)
        self._finalized = True

    def query_tensor_attributes_of_uid(self, uid):
        """Return a tensor by its number."""
        return next(value for value in self._tensors() if value._uid == uid)
