import resource

import numpy as np
import pytest

from illust_gan.datasets import DatasetError, PackedDataset, preloaded, to_float, write_packed
from tests.huge_set import write_huge_set

PIXELS = np.random.RandomState(0).randint(0, 256, (10, 4, 4, 3), np.uint8)


@pytest.fixture
def dataset(tmp_path):
    return write_packed(tmp_path / "faces", 4, PIXELS, sources=[], settings={})


# 48 bytes a picture: one at a time, four with two left over, all at once.
@pytest.mark.parametrize("chunk", [1, 4 * 48, 64 * 2**20])
def test_the_copy_is_the_set_without_its_file(dataset, monkeypatch, chunk):
    monkeypatch.setattr(preloaded, "_CHUNK", chunk)
    copy = dataset.to_device("@numpy")
    dataset.path.write_bytes(b"\xff" * dataset.path.stat().st_size)
    assert (len(copy), copy.size) == (10, 4)
    assert (copy.path, copy.manifest) == (dataset.path, dataset.manifest)
    np.testing.assert_array_equal(copy.pixels, PIXELS)
    np.testing.assert_array_equal(copy[3], PIXELS[3])
    np.testing.assert_array_equal(copy[2:4], PIXELS[2:4])
    np.testing.assert_array_equal(copy.take([9, 0, -1]), PIXELS[[9, 0, -1]])
    assert copy.take(np.arange(0)).shape == (0, 4, 4, 3)


@pytest.mark.parametrize("index", [10, -11])
def test_a_picture_that_is_not_there(dataset, index):
    with pytest.raises(IndexError, match="out of range; there are 10 pictures"):
        dataset.to_device("@numpy").take([0, index])


def test_one_side_of_a_split_takes_the_room_of_its_own_pictures(dataset):
    _, held = dataset.split(0.5)
    copy = held.to_device("@numpy")
    assert copy.pixels.shape == (len(held), 4, 4, 3)
    np.testing.assert_array_equal(copy.pixels, PIXELS[held.indexes])
    assert copy.path == dataset.path


def test_a_set_larger_than_memory_is_refused_before_it_is_loaded(tmp_path):
    dataset = PackedDataset(write_huge_set(tmp_path / "huge"))
    with pytest.raises(
        DatasetError,
        match=r"the 89,478,485 pictures of \S+huge\.npy take 1,024\.0 GiB, and @numpy has "
        r"[\d,]+\.\d GiB free; leave --preload away, .*\(in Python, leave to_device away\)",
    ):
        dataset.to_device("@numpy")


def test_memory_that_is_given_but_not_there_is_never_asked_for(dataset, monkeypatch):
    # Filling the machine's real memory would stop more than this test.
    monkeypatch.setattr(preloaded, "_available", lambda: PIXELS.nbytes)
    np.testing.assert_array_equal(dataset.to_device("@numpy").pixels, PIXELS)
    monkeypatch.setattr(preloaded, "_available", lambda: PIXELS.nbytes - 1)
    with pytest.raises(DatasetError, match="leave --preload away"):
        dataset.to_device("@numpy")


def test_memory_that_is_not_given_is_told_alike(tmp_path):
    dataset = PackedDataset(write_huge_set(tmp_path / "large", n_bytes=2**29))
    with open("/proc/self/statm", encoding="ascii") as f:
        used = int(f.read().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**28, hard))
    try:
        with pytest.raises(DatasetError, match=r"take 0\.5 GiB, and @numpy has .*leave --preload"):
            dataset.to_device("@numpy")
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.mark.gpu
def test_on_a_gpu_pictures_are_taken_and_scaled_there(dataset):
    cupy = pytest.importorskip("cupy")
    copy = dataset.to_device("@cupy:0")
    flips = np.array([True, False, True])
    pictures = copy.take([9, 0, -3])
    x = to_float(pictures, flips)
    assert isinstance(pictures, cupy.ndarray)
    assert isinstance(x, cupy.ndarray)
    np.testing.assert_array_equal(cupy.asnumpy(x), to_float(PIXELS[[9, 0, -3]], flips))
    np.testing.assert_array_equal(cupy.asnumpy(copy[3]), PIXELS[3])
    with pytest.raises(IndexError, match="out of range"):
        copy.take([10])


@pytest.mark.gpu
def test_a_set_larger_than_the_gpus_memory(tmp_path):
    pytest.importorskip("cupy")
    dataset = PackedDataset(write_huge_set(tmp_path / "huge"))
    with pytest.raises(DatasetError, match=r"take 1,024\.0 GiB, and @cupy:0 has .* GiB free; leav"):
        dataset.to_device("@cupy:0")
