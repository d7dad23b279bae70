import io

import numpy as np
import pytest

from illust_gan.errors import UserError
from illust_gan.generation.z_file import load_z, save_z


def test_what_is_saved_is_loaded(tmp_path):
    z = np.linspace(-1, 1, 100).astype(np.float32)
    save_z(tmp_path / "z.npy", z)
    np.testing.assert_array_equal(load_z(tmp_path / "z.npy", 100), z)


def npy(array):
    f = io.BytesIO()
    np.save(f, array, allow_pickle=True)
    return f.getvalue()


@pytest.mark.parametrize(
    ("data", "pattern"),
    [
        (b"\x89PNG", "z.npy is no file of a z; give one that illust-gan project wrote"),
        (npy(np.zeros(100, np.float32))[:-3], "is no file of a z"),
        (npy(np.zeros(99, np.float32)), r"holds float32 of shape \(99,\); wanted one z of 100"),
        (npy(np.zeros((1, 100), np.float32)), r"of shape \(1, 100\)"),
        (npy(np.zeros(100, int)), r"holds int64 of shape \(100,\)"),
        (npy(np.full(100, None)), "holds object"),
        (npy(np.full(100, np.nan)), "holds numbers that are not finite"),
        (npy(np.zeros(100_000, np.float32)), r"of shape \(100000,\)"),
        (b"\x93NUMPY\x01\x00\x0a\x00{'a': ((((", "is no file of a z"),
        (b"", "it is empty"),
    ],
)
def test_files_that_hold_no_z(tmp_path, data, pattern):
    (tmp_path / "z.npy").write_bytes(data)
    with pytest.raises(UserError, match=pattern):
        load_z(tmp_path / "z.npy", 100)


def test_no_file(tmp_path):
    with pytest.raises(UserError, match="No such file"):
        load_z(tmp_path / "none.npy")
