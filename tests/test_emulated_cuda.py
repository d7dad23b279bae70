"""The emulation of CUDA: its arrays, its memory, its streams and graphs."""

import pytest

from tests.rehearsal import KERNELS, needs_compiler, rehearse

pytestmark = needs_compiler


def test_arrays_give_what_numpy_gives():
    rehearse("""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 3, 4)).astype("f")
    x, y = cupy.asarray(a), cupy.asarray(b)
    pairs = [
        (x + y * 2, a + b * 2),
        (1 - x[1:, ::2], 1 - a[1:, ::2]),
        (x.T.reshape(2, 6), a.T.reshape(2, 6)),
        (cupy.concatenate([x, y], axis=1), np.concatenate([a, b], axis=1)),
        (cupy.where(x > 0, x, 0), np.where(a > 0, a, 0)),
        (x.sum(axis=0, keepdims=True), a.sum(axis=0, keepdims=True)),
        (np.tanh(x), np.tanh(a)),
        (x.astype(np.float16), a.astype(np.float16)),
        (x[cupy.asarray([2, 0])], a[[2, 0]]),
        (x.dot(y.T), a.dot(b.T)),
    ]
    for ours, theirs in pairs:
        assert isinstance(ours, cupy.ndarray)
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours.get(), theirs, rtol=1e-6)
    x[1] += y[0]
    a[1] += b[0]
    x[:, 0] = 7
    a[:, 0] = 7
    assert (x.get() == a).all() and type(x.max()) is cupy.ndarray
    """)


def test_results_are_contiguous_where_numpy_would_keep_strides():
    rehearse("""
    last = cupy.zeros((2, 4, 4, 3), np.float32).transpose(0, 3, 1, 2)
    assert (last + 1).flags.c_contiguous
    assert cupy.empty_like(last).strides == last.strides
    half = last.astype(np.float16)
    assert half.strides == tuple(step // 2 for step in last.strides)
    """)


def test_arrays_of_numpy_are_refused():
    rehearse("""
    x, a = cupy.zeros(3), np.zeros(3)
    calls = [
        lambda: x + a,
        lambda: a + x,
        lambda: np.add(a, x),
        lambda: cupy.add(x, [1, 2, 3]),
        lambda: x.__setitem__(0, a[0:1]),
        lambda: cupy.concatenate([x, a]),
    ]
    for call in calls:
        assert "Unsupported type" in refused(TypeError, call)
    assert "Implicit conversion" in refused(TypeError, lambda: np.asarray(x))
    refused(AttributeError, lambda: cupy.busday_count)
    """)


def test_new_and_freed_memory_is_poison():
    rehearse("""
    assert np.isnan(cupy.empty(5, np.float32).get()).all()
    x = cupy.ones(100, np.float32)
    memory = cupy.cuda.MemoryPointer(x.data.mem, 0)
    stale = cupy.ndarray(100, np.float32, memory)
    memory.mem.free()
    assert np.isnan(stale._view).all()
    """)


@pytest.mark.parametrize("lazy", [False, True])
def test_a_graph_works_on_what_lies_at_its_addresses(lazy):
    rehearse(
        KERNELS
        + """
cupy.cuda.Device().synchronize()
stream = cupy.cuda.Stream(non_blocking=True)
pool = cupy.cuda.MemoryPool()
with stream, cupy.cuda.using_allocator(pool.malloc):
    stream.begin_capture()
    z = x * 3
    z += 1
    module.get_function("double_it")((4,), (256,), (z, y, 1000))
    graph = stream.end_capture()
assert np.isnan(z.get()).all() and np.isnan(y.get()).all()  # nothing has been done yet
graph.launch(stream)
stream.synchronize()
assert (y.get() == 2 * (3 * np.arange(1000) + 1)).all()
x.fill(5)  # on the null stream, as the next launch
graph.launch()
assert (y.get() == 32).all()
del z, pool
assert "memory is gone" in refused(RuntimeError, graph.launch)
""",
        lazy,
    )


@pytest.mark.parametrize("lazy", [False, True])
def test_a_graph_does_not_keep_its_arrays(lazy):
    code = """
    stream = cupy.cuda.Stream(non_blocking=True)
    x, y = cupy.ones(10), cupy.empty(10)
    with stream:
        stream.begin_capture()
        cupy.add(x, 1, out=y)
        graph = stream.end_capture()
    graph.launch()
    assert (y.get() == 2).all()
    del x
    graph.launch()
    assert np.isnan(y.get()).all()
    """
    rehearse(code, lazy)


def test_a_lazy_device_shows_what_does_not_wait():
    code = """
    stream = cupy.cuda.Stream(non_blocking=True)
    pinned = np.frombuffer(cupy.cuda.alloc_pinned_memory(80), np.float64)
    x, y = cupy.zeros(10), cupy.zeros(10)
    cupy.cuda.Device().synchronize()
    pinned[:] = 1
    x.set(pinned, stream)
    pinned[:] = 2  # before the device has read it
    stream.synchronize()
    assert (x.get() == 2).all()

    plain = np.ones(10)
    x.set(plain, stream)
    plain[:] = 2  # CUDA has copied what is not pinned
    assert (x.get() == 2).all()  # the current stream does not wait for the other one
    stream.synchronize()
    assert (x.get() == 1).all()

    with stream:
        x += 1
        done = stream.record()
    cupy.cuda.get_current_stream().wait_event(done)
    y += x
    assert (y.get() == 2).all()

    blocking = cupy.cuda.Stream()
    with blocking:
        x += 1
    assert (x.get() == 3).all()  # the null stream does wait for such a one
    """
    rehearse(code, lazy=True)


def test_a_capture_refuses_what_needs_the_host():
    rehearse("""
    refused(RuntimeError, cupy.cuda.Stream.null.begin_capture)
    x = cupy.ones((2, 2))
    stream = cupy.cuda.Stream(non_blocking=True)
    with stream:
        stream.begin_capture()
        for call in (
            lambda: float(x[0, 0]),
            lambda: x.get(),
            lambda: cupy.asarray(np.zeros(3)),
            lambda: x[x > 0],
            lambda: x.dot(x),
            lambda: cupy.random.normal(size=3),
        ):
            assert "captur" in refused(RuntimeError, call)
        stream.end_capture().launch()
        stream.begin_capture()
        refused(RuntimeError, stream.synchronize)
        refused(RuntimeError, stream.end_capture)  # CUDA invalidates such a capture
    before = cupy.cuda.stream.synchronisations()
    bool(x[0, 0] == 1)
    assert cupy.cuda.stream.synchronisations() == before + 1
    """)
