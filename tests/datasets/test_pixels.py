import numpy as np
import pytest

from illust_gan.datasets import DatasetError, to_float, to_pixels

EVERY_VALUE = np.arange(256, dtype=np.uint8)


def test_round_trip_is_exact_for_every_value():
    pixels = np.stack([EVERY_VALUE, EVERY_VALUE[::-1], np.roll(EVERY_VALUE, 9)], axis=1)
    pixels = pixels.reshape(2, 8, 16, 3)
    x = to_float(pixels)
    assert x.dtype == np.float32
    assert x.shape == (2, 3, 8, 16)
    assert x.flags.c_contiguous
    np.testing.assert_array_equal(to_pixels(x), pixels)
    np.testing.assert_array_equal(to_pixels(x.astype(np.float64)), pixels)


def test_scaling_is_that_of_the_originals():
    pixels = np.repeat(EVERY_VALUE, 3).reshape(1, 16, 16, 3)
    wanted = (EVERY_VALUE.astype(np.float32) - 128) / 128
    np.testing.assert_array_equal(to_float(pixels)[0, 1].ravel(), wanted)


def test_only_the_pictures_named_by_flips_are_mirrored():
    pixels = np.random.RandomState(0).randint(0, 256, (3, 4, 5, 3), np.uint8)
    stored = pixels.copy()
    x = to_float(pixels, flips=np.array([True, False, True]))
    np.testing.assert_array_equal(to_pixels(x)[0], pixels[0, :, ::-1])
    np.testing.assert_array_equal(to_pixels(x)[1], pixels[1])
    np.testing.assert_array_equal(to_pixels(x)[2], pixels[2, :, ::-1])
    np.testing.assert_array_equal(pixels, stored)
    assert x.flags.c_contiguous


@pytest.mark.parametrize("n_mirrored", [0, 3, 7])
def test_mirrored_or_not_the_floats_are_those_of_the_formula_to_the_bit(n_mirrored):
    pixels = np.random.RandomState(1).randint(0, 256, (7, 6, 5, 3), np.uint8)
    flips = np.random.RandomState(2).permutation(np.arange(7) < n_mirrored)
    x = pixels.transpose(0, 3, 1, 2)
    x = np.where(flips[:, None, None, None], x[:, :, :, ::-1], x)
    wanted = (x.astype(np.float32) - 128) / 128
    for kind in (flips, flips.tolist(), flips.astype(int)):
        scaled = to_float(pixels, kind)
        assert scaled.dtype == np.float32
        assert scaled.flags.c_contiguous
        assert scaled.tobytes() == wanted.tobytes()


def test_no_picture_at_all_is_an_empty_batch():
    pixels = np.zeros((0, 4, 5, 3), np.uint8)
    assert to_float(pixels, np.zeros(0, bool)).shape == to_float(pixels).shape == (0, 3, 4, 5)


@pytest.mark.parametrize("flips", [None, np.array([True, False, True, False])])
def test_pixels_may_lie_in_memory_in_any_order(flips):
    pixels = np.random.RandomState(0).randint(0, 256, (4, 6, 5, 3), np.uint8)
    strided = np.asfortranarray(pixels[::-1])[::-1]
    assert (to_float(strided, flips) == to_float(pixels, flips)).all()


def test_read_only_pixels_give_a_writable_result():
    pixels = np.zeros((1, 2, 2, 3), np.uint8)
    pixels.flags.writeable = False
    assert to_float(pixels).flags.writeable


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_whatever_a_generator_draws_becomes_pixels_without_a_warning(dtype):
    drawn = [np.nan, np.inf, -np.inf, np.finfo(dtype).max, -7, 0.999, -0.999, 0.002, 0.006]
    x = np.array(drawn, dtype).reshape(1, 3, 3, 1)
    pixels = to_pixels(x)
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    wanted = [128, 255, 0, 255, 0, 255, 0, 128, 129]
    assert pixels.transpose(0, 3, 1, 2).ravel().tolist() == wanted


def test_wrong_shapes_and_types_are_told():
    with pytest.raises(DatasetError, match=r"uint8 of shape \(4, 4, 3\); wanted .*p\[None\]"):
        to_float(np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(DatasetError, match=r"float32 of shape .*; wanted uint8"):
        to_float(np.zeros((1, 4, 4, 3), np.float32))
    with pytest.raises(DatasetError, match=r"flips has shape \(2,\); wanted .* \(1,\)"):
        to_float(np.zeros((1, 4, 4, 3), np.uint8), flips=np.array([True, False]))
    with pytest.raises(DatasetError, match=r"float32 of shape \(1, 4, 4, 3\); wanted floats"):
        to_pixels(np.zeros((1, 4, 4, 3), np.float32))
    with pytest.raises(DatasetError, match=r"uint8 of shape .*; wanted floats"):
        to_pixels(np.zeros((1, 3, 4, 4), np.uint8))


@pytest.mark.gpu
def test_cupy_gives_what_numpy_gives():
    cupy = pytest.importorskip("cupy")
    pixels = np.random.RandomState(0).randint(0, 256, (4, 6, 5, 3), np.uint8)
    flips = np.array([True, False, False, True])
    x = to_float(cupy.asarray(pixels), flips)
    assert isinstance(x, cupy.ndarray)
    assert x.flags.c_contiguous
    np.testing.assert_array_equal(cupy.asnumpy(x), to_float(pixels, flips))
    x[0, 0, 0, 0] = cupy.nan
    np.testing.assert_array_equal(cupy.asnumpy(to_pixels(x)), to_pixels(cupy.asnumpy(x)))
