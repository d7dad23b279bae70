"""The emulation of CUDA in ``emulated_cuda``: its arithmetic, and what it refuses."""

import os
import pathlib
import shutil
import subprocess
import sys
import textwrap

import pytest

HERE = pathlib.Path(__file__).parent
pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="it compiles by g++")

START = """
import cupy
import numpy as np

def refused(error, call):
    try:
        call()
    except error as caught:
        return str(caught)
    raise AssertionError("it was not refused")

"""
KERNELS = '''
code = r"""
extern "C" __global__ void double_it(const float *x, float *y, long long n)
{
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        y[i] = 2 * x[i];
}
extern "C" __global__ void total(const float *x, float *y, int n, int early)
{
    __shared__ float part[64];
    float sum = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x)
        sum += x[i];
    part[threadIdx.x] = sum;
    if (early && threadIdx.x == 5)
        return;
    for (int k = 32; k; k /= 2) {
        __syncthreads();
        if ((int)threadIdx.x < k)
            part[threadIdx.x] += part[threadIdx.x + k];
    }
    if (threadIdx.x == 0)
        y[0] = part[0];
}
struct Pair {
    int n;
    float a;
};
extern "C" __global__ void unpack(Pair p, float *y) { y[0] = p.a * p.n; }
extern "C" __global__ void unset(float *y)
{
    __shared__ float part[4];
    y[0] = part[blockIdx.x];
    part[0] = part[1] = part[2] = part[3] = 0;
}
struct alignas(16) Four {
    float v[4];
};
extern "C" __global__ void fours(const float *x, float *y, int at, int k)
{
    y[0] = ((const Four *)(x + at))->v[k];
}
"""
module = cupy.RawModule(code=code, options=("-std=c++17",))
x = cupy.arange(1000, dtype=np.float32)
y = cupy.empty(1000, np.float32)
'''


def rehearse(code, lazy=False):
    """Run some code where the emulated packages come first."""
    path = os.pathsep.join([str(HERE / "emulated_cuda"), str(HERE.parent)])
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", START + textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": path, "EMULATED_CUDA_LAZY": str(int(lazy))},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr


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


def test_kernels_compute():
    rehearse(
        KERNELS
        + """
module.get_function("double_it")((4,), (256,), (x, y, np.int64(1000)))
assert (y.get() == 2 * np.arange(1000)).all()
module.get_function("total")((1,), (64,), (x, y, np.int32(1000), np.int32(0)))
assert y[0] == 499500
pair = np.array([(3, 1.5)], [("n", np.int32), ("a", np.float32)])
module.get_function("unpack")((1,), (1,), (pair, y))
assert y[0] == 4.5
module.get_function("unset")((4,), (1,), (y,))
assert np.isnan(float(y[0]))  # shared memory of the last block, not of the one before
"""
    )


def test_arguments_are_checked():
    rehearse(
        KERNELS
        + """
double_it = module.get_function("double_it")
for wrong, why in [
    ((x, y, np.int32(1000)), "int32 has 4 bytes, the parameter 8"),
    ((x, y, 1000.0), "another kind of number"),
    ((x, y), "3 parameters, not 2"),
    ((x.astype(np.float16).view(np.float64), y, 1000), "an array of float64"),
    ((x.get(), y, 1000), "numpy.ndarray of shape"),
    ((x, np.float64(1), 1000), "where the kernel has a pointer"),
]:
    assert why in refused(TypeError, lambda: double_it((4,), (256,), wrong)), why
refused(RuntimeError, lambda: double_it((4,), (256,), (np.uintp(4096), y, 1000)))
refused(RuntimeError, lambda: double_it((1,), (2048,), (x, y, 1000)))
"""
    )


def test_writes_outside_of_an_array_are_found():
    rehearse(
        KERNELS
        + """
short = cupy.empty(999, np.float32)
double_it = module.get_function("double_it")
why = refused(RuntimeError, lambda: double_it((4,), (256,), (x, short, 1000)))
assert "double_it wrote behind the 3996 bytes" in why
double_it((4,), (256,), (x, short, 999))
"""
    )


def test_addresses_and_indices_are_checked():
    rehearse(
        KERNELS
        + """
def take(at, k):
    module.get_function("fours")((1,), (1,), (x, y, np.int32(at), np.int32(k)))
    return float(y[0])

assert take(4, 2) == 6
assert "an address that is not aligned" in refused(RuntimeError, lambda: take(2, 0))
assert "an index outside of its array" in refused(RuntimeError, lambda: take(0, 4))
"""
    )


def test_threads_must_reach_the_same_barrier():
    rehearse(
        KERNELS
        + """
total = module.get_function("total")
why = refused(RuntimeError, lambda: total((1,), (64,), (x, y, np.int32(9), np.int32(1))))
assert "do not all reach the same __syncthreads()" in why
"""
    )


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


@pytest.mark.parametrize("lazy", [False, True])
def test_chainer_trains_on_it_as_on_numpy(lazy):
    code = """
    import illust_gan  # mends Chainer
    import chainer
    import chainer.functions as F
    import chainer.links as L

    class Net(chainer.Chain):
        def __init__(self):
            super().__init__()
            with self.init_scope():
                self.c = L.Convolution2D(3, 4, 4, 2, 1)
                self.bn = L.BatchNormalization(4)
                self.d = L.Deconvolution2D(4, 2, 4, 2, 1)
                self.l = L.Linear(2 * 64, 2)

        def forward(self, x):
            return self.l(F.tanh(self.d(F.elu(self.bn(F.leaky_relu(self.c(x)))))))

    weights = []
    for name in ("@numpy", "@cupy:0"):
        np.random.seed(0)
        net, device = Net(), chainer.get_device(name)
        net.to_device(device)
        device.use()
        optimizer = chainer.optimizers.Adam(1e-3).setup(net)
        optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(1e-4))
        x = device.send(np.random.normal(size=(2, 3, 8, 8)).astype("f"))
        t = device.send(np.array([0, 1], "i"))
        for _ in range(2):
            optimizer.update(lambda: F.softmax_cross_entropy(net(x), t))
        weights.append([device.xp.asarray(p.array) for _, p in sorted(net.namedparams())])
    for ours, theirs in zip(*weights):
        np.testing.assert_allclose(theirs.get(), ours, rtol=1e-3, atol=1e-5)
    """
    rehearse(code, lazy)


@pytest.mark.parametrize(("kind", "groups"), [("FLOAT", 1), ("HALF", 1), ("FLOAT", 2)])
def test_cudnn_convolves_as_chainer(kind, groups):
    rehearse(f"""
    import illust_gan  # mends Chainer
    import chainer
    import chainer.functions as F
    import cudnn

    kind = cudnn.data_type.{kind}
    dtype = {{"FLOAT": np.float32, "HALF": np.float16}}["{kind}"]
    rng = np.random.default_rng(0)
    handle = cudnn.create_handle()

    def channels_last(a):
        out = cupy.empty([a.shape[k] for k in (0, 2, 3, 1)], a.dtype).transpose(0, 3, 1, 2)
        out[...] = cupy.asarray(a)
        return out

    def run(name, ins, shape):
        graph = cudnn.pygraph(
            io_data_type=kind,
            intermediate_data_type=cudnn.data_type.FLOAT,
            compute_data_type=cudnn.data_type.FLOAT,
            handle=handle,
        )
        tensors = [
            graph.tensor(dim=list(a.shape), stride=[s // a.itemsize for s in a.strides])
            for a in ins
        ]
        out = getattr(graph, name)(*tensors, padding=[1, 1], stride=[2, 2], dilation=[1, 1])
        out.set_output(True).set_dim(list(shape))
        refused(Exception, lambda: graph.build_plans())
        graph.build([cudnn.heur_mode.A])
        result = channels_last(np.zeros(shape, dtype))
        workspace = cupy.empty(graph.get_workspace_size(), np.uint8)
        pack = {{tensors[0]: ins[0].data.ptr, tensors[1]: ins[1].data.ptr, out: result.data.ptr}}
        graph.execute(pack, workspace.data.ptr, handle=handle)
        refused(RuntimeError, lambda: graph.execute({{out: result}}, workspace, handle=handle))
        return result.get()

    x = rng.normal(size=(2, 8, 6, 6)).astype(dtype)
    W = rng.normal(size=(4, 8 // {groups}, 4, 4)).astype(dtype)
    vx, vW = chainer.Variable(x.astype("f")), chainer.Variable(W.astype("f"))
    y = F.convolution_2d(vx, vW, stride=2, pad=1, groups={groups})
    gy = rng.normal(size=y.shape).astype(dtype)
    y.grad = gy.astype("f")
    y.backward()
    x, W, gy = map(channels_last, (x, W, gy))
    for name, ins, expected in [
        ("conv_fprop", (x, W), y.array),
        ("conv_dgrad", (gy, W), vx.grad),
        ("conv_wgrad", (x, gy), vW.grad),
    ]:
        result = run(name, ins, expected.shape)
        np.testing.assert_allclose(result, expected, rtol=2e-3, atol=2e-2)
    """)
