"""Archives that look like a net's and ask for too much: one sentence, before memory is taken."""

import struct
import subprocess
import sys
import zipfile

import numpy as np
import pytest

import illust_gan
from illust_gan.nets import rezoolab
from illust_gan.serializers.load import serialized
from illust_gan.serializers.reader import open_snapshot
from illust_gan.serializers.writer import write_npz


@pytest.fixture(scope="module")
def arrays():
    return serialized(rezoolab.Generator(rng=np.random.RandomState(0)))


def header_of(shape):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape!r}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


def add_zeros(path, name, shape):
    """Add a member of zeros, a thousandth of its size on the disk, to an archive."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as z, z.open(f"{name}.npy", "w") as f:
        f.write(header_of(shape))
        left = 4 * int(np.prod(shape))
        while left:
            f.write(bytes(min(left, 2**22)))
            left -= min(left, 2**22)


def bomb(path, arrays):
    """One member of 1 GB in 1 MB, of no shape that the net has."""
    write_npz(path, {k: v for k, v in arrays.items() if k != "conv4/W"})
    add_zeros(path, "conv4/W", (2**28,))


def bomb_as_z(path, arrays):
    """A latent size for which the net itself would be the bomb."""
    write_npz(path, {k: v for k, v in arrays.items() if k != "fc5/W"})
    add_zeros(path, "fc5/W", (8192, 4000))


def wide(path, arrays):
    write_npz(path, {**arrays, "conv1/W": np.zeros((64, 999, 4, 4), "f")})


def no_channels(path, arrays):
    write_npz(path, {**arrays, "conv1/W": np.zeros((64, 0, 4, 4), "f")})


def text(path, arrays):
    write_npz(path, {**arrays, "conv1/b": np.array(["a", "b", "c"])})


def complex_numbers(path, arrays):
    write_npz(path, {**arrays, "conv1/b": np.zeros(3, complex)})


def absurd_eps(path, arrays):
    write_npz(path, {**arrays, "eps": np.asarray(-1.0)})


def eps_that_is_no_number(path, arrays):
    write_npz(path, {**arrays, "eps": np.asarray("nan?")})


def version_of_no_chainer(path, arrays):
    others = {k: v for k, v in arrays.items() if k != "eps"}
    write_npz(path, {**others, "chainer_version": np.asarray("99\x1b[2J")})


def directory(path, arrays):
    """Fifty thousand empty members."""
    with zipfile.ZipFile(path, "w") as z:
        for i in range(50_000):
            z.writestr(f"{i:040}.npy", b"")


HOSTILE = {
    bomb: "promises 1073741952 bytes, more than it can hold",
    bomb_as_z: r"its fc5/W is \(8192, 4000\): n_hidden is 4000 where 1 to 1024",
    wide: r"its conv1/W is \(64, 999, 4, 4\): channels is 999 where 1 to 4",
    no_channels: "channels is 0 where 1 to 4",
    text: "conv1/b is <U1 where float32 is wanted",
    complex_numbers: "conv1/b is complex128 where float32 is wanted",
    absurd_eps: r"eps is -1\.0; wanted 0 or more",
    eps_that_is_no_number: "eps is <U4 where float64 is wanted",
    version_of_no_chainer: r"chainer_version 99\\x1b\[2J is no version of Chainer",
    directory: "directory is larger than that of any snapshot",
}


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda f: f.__name__)
def test_hostile(tmp_path, arrays, hostile):
    path = tmp_path / "hostile.npz"
    hostile(path, arrays)
    with pytest.raises(illust_gan.UserError, match=HOSTILE[hostile]) as error:
        illust_gan.load_generator(path)
    assert "hostile.npz" in str(error.value)
    assert "\n" not in str(error.value)


def test_bombs_take_no_memory(tmp_path, arrays):
    for hostile in (bomb, bomb_as_z, directory):
        hostile(tmp_path / f"{hostile.__name__}.npz", arrays)
    code = f"""
import glob, time, illust_gan
import illust_gan.serializers.load
for file in sorted(glob.glob({str(tmp_path)!r} + "/*.npz")):
    start = time.process_time()
    try:
        illust_gan.load_generator(file)
    except illust_gan.UserError:
        assert time.process_time() - start < 2, file
    else:
        raise AssertionError(file)
(peak,) = (line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(peak.split()[1])
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) * 1024 < 500e6


def test_whole_archive_of_absurd_size_is_not_read(tmp_path):
    with open(tmp_path / "huge.npz", "wb") as f:
        f.write(b"PK\x03\x04")
        f.truncate(2**36)
    with pytest.raises(illust_gan.UserError, match=r"huge\.npz cannot be read"):
        open_snapshot(tmp_path / "huge.npz")


def only_promised(path, shapes):
    """An archive whose arrays have the shapes in their headers, and hardly a number."""
    with zipfile.ZipFile(path, "w") as z:
        for name, shape in shapes.items():
            z.writestr(f"{name}.npy", header_of(shape) + bytes(64))


def test_a_net_with_labels_is_not_made_by_promises_alone(tmp_path):
    # Its second layer would have 80 GB, and no shape of them is beyond what nets have.
    n, y_dim, width = 1024, 1000, 4096
    shapes = {
        "g_h0_lin/W": (width, 1024 + y_dim),
        "g_h1_lin/W": (n * 64**2, width + y_dim),
        "g_h2/W": (n + y_dim, n, 5, 5),
        "g_h3/W": (n + y_dim, 3, 5, 5),
        "g_bn0/gamma": (width,),
    }
    only_promised(tmp_path / "gen.npz", shapes)
    with pytest.raises(illust_gan.UserError, match="has 64 bytes where float32 of shape"):
        illust_gan.load_generator(tmp_path / "gen.npz")
