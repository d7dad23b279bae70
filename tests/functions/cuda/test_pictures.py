"""Pictures taken on the device are those of illust_gan.datasets.to_float."""

import numpy as np
import pytest

from illust_gan.datasets import to_float
from illust_gan.functions.cuda import pictures

pytestmark = pytest.mark.gpu


def pixels_of(d, height, width, seed=0):
    return np.random.RandomState(seed).randint(256, size=(d, height, width, 3)).astype(np.uint8)


def on_device(array):
    import cupy

    return None if array is None else cupy.asarray(array)


def channels_last(n, height, width, dtype=np.float32, offset=0):
    """An array to write to, which may begin anywhere in memory."""
    import cupy

    memory = cupy.empty(offset + n * height * width * 3, dtype)
    return memory[offset:].reshape(n, height, width, 3).transpose(0, 3, 1, 2)


def types():
    import ml_dtypes

    return {"float32": np.float32, "float16": np.float16, "bfloat16": ml_dtypes.bfloat16}


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("take", [False, True])
@pytest.mark.parametrize("size", [(64, 64), (96, 96), (5, 7), (1, 1), (3, 5), (2, 2)])
def test_pictures(size, take, flip):
    rng = np.random.RandomState(1)
    pixels = pixels_of(6, *size)
    indexes = rng.randint(6, size=9) if take else None
    chosen = pixels[indexes] if take else pixels
    flips = rng.rand(len(chosen)) < 0.5 if flip else None
    given = channels_last(len(chosen), *size)
    for out in (given, None):
        x = pictures.to_float(on_device(pixels), out, on_device(indexes), on_device(flips))
        assert x is given or out is None
        assert x.dtype == np.float32
        assert x.transpose(0, 2, 3, 1).flags.c_contiguous
        np.testing.assert_array_equal(x.get(), to_float(chosen, flips))


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_every_value_is_exact_in_every_type(dtype):
    pytest.importorskip("ml_dtypes")
    pixels = np.arange(256 * 3, dtype=np.int64).astype(np.uint8).reshape(1, 16, 16, 3)
    flips = np.array([1], np.uint8)
    for coins in (None, flips):
        out = channels_last(1, 16, 16, types()[dtype])
        pictures.to_float(on_device(pixels), out, flips=on_device(coins))
        assert str(out.dtype) == dtype
        expected = to_float(pixels, None if coins is None else coins.astype(bool))
        np.testing.assert_array_equal(out.get().astype("f"), expected)


@pytest.mark.parametrize("offset", [1, 2, 4])
def test_arrays_that_begin_anywhere(offset):
    pixels = pixels_of(offset + 1, 4, 3)
    memory = on_device(pixels.reshape(-1))
    part = memory[offset : offset + 36].reshape(1, 4, 3, 3)
    out = channels_last(1, 4, 3, offset=offset)
    pictures.to_float(part, out)
    expected = to_float(pixels.reshape(-1)[offset : offset + 36].reshape(1, 4, 3, 3))
    np.testing.assert_array_equal(out.get(), expected)


def test_pictures_that_are_not_there():
    pixels = pixels_of(3, 4, 4)
    for flips in (None, np.ones(4, bool)):
        out = channels_last(4, 4, 4)
        indexes = np.array([0, 3, -1, 2**60])
        pictures.to_float(on_device(pixels), out, on_device(indexes), on_device(flips))
        missing = np.isnan(out.get()).reshape(4, -1)
        assert missing.all(axis=1).tolist() == [False, True, True, True]
        assert not missing[0].any()


def test_no_pictures():
    out = channels_last(0, 4, 4)
    assert pictures.to_float(on_device(pixels_of(3, 4, 4)), out).shape == (0, 3, 4, 4)


def test_arguments_that_do_not_fit():
    import cupy

    pixels, out = on_device(pixels_of(3, 4, 5)), channels_last(2, 4, 5)
    for wrong in (pixels.astype("f"), pixels[:, :3], pixels.transpose(0, 2, 1, 3), pixels[:, ::-1]):
        with pytest.raises(ValueError, match=r"wanted C-contiguous uint8 \(D, 4, 5, 3\)"):
            pictures.to_float(wrong, out)
    with pytest.raises(ValueError, match="channels last"):
        pictures.to_float(pixels, cupy.empty((2, 3, 4, 5), "f"))
    with pytest.raises(ValueError, match="3 pictures are wanted, and there are 2"):
        pictures.to_float(pixels[:2], channels_last(3, 4, 5))
    with pytest.raises(ValueError, match="indexes are int32"):
        pictures.to_float(pixels, out, on_device(np.zeros(2, "i")))
    with pytest.raises(ValueError, match=r"indexes are int64 \(3,\) for 2"):
        pictures.to_float(pixels, out, on_device(np.zeros(3, "q")))
    with pytest.raises(ValueError, match="flips are float32"):
        pictures.to_float(pixels, out, flips=on_device(np.zeros(2, "f")))
