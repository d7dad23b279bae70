import gc
import threading

import numpy as np
import pytest

from illust_gan.functions.recycling import Recycler

SHAPE = (512, 1024)  # 2 MiB of float32


def address(array):
    return array.ctypes.data


@pytest.fixture
def recycler():
    return Recycler(most_bytes=5 << 20)


def test_memory_that_nobody_holds_is_used_again(recycler):
    first = recycler.empty(SHAPE, np.float32)
    where = address(first)
    del first
    assert address(recycler.empty((1024, 512), np.float32)) == where


def test_memory_that_a_view_holds_is_not(recycler):
    first = recycler.empty(SHAPE, np.float32)
    first[...] = 1
    view = first.view(np.int32)[3:, ::2].T[::-1]
    where = address(first)
    del first
    gc.collect()
    second = recycler.empty(SHAPE, np.float32)
    assert address(second) != where
    second[...] = 2
    assert (view == np.float32(1).view(np.int32)).all()


def test_no_more_than_allowed_waits(recycler):
    arrays = [recycler.empty(SHAPE, np.float32) for _ in range(4)]
    places = [address(array) for array in arrays]
    while arrays:
        del arrays[0]
    again = [recycler.empty(SHAPE, np.float32) for _ in range(2)]
    assert sorted(map(address, again)) == sorted(places[2:])


def test_small_arrays_are_numpys_own(recycler):
    assert recycler.empty((3, 4), np.float32).base is None
    assert recycler.empty((0, 4), np.float32).shape == (0, 4)
    assert recycler.empty_like(np.float32([1]).reshape(())).shape == ()


def test_like_another_also_in_memory(recycler):
    x = np.empty((8, 64, 32, 64), np.float32).transpose(0, 3, 1, 2)
    y = recycler.empty_like(x)
    assert (y.shape, y.strides, y.dtype) == (x.shape, x.strides, x.dtype)
    assert y.flags.writeable
    assert address(y) % 64 == 0


def test_threads_never_get_the_same_memory(recycler):
    wrong = []

    def use(number):
        for _ in range(200):
            x = recycler.empty(SHAPE, np.float32)
            x[0] = number
            if (x[0] != number).any():
                wrong.append(number)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
