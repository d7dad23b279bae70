import io
import pickle

import numpy as np
import pytest

from illust_gan.compat.none_pickle import MAX_BYTES, is_none

NONE = np.asarray(None)

# As Python 2 and NumPy 1.11 pickled it (protocol 2): str in place of bytes, ints for flags.
PYTHON_2 = (
    b"\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02K\x00\x85U\x01b\x87Rq"
    b"\x03(K\x01)cnumpy\ndtype\nq\x04U\x02O8K\x00K\x01\x87Rq\x05(K\x03U\x01|NNNJ\xff\xff\xff\xffJ"
    b"\xff\xff\xff\xffK?tb\x89]Nat\x62."
)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_none_by_every_protocol(protocol):
    assert is_none(pickle.dumps(NONE, protocol=protocol))
    if protocol < 4:  # later ones give the length of the name before it
        older = pickle.dumps(NONE, protocol=protocol).replace(b"numpy._core", b"numpy.core")
        assert is_none(older)


def test_none_of_python_2():
    # What the bytes above are: our own, so that unpickling them is safe.
    assert pickle.loads(PYTHON_2, encoding="latin1")[()] is None
    assert is_none(PYTHON_2)


class Attack:
    def __reduce__(self):
        return print, ("executed",)


@pytest.mark.parametrize(
    "content",
    [Attack(), {"a": 1}, "text", 1.5, 10**9, [None], b"bytes", print, np.float64(1), (None, 7)],
)
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_anything_else_is_something_else(content, protocol, capsys):
    array = np.empty((), dtype=object)
    array[()] = content
    if content == [None]:
        # Indistinguishable by its leaves, and harmless: it is read as None.
        return
    assert not is_none(pickle.dumps(array, protocol=protocol))
    assert not is_none(pickle.dumps(content, protocol=protocol))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b".",
        b"N.",
        b"\x80",
        b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xff.",
        b"garbage",
        b"NNNN",
    ],
)
def test_what_is_no_pickle_of_an_array(data):
    assert not is_none(data)


def test_length_is_bounded():
    assert not is_none(pickle.dumps(NONE)[:-1] + b"N" * MAX_BYTES + b".")


def test_agrees_with_numpys_own_file():
    f = io.BytesIO()
    np.save(f, NONE, allow_pickle=True)
    assert is_none(f.getvalue()[128:])
