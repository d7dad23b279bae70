import numpy as np

from illust_gan.functions.dense import in_order_of, is_dense, kernels_for
from tests.functions.arrays import needs_kernels


def unaligned(shape):
    memory = np.zeros(4 * int(np.prod(shape)) + 1, np.uint8)
    return memory[1:].view(np.float32).reshape(shape)


def test_dense_is_what_has_no_gaps_in_any_order():
    x = np.zeros((2, 3, 4), np.float32)
    assert all(map(is_dense, (x, x.T, x.transpose(1, 0, 2), x[:1], x[0, 0, 0:1])))
    assert is_dense(np.array(1.0))
    repeated = np.broadcast_to(x[:1], x.shape)
    assert not any(map(is_dense, (x[:, :2], x[..., ::2], x[::-1], repeated, unaligned((2, 3)))))


def test_another_order_costs_a_copy_and_the_same_none():
    x = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    last = np.ascontiguousarray(x.transpose(0, 2, 1)).transpose(0, 2, 1)
    assert in_order_of(x, x) is x
    assert in_order_of(last, last[:]).base is last.base
    copy = in_order_of(last, x)
    assert copy.strides == last.strides
    np.testing.assert_array_equal(copy, x)


def test_arrays_of_another_shape_or_off_their_place_are_copied():
    x = np.arange(12, dtype=np.float32).reshape(4, 3)
    for part in (x[:, :1], x[:, :1].copy(), x[:1], x[:1, :1], x[0]):
        np.testing.assert_array_equal(in_order_of(x, part), np.broadcast_to(part, x.shape))
    assert in_order_of(x, unaligned((4, 3))).flags.aligned


@needs_kernels
def test_kernels_are_for_plain_arrays_of_one_type():
    single, double = np.zeros(3, np.float32), np.zeros(3)
    assert kernels_for(single, single) is not None
    assert kernels_for(double) is not None
    others = (single.astype(np.float16), single.astype(">f4"), single.astype(int))
    assert [kernels_for(array) for array in others] == [None] * 3
    assert kernels_for(single, double) is None
    assert kernels_for(single, None) is None
    assert kernels_for(np.ma.masked_array(single)) is None
