import pytest

from illust_gan.export.agreement import check_agreement
from illust_gan.export.errors import ExportError
from illust_gan.export.graph import make_model
from illust_gan.export.steps import read_steps
from tests.export.generators import untrained

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def gen():
    return untrained("rezoolab")


def check(gen, steps, picture=(3, 64, 64), half=False):
    metadata = {"illust_gan_version": "0"}
    model = make_model(
        onnx, steps, n_hidden=100, picture=picture, name="g", metadata=metadata, half=half
    )
    packages = (onnx, onnxruntime)
    return check_agreement(packages, model.SerializeToString(), gen, half=half)


def test_a_model_that_agrees(gen):
    assert check(gen, read_steps(gen, 100)) < 1e-6


def test_float16_that_is_too_coarse_says_so(gen):
    steps = read_steps(gen, 100)
    steps[-2].b += 0.01
    with pytest.raises(ExportError, match=r"at most 4e-03 is wanted.*so leave --half away"):
        check(gen, steps, half=True)


def test_a_model_of_nan_does_not_agree(gen):
    steps = read_steps(gen, 100)
    steps[-2].b[0] = float("nan")
    with pytest.raises(ExportError, match="differ from Chainer's by nan where at most"):
        check(gen, steps)


def test_a_model_that_breaks_the_rules(gen):
    with pytest.raises(ExportError, match="breaks ONNX's rules, and is not kept"):
        check(gen, read_steps(gen, 100), picture=(3, 65, 65))
