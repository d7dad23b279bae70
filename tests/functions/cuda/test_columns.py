"""How matrices are shared among blocks."""

import re

import numpy as np
import pytest

from illust_gan.functions.cuda import columns
from illust_gan.functions.cuda.activation import bias_gradient
from illust_gan.functions.cuda.columns import ACROSS, DOWN, shares, shares_of_sums
from illust_gan.functions.cuda.module import SOURCE
from tests.functions.cuda.device_arrays import bits_of, on_device, values_of


@pytest.mark.parametrize("share", [shares, shares_of_sums])
@pytest.mark.parametrize(
    ("rows", "n_columns", "together"),
    [(1, 1, 1), (4, 18432, 4), (65536, 64, 8), (64, 8192, 8), (4718592, 64, 8), (129, 40, 8)],
)
def test_blocks_cover_the_matrix_and_none_is_empty(share, rows, n_columns, together):
    s = share(rows, n_columns, together)
    across, n_parts = s.grid
    width = ACROSS * together
    assert (across - 1) * width < n_columns <= across * width
    assert (n_parts - 1) * s.part_rows < rows <= n_parts * s.part_rows


def test_sums_of_several_blocks_have_a_counter_each():
    for rows in (1, 1000, 10**7):
        for n_columns in (1, 64, 2000, 2048, 18432, 10**6):
            across, n_parts = shares_of_sums(rows, n_columns, 1).grid
            assert n_parts == 1 or across * n_parts <= columns._BLOCKS_OF_SUMS


def test_sizes_are_those_of_the_source():
    text = (SOURCE / "columns.cuh").read_text()
    found = re.search(r"enum { ACROSS = (\d+), DOWN = (\d+)", text)
    assert tuple(map(int, found.groups())) == (ACROSS, DOWN)


@pytest.mark.gpu
def test_counters_are_kept_for_a_stream_and_left_as_zeros():
    import cupy

    gy = on_device(np.random.RandomState(0).randn(1000, 16).astype("f"))
    for stream in (cupy.cuda.Stream(), cupy.cuda.Stream(non_blocking=True)):
        cupy.cuda.Device().synchronize()
        with stream:
            first, second = bias_gradient(gy), bias_gradient(gy)
            counters = columns._counters()
            assert counters is columns._counters()
            stream.synchronize()
            assert not values_of(counters).any()
            assert bits_of(first) == bits_of(second)
            np.testing.assert_allclose(values_of(first), values_of(gy).sum(0), rtol=1e-4)
    with cupy.cuda.Stream():
        assert columns._counters() is not counters


@pytest.mark.gpu
def test_a_graph_whose_stream_had_no_counters_zeroes_its_own():
    import cupy

    gy = on_device(np.random.RandomState(0).randn(1000, 16).astype("f"))
    wanted = bias_gradient(gy)
    out = cupy.empty_like(wanted)
    pool = cupy.cuda.MemoryPool()
    stream = cupy.cuda.Stream(non_blocking=True)
    cupy.cuda.Device().synchronize()
    # Memory of a capture has to stay while the graph is used, so none of it goes back.
    with cupy.cuda.using_allocator(pool.malloc), stream:
        stream.begin_capture()
        kept = columns._counters()
        out[...] = bias_gradient(gy)
        graph = stream.end_capture()
        assert columns._counters() is not kept
    for _ in range(2):
        out.fill(0)
        cupy.cuda.Device().synchronize()
        graph.launch(stream)
        stream.synchronize()
        assert bits_of(out) == bits_of(wanted)
