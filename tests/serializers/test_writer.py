import hashlib
import resource
import subprocess
import sys

import chainer
import numpy as np
import pytest

from illust_gan.nets import rezoolab
from illust_gan.serializers.writer import SnapshotWriteError, save_npz, write_npz


def test_chainer_reads_what_we_write(tmp_path):
    gen = rezoolab.Generator(rng=np.random.RandomState(0))
    save_npz(tmp_path / "gen.npz", gen)
    other = rezoolab.Generator(rng=np.random.RandomState(1))
    chainer.serializers.load_npz(tmp_path / "gen.npz", other)
    for (path, a), (_, b) in zip(sorted(gen.namedparams()), sorted(other.namedparams())):
        np.testing.assert_array_equal(a.array, b.array, err_msg=path)


def test_same_arrays_same_bytes_whatever_their_order(tmp_path):
    arrays = {name: np.arange(3) for name in "xyz"}
    write_npz(tmp_path / "a", arrays)
    write_npz(tmp_path / "b", dict(reversed(arrays.items())))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_folder_is_gone(tmp_path):
    with pytest.raises(SnapshotWriteError, match=r"gone.x.npz could not be written \(No such file"):
        write_npz(tmp_path / "gone" / "x.npz", {"a": np.zeros(1)})


def test_no_room_leaves_the_older_file_whole(tmp_path):
    """A limit on the size of files stands for the full disk: the kernel refuses the write."""
    path = tmp_path / "x.npz"
    write_npz(path, {"a": np.arange(3)})
    before = hashlib.sha256(path.read_bytes()).digest()
    code = f"""
import numpy as np
from illust_gan.serializers.writer import SnapshotWriteError, write_npz
try:
    write_npz({str(path)!r}, {{"a": np.zeros(10**6)}})
except SnapshotWriteError as error:
    print(error)
"""
    limit = 10**5
    result = subprocess.run(
        [sys.executable, "-c", code],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "x.npz could not be written (File too large)" in result.stdout
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert [p.name for p in tmp_path.iterdir()] == ["x.npz"]
