import numpy as np
import pytest

from illust_gan.functions.cuda.layout import (
    _tile,
    cast,
    channels_last,
    channels_second,
    is_channels_last,
    like,
)
from tests.functions.cuda.device_arrays import (
    TYPES,
    assert_rounded,
    bits_of,
    dtype_of,
    misaligned,
    on_device,
    values_of,
)

SHAPES = ((2, 3, 5, 7), (1, 3, 40, 40), (2, 70, 6, 6), (3, 33, 1, 65), (2, 1, 4, 4), (2, 512, 4, 4))


def random(shape):
    return np.random.RandomState(0).uniform(-3, 3, shape)


@pytest.mark.parametrize("height", [1, 2, 3, 16, 31, 36, 100, 4096])
@pytest.mark.parametrize("width", [1, 2, 3, 16, 31, 36, 100, 4096])
def test_tiles_fit_in_shared_memory(height, width):
    tile_height, tile_width = _tile(height, width)
    assert 0 < tile_height <= height
    assert 0 < tile_width <= width
    # TILE of source/layout.cu.
    assert tile_height * (tile_width | 1) <= 3072


@pytest.mark.gpu
@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_channels_last_and_back(shape, name):
    x = on_device(random(shape), name)
    y = channels_last(x)
    assert y.dtype == x.dtype
    assert is_channels_last(y)
    np.testing.assert_array_equal(values_of(y), values_of(x))
    assert channels_last(y) is y
    back = like(x, y)
    assert back.flags.c_contiguous
    np.testing.assert_array_equal(values_of(back), values_of(x))
    assert like(y, x).strides == y.strides
    assert bits_of(channels_second(y)) == bits_of(x)
    assert channels_second(x) is x
    assert channels_second(x.transpose(0, 1, 3, 2)).flags.c_contiguous


@pytest.mark.gpu
@pytest.mark.parametrize("name", TYPES[1:])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_type_changes_in_the_same_pass(shape, name):
    x = on_device(random(shape))
    y = channels_last(x, dtype_of(name))
    assert is_channels_last(y)
    assert_rounded(y, values_of(x), 0)
    back = like(x, y, dtype_of("float32"))
    assert (back.dtype, back.strides) == (x.dtype, x.strides)
    np.testing.assert_array_equal(values_of(back), values_of(y))
    assert bits_of(channels_last(channels_last(x), y.dtype)) == bits_of(y)


@pytest.mark.gpu
def test_arrays_that_are_not_dense():
    x = on_device(random((4, 3, 6, 10)))[::2, :, :, 1:8]
    y = channels_last(x, dtype_of("float16"))
    assert is_channels_last(y)
    assert_rounded(y, values_of(x), 0)
    z = like(on_device(np.zeros(x.shape)), x)
    assert z.flags.c_contiguous
    np.testing.assert_array_equal(values_of(z), values_of(x))


@pytest.mark.gpu
def test_other_orders_than_of_pictures():
    a, b = on_device(random((5, 7, 3))), on_device(random((3, 7, 5)))
    wanted = values_of(b.transpose())
    other = like(a, b.transpose(), dtype_of("float16"))
    assert other.flags.c_contiguous
    assert_rounded(other, wanted, 0)
    back = like(b.transpose(), a)
    assert back.strides == b.transpose().strides
    np.testing.assert_array_equal(values_of(back), values_of(a))


@pytest.mark.gpu
@pytest.mark.parametrize("name", TYPES[1:])
@pytest.mark.parametrize("shape", [(4, 16), (5, 7), (1,), (2, 3, 4, 4)])
def test_cast_and_back(shape, name):
    x = on_device(random(shape))
    y = cast(x, dtype_of(name))
    assert_rounded(y, values_of(x), 0)
    assert bits_of(cast(misaligned(random(shape)), dtype_of(name))) == bits_of(y)
    assert cast(y, y.dtype) is y
    assert cast(y, None) is y
    np.testing.assert_array_equal(values_of(cast(y, dtype_of("float32"))), values_of(y))


@pytest.mark.gpu
def test_cast_keeps_the_order():
    x = on_device(random((2, 3, 4, 6)), last=True)
    y = cast(x, dtype_of("float16"))
    assert is_channels_last(y)
    assert_rounded(y, values_of(x), 0)
