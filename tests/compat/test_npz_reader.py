"""Archives from strangers: read as they are, or refused with one sentence."""

import contextlib
import io
import pathlib
import pickle
import zipfile

import chainer
import numpy as np
import pytest
from chainer import serializers
from hypothesis import given, settings
from hypothesis import strategies as st

from illust_gan.compat.npz_reader import NpzReader, UnsafeFileError

ARRAYS = {
    "updater/model:gen/fc5/W": np.arange(6, dtype="f").reshape(2, 3),
    "fortran": np.asfortranarray(np.arange(6).reshape(2, 3)),
    "scalar": np.asarray(3),
    "text": np.asarray("顔の生成"),
    "flag": np.asarray(True),
    "half": np.ones(3, np.float16),
    "empty": np.zeros((0, 4), "f"),
    "big endian": np.arange(3, dtype=">i4"),
    "none": np.asarray(None),
}


def archive(arrays=ARRAYS, save=np.savez):
    f = io.BytesIO()
    save(f, **arrays)
    f.seek(0)
    return f


def members(contents):
    f = io.BytesIO()
    with zipfile.ZipFile(f, "w") as z:
        for name, data in contents:
            z.writestr(name, data)
    f.seek(0)
    return f


def npy(array):
    f = io.BytesIO()
    np.save(f, array, allow_pickle=True)
    return f.getvalue()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_reads_what_numpy_wrote(save):
    with NpzReader(archive(save=save)) as npz:
        assert npz.files == list(ARRAYS) == list(npz) == list(npz.keys())
        assert len(npz) == len(ARRAYS)
        for name, array in ARRAYS.items():
            assert name in npz
            assert npz.shape_of(name) == array.shape
            assert npz.dtype_of(name) == array.dtype
            np.testing.assert_array_equal(npz[name], array)
            assert npz[name].dtype == array.dtype
            assert npz[name].flags.writeable


def test_unknown_name_is_a_key_error():
    with pytest.raises(KeyError):
        NpzReader(archive())["no such"]


def test_path_is_named_in_messages(tmp_path):
    (tmp_path / "x.npz").write_bytes(b"PK nothing")
    with pytest.raises(UnsafeFileError, match=r"x\.npz cannot be read: it is no whole \.npz"):
        NpzReader(tmp_path / "x.npz")


class Attack:
    """Runs code when it is unpickled."""

    def __init__(self, proof):
        self.proof = proof

    def __reduce__(self):
        return pathlib.Path.touch, (self.proof,)


def attacks(folder):
    """Four files, each of which runs code if it is read the way Chainer reads."""
    evil = np.asarray(Attack(folder / "proof"), dtype=object)
    np.savez(folder / "member.npz", **{"W": evil, "b": np.zeros(2)})
    (folder / "bare.pickle").write_bytes(pickle.dumps(Attack(folder / "proof")))
    np.save(folder / "bare.npy", evil, allow_pickle=True)
    net = chainer.links.Linear(2, 2)
    state = serializers.DictionarySerializer()
    state.save(net)
    np.savez(folder / "snapshot", **{"updater/iteration": evil, **state.target})
    return ["member.npz", "bare.pickle", "bare.npy", "snapshot.npz"]


def test_attacks_work_on_numpys_reader(tmp_path):
    """So that the next test tests something."""
    for name in attacks(tmp_path):
        loaded = np.load(tmp_path / name, allow_pickle=True)
        if name.endswith(".npz"):
            with loaded:
                loaded[loaded.files[0]]
        assert (tmp_path / "proof").exists(), name
        (tmp_path / "proof").unlink()


def test_attacks_do_nothing(tmp_path):
    for name in attacks(tmp_path):
        with contextlib.suppress(UnsafeFileError):
            serializers.load_npz(tmp_path / name, chainer.links.Linear(2, 2))
        with pytest.raises(UnsafeFileError), NpzReader(tmp_path / name) as npz:
            npz[npz.files[0]]
        assert not (tmp_path / "proof").exists(), name


def test_attack_does_nothing_when_a_run_loads_by_itself(tmp_path):
    """``extensions.snapshot(autoload=True)`` takes the newest file that has a snapshot's name."""
    evil = np.asarray(Attack(tmp_path / "proof"), dtype=object)
    with open(tmp_path / "snapshot_iter_9", "wb") as f:
        np.savez(f, **{"updater/iterator:main/current_position": evil})
    optimizer = chainer.optimizers.SGD().setup(chainer.links.Linear(2, 2))
    iterator = chainer.iterators.SerialIterator([np.zeros(2, "f")], 1)
    updater = chainer.training.updaters.StandardUpdater(iterator, optimizer)
    trainer = chainer.training.Trainer(updater, (0, "iteration"), out=str(tmp_path))
    trainer.extend(chainer.training.extensions.snapshot(autoload=True))
    with pytest.raises(UnsafeFileError, match="current_position holds pickled objects"):
        trainer.run()
    assert not (tmp_path / "proof").exists()


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), N\x01\x00",
        "(" * 9000,
        "{'descr': '<f4', 'fortran_order': False, 'shape': (" + "1," * 4000 + "), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9**9**9,), }",
        "{'descr': [('a', '<f4')] * 10**9, 'fortran_order': False, 'shape': (2,), }",
        "{'descr': 'f4,' , 'fortran_order': 2, 'shape': 7}",
        "\\",
    ],
)
def test_headers_that_are_none(header):
    npy = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode("latin1")
    npz = NpzReader(members([("W.npy", npy)]))
    for read in (npz.shape_of, npz.__getitem__):
        with pytest.raises(UnsafeFileError, match="member W is"):
            read("W")


def test_chainers_own_files_load(tmp_path):
    nets = [chainer.links.BatchNormalization(3, initial_gamma=i) for i in (1, 2)]
    optimizers = [chainer.optimizers.Adam().setup(net) for net in nets]
    nets[0].cleargrads()
    optimizers[0].update()
    serializers.save_npz(tmp_path / "net.npz", nets[0])
    serializers.save_npz(tmp_path / "optimizer.npz", optimizers[0])
    serializers.load_npz(tmp_path / "net.npz", nets[1])
    serializers.load_npz(tmp_path / "optimizer.npz", optimizers[1])
    np.testing.assert_array_equal(nets[0].gamma.array, nets[1].gamma.array)
    assert optimizers[1].t == nets[1].gamma.update_rule.t == 1


@pytest.mark.parametrize(
    ("contents", "pattern"),
    [
        ([("../x.npy", npy(np.ones(1)))], "member ../x points out of the archive"),
        ([("/etc/x.npy", npy(np.ones(1)))], "member /etc/x points out of the archive"),
        ([("a\\..\\x.npy", npy(np.ones(1)))], "points out of the archive"),
        ([("x.npy", npy(np.ones(9))[:-8])], "member x has 64 bytes where float64 of shape"),
        ([("x.npy", npy(np.ones(9)) + b"rest")], "member x has 76 bytes where float64"),
        ([("x.npy", b"")], "member x is damaged"),
        ([("x.npy", b"\x93NUMPY\x01\x00\xff\xff{")], "member x is damaged"),
        ([("x.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\xff{")], "is of a newer format"),
        ([("x.npy", npy(np.zeros(1, [("a", "i4")])))], "which no snapshot holds"),
        ([("x.npy", npy(np.zeros(1)).replace(b"(1,)", b"(-1,)"))], "which no snapshot|is damaged"),
        ([("x.npy", npy(np.zeros(1)).replace(b"(1,), } ", b"(9**9)} "))], "is damaged"),
        ([("x.npy", npy(np.asarray({"a": 1})))], "holds pickled objects, which may run code"),
    ],
)
def test_refused(contents, pattern):
    with pytest.raises(UnsafeFileError, match=pattern), NpzReader(members(contents)) as npz:
        npz["x"]


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_two_of_one_name():
    with pytest.raises(UnsafeFileError, match="member x is in the archive twice"):
        NpzReader(members([("x.npy", npy(np.ones(1))), ("x.npy", npy(np.ones(1)))]))


def test_sizes_are_checked_before_memory_is_taken():
    # The header promises 8 TB, the member has 8 bytes.
    header = npy(np.ones(1)).replace(b"(1,), }          ", b"(1000000000000,)}")
    with pytest.raises(UnsafeFileError, match="has 8 bytes where float64 of shape"):
        NpzReader(members([("x.npy", header)]))["x"]
    # The directory promises 1 GB of a member of a few bytes.
    f = archive({"x": np.ones(1)})
    data = bytearray(f.getvalue())
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (10**9).to_bytes(4, "little")
    with pytest.raises(UnsafeFileError, match="promises 1000000000 bytes, more than it can hold"):
        NpzReader(io.BytesIO(bytes(data)))["x"]


WHOLE = archive().getvalue()


@settings(max_examples=300, deadline=None)
@given(
    cut=st.none() | st.integers(0, len(WHOLE)),
    flips=st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=4),
)
def test_damaged_files_load_equal_or_tell(cut, flips):
    data = bytearray(WHOLE)
    for position, value in flips:
        data[position] = value
    # Any other exception than the one that tells fails the test.
    with (
        contextlib.suppress(UnsafeFileError),
        NpzReader(io.BytesIO(bytes(data[:cut]))) as npz,
    ):
        for name in npz.files:
            array = npz[name]
            if name in ARRAYS and array.dtype == ARRAYS[name].dtype:
                np.testing.assert_array_equal(array.ravel(), ARRAYS[name].ravel())
