"""``cudnn.tensor``: what a graph knows of one of its tensors."""

from cudnn._types import data_type


class tensor:
    """A tensor of a graph; made by the graph's methods.

    What its setters take, its getters give; setters return the tensor.
    """

    def __init__(self, name="", is_virtual=True):
        self._name, self._is_virtual, self._uid = name, is_virtual, -1
        self._dim, self._stride, self._data_type = [], [], data_type.NOT_SET
        self._is_pass_by_value, self._alignment = False, 16

    def __repr__(self):
        return f"[{self._name!r}, dim {self._dim}, stride {self._stride}, {self._data_type}]"

    def set_output(self, value):
        """Say whether the tensor is written to memory."""
        self._is_virtual = not value
        return self

    def get_uid(self):
        """Return its number, 0 before it has one."""
        return max(0, self._uid)


def _whole_numbers(values):
    if not all(type(value) is int for value in values):
        raise TypeError(f"incompatible function arguments: {values} are not integers")
    return list(values)


def _add(name, check):
    def setter(self, value):
        setattr(self, f"_{name}", check(value))
        return self

    def getter(self):
        return getattr(self, f"_{name}")

    setattr(tensor, f"set_{name}", setter)
    if name != "uid":
        setattr(tensor, f"get_{name}", getter)


def _data_type(value):
    if not isinstance(value, data_type):
        raise TypeError(f"incompatible function arguments: {value!r} is no cudnn.data_type")
    return value


for _name, _check in {
    "name": str,
    "dim": _whole_numbers,
    "stride": _whole_numbers,
    "data_type": _data_type,
    "uid": int,
    "is_virtual": bool,
    "is_pass_by_value": bool,
    "alignment": int,
}.items():
    _add(_name, _check)
