import numpy as np
import pytest

from illust_gan.functions.normalization import block_shape


@pytest.mark.parametrize(
    ("shape", "order", "axis", "expected"),
    [
        ((6, 5), (0, 1), (0,), (6, 5, 1)),
        ((6, 5), (1, 0), (0,), (1, 5, 6)),
        ((2, 3, 4, 5), (0, 1, 2, 3), (0, 2, 3), (2, 3, 20)),
        ((2, 3, 4, 5), (0, 2, 3, 1), (0, 2, 3), (40, 3, 1)),
        ((2, 3, 4, 5), (0, 1, 2, 3), (0,), (2, 60, 1)),
        ((2, 3, 4, 5), (0, 1, 2, 3), (3,), (1, 24, 5)),
        ((2, 3, 1, 5), (0, 3, 1, 2), (0, 2, 3), (10, 3, 1)),
        ((2, 1, 4, 5), (0, 2, 3, 1), (0, 2, 3), (1, 1, 40)),
        ((1, 1), (0, 1), (0,), (1, 1, 1)),
        ((2, 3, 4, 5), (0, 2, 3, 1), (0,), None),  # channels in another order than gamma's
        ((2, 3, 4), (0, 1, 2), (1,), None),  # channels on both sides
        ((2, 3, 4), (0, 1, 2), (-1,), None),
        ((2, 0, 4), (0, 1, 2), (0, 2), None),
    ],
)
def test_channels_in_memory(shape, order, axis, expected):
    memory = np.zeros([shape[i] for i in order], np.float32)
    assert block_shape(memory.transpose(np.argsort(order)), axis) == expected


def test_gaps_and_reversed_axes_are_no_blocks():
    x = np.zeros((6, 5), np.float32)
    for view in (x[::2], x[:, ::2], x[::-1], np.broadcast_to(x[0], (6, 5))):
        assert block_shape(view, (0,)) is None
