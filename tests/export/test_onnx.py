import chainer
import numpy as np
import pytest

import illust_gan
from illust_gan.export.agreement import BOUND, HALF_BOUND
from illust_gan.export.errors import ExportError
from illust_gan.export.graph import OPSET
from illust_gan.export.onnx import export_onnx
from illust_gan.nets import RECIPES
from illust_gan.nets.article_net import to_signed
from illust_gan.nets.latent import draw_z
from tests.export.generators import as_trained, untrained
from tests.golden_run import GOLDEN, OF_2015, read

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

MEGABYTES = {("rezoolab", False): 14.4, ("rezoolab", True): 7.3} | {
    ("maccha", False): 18.6,
    ("maccha", True): 9.5,
    ("sugyan", False): 75.9,
    ("sugyan", True): 38.0,
    ("kim", False): 20.7,
    ("kim", True): 10.5,
    ("kim-conditional", False): 28.0,
    ("kim-conditional", True): 14.1,
}

GEMM, DECONV = ["Gemm", "Relu"], ["ConvTranspose", "Relu"]
KINDS = {
    "rezoolab": [*GEMM, "Reshape", *DECONV * 3, "ConvTranspose", "Tanh"],
    "maccha": [*GEMM, "Reshape", *DECONV * 3, "ConvTranspose"],
    "sugyan": [*GEMM, "Reshape", *DECONV * 3, "ConvTranspose", "Tanh"],
    # Kim normalises feature maps, and so rectifies behind the reshape.
    "kim": ["Gemm", "Reshape", "Relu", *DECONV * 3, "ConvTranspose", "Tanh"],
    "kim-conditional": [
        *[*GEMM * 2, "Reshape", "ConvTranspose", "Add", "Relu"],
        *["ConvTranspose", "Add", "Sigmoid", "Mul", "Add"],
    ],
}


def draw(path, z):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(["picture"], {"z": z})[0]


def draw_by_chainer(gen, z):
    with chainer.using_config("train", False), chainer.no_backprop_mode():
        return to_signed(gen, gen(z).array)


@pytest.mark.parametrize("half", [False, True], ids=["float32", "float16"])
@pytest.mark.parametrize("make", [untrained, as_trained])
@pytest.mark.parametrize("name", sorted(RECIPES))
def test_pictures_are_chainers(name, make, half, tmp_path):
    gen = make(name)
    path = tmp_path / "gen.onnx"
    bound = HALF_BOUND if half else BOUND
    told = export_onnx(gen, path, half=half)
    assert (BOUND if half and make is as_trained else 0) < told <= bound
    for n in (1, 5):
        z = draw_z(n, rng=np.random.RandomState(n))
        wanted = draw_by_chainer(gen, z)
        if make is as_trained:
            assert wanted.std() > 0.1
        drawn = draw(path, z)
        assert drawn.dtype == np.float32
        scale = max(1, np.abs(wanted).max())
        np.testing.assert_allclose(drawn, wanted, rtol=0, atol=bound * scale)
    assert list(tmp_path.iterdir()) == [path]


def test_statistics_of_the_trained_are_large_and_small():
    gen = as_trained("rezoolab")
    assert gen.norm3.avg_var.max() > 100
    assert gen.norm3.avg_var.min() < 0.01


@pytest.mark.parametrize("name", OF_2015)
def test_pictures_are_those_of_2015(name, tmp_path):
    gen = illust_gan.load_generator(GOLDEN / f"{name}-gen-chainer1.5.1.h5")
    export_onnx(gen, tmp_path / "gen.onnx")
    arrays, _ = read(name)
    drawn = draw(tmp_path / "gen.onnx", arrays["z"])
    np.testing.assert_allclose(drawn, arrays["x_snapshot"], rtol=0, atol=BOUND)


@pytest.mark.parametrize("half", [False, True], ids=["float32", "float16"])
@pytest.mark.parametrize("name", sorted(RECIPES))
def test_what_a_model_tells_of_itself(name, half, tmp_path):
    path = tmp_path / "gen.onnx"
    gen = untrained(name)
    gen.eps = 2e-5
    assert gen.size == RECIPES[name].size
    export_onnx(gen, path, half=half, source="/somewhere/else/generator.npz")
    most = MEGABYTES[name, half] * 1e6
    assert 0.98 * most < path.stat().st_size < most
    model = onnx.load(path)
    assert [(o.domain, o.version) for o in model.opset_import] == [("", OPSET)]
    assert {p.key: p.value for p in model.metadata_props} == {
        "net": name,
        "article": RECIPES[name].article,
        "eps": "2e-05",
        "source": "generator.npz",
        **({"label": "3"} if name == "kim-conditional" else {}),
        "weights": "float16" if half else "float32",
        "illust_gan_version": illust_gan.__version__,
    }
    sides = [
        (v.name, v.type.tensor_type.elem_type, [d.dim_param or d.dim_value for d in dims])
        for v in (*model.graph.input, *model.graph.output)
        for dims in [v.type.tensor_type.shape.dim]
    ]
    float32 = onnx.TensorProto.FLOAT
    assert sides == [
        ("z", float32, ["batch", 100]),
        ("picture", float32, ["batch", gen.channels, gen.size, gen.size]),
    ]
    # What brings weights of float16 to float32.
    of_half = {"Cast", "Mul"} if half else set()
    kinds = [n.op_type for n in model.graph.node if not (of_half & {n.op_type} and "/" in n.name)]
    assert kinds == KINDS[name]


def test_the_same_generator_is_the_same_file(tmp_path):
    for name in ("a.onnx", "b.onnx"):
        export_onnx(untrained("rezoolab"), tmp_path / name)
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


def test_other_lengths_of_z_and_greyscale(tmp_path):
    gen = RECIPES["rezoolab"].Generator(n_hidden=7, channels=1, std=0.1)
    export_onnx(gen, tmp_path / "gen.onnx")
    assert draw(tmp_path / "gen.onnx", np.zeros((3, 7), np.float32)).shape == (3, 1, 64, 64)


def test_weights_beyond_float16_are_no_trouble(tmp_path):
    gen = untrained("rezoolab")
    gen.conv4.W.array *= 1e7
    gen.conv3.W.array *= 1e-9
    gen.norm4.avg_var[...] = 1
    assert export_onnx(gen, tmp_path / "gen.onnx", half=True) <= HALF_BOUND


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_a_discriminator_is_refused(name, tmp_path):
    dis = RECIPES[name].Discriminator()
    with pytest.raises(ExportError, match=r"only a generator of rezoolab, .* is exported; given"):
        export_onnx(dis, tmp_path / "dis.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_disagrees_is_not_kept(tmp_path, monkeypatch):
    from illust_gan.export import onnx as module

    def broken(net, n_hidden, read_steps=module.read_steps):
        steps = read_steps(net, n_hidden)
        steps[-2].b += 3e-5
        return steps

    monkeypatch.setattr(module, "read_steps", broken)
    path = tmp_path / "gen.onnx"
    path.write_text("an older one")
    wanted = r"differ from Chainer's by 3\.\de-05 where at most 1e-05 is wanted, and it is not kept"
    with pytest.raises(ExportError, match=wanted):
        export_onnx(untrained("rezoolab"), path, overwrite=True)
    assert [p.name for p in tmp_path.iterdir()] == ["gen.onnx"]
    assert path.read_text() == "an older one"


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_generator_of_nan_is_not_kept(value, tmp_path):
    gen = untrained("maccha")
    gen.dc4.b.array[1] = value
    with pytest.raises(ExportError, match="pictures hold NaN or infinity, so no model is kept"):
        export_onnx(gen, tmp_path / "gen.onnx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.gpu
def test_a_generator_on_a_gpu_stays_there_and_is_the_same_file(tmp_path):
    gen = as_trained("rezoolab")
    export_onnx(gen, tmp_path / "cpu.onnx")
    gen.to_device("@cupy:0")
    export_onnx(gen, tmp_path / "gpu.onnx")
    assert gen.device.name == "@cupy:0"
    assert gen.norm5.avg_mean.device.id == 0
    assert (tmp_path / "cpu.onnx").read_bytes() == (tmp_path / "gpu.onnx").read_bytes()
