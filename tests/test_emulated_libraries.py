"""Chainer and cuDNN on the emulation of CUDA."""

import pytest

from tests.rehearsal import needs_compiler, rehearse

pytestmark = needs_compiler


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
