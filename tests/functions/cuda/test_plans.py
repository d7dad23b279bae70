"""cuDNN has a plan for everything that both nets multiply, and takes none that it must not take.

It plans without a GPU: see ``planned_for.py``.
"""

import dataclasses
import shutil
import subprocess

import chainer
import chainer.links as L
import numpy as np
import pytest

from illust_gan.functions.cuda import linear
from illust_gan.functions.cuda.plans import Convolution, channels_last_strides
from illust_gan.nets import RECIPES
from tests.functions.cuda import planned_for

DTYPES = {"float32": "float32", "tf32": "float32", "float16": "float16", "bf16": "bfloat16"}
KINDS = ("fprop", "dgrad", "wgrad")
BATCHES = (1, 2, 16, 64, 100, 512, 2048)
NETS = ("maccha", "rezoolab", "sugyan", "kim")
K4_S2_P1 = {"before": (1, 1), "after": (1, 1), "stride": (2, 2), "dilate": (1, 1)}
# As TensorFlow pads pictures of even size.
K5_S2_SAME = {"before": (1, 1), "after": (2, 2), "stride": (2, 2), "dilate": (1, 1)}
ONE_PIXEL = {"before": (0, 0), "after": (0, 0), "stride": (1, 1), "dilate": (1, 1)}
WINDOWS = {(4, 4): K4_S2_P1, (5, 5): K5_S2_SAME, (1, 1): ONE_PIXEL}


class Watch(chainer.LinkHook):
    """Notes the shapes of bigger and smaller picture and weights, all of them without N."""

    name = "Watch"

    def __init__(self):
        self.found = set()

    def forward_postprocess(self, args):
        link, x, y = args.link, args.args[0].shape[1:], args.out.shape[1:]
        if isinstance(link, L.Convolution2D):
            self.found.add((x, y, link.W.shape))
        elif isinstance(link, L.Deconvolution2D):
            self.found.add((y, x, link.W.shape))
        elif isinstance(link, L.Linear) and len(link.W) > linear.MOST_OUTPUTS:
            self.found.add(((*x, 1, 1), (*y, 1, 1), (*link.W.shape, 1, 1)))


def shapes_of_nets():
    watch = Watch()
    with watch, chainer.using_config("train", False), chainer.no_backprop_mode():
        for recipe in (RECIPES[net] for net in NETS):
            recipe.Discriminator()(recipe.Generator()(np.zeros((1, recipe.n_hidden), np.float32)))
    return sorted(watch.found)


def sums(precision, batches=BATCHES):
    for big, small, weights in shapes_of_nets():
        windows = WINDOWS[weights[2:]]
        for n in batches:
            for kind in KINDS:
                yield Convolution(
                    kind, (n, *big), (n, *small), weights, **windows,
                    dtype=DTYPES[precision], rounds=precision == "tf32",
                )  # fmt: skip


@pytest.fixture(scope="module")
def plans_for(tmp_path_factory):
    """Function: number of a GPU in ``planned_for``, and sums → their plans."""
    why_not, compiler = planned_for.why_not(), shutil.which("cc")
    if why_not is not None or compiler is None:
        pytest.skip(why_not or "there is no C compiler")
    libcuda = tmp_path_factory.mktemp("driver") / "libcuda.so.1"
    source = planned_for.__file__.replace("planned_for.py", "libcuda.c")
    flags = ["-shared", "-fPIC", "-Wl,-soname,libcuda.so.1"]
    subprocess.run([compiler, *flags, source, "-o", str(libcuda)], check=True)
    return lambda gpu, wanted: planned_for.plans_for(gpu, list(wanted), libcuda)


def assert_planned(wanted, plans):
    missing = [(one, plan) for one, plan in zip(wanted, plans, strict=True) if "error" in plan]
    assert missing == []
    for plan in plans:
        assert "NONDETERMINISTIC" not in plan["notes"]
        assert "DOWN_CONVERT_INPUTS" not in plan["notes"]


def test_the_nets_shapes():
    shapes = shapes_of_nets()
    assert {weights[2:] for _, _, weights in shapes} == WINDOWS.keys()
    assert len(shapes) == 19
    assert ((3, 64, 64), (64, 32, 32), (64, 3, 4, 4)) in shapes
    assert ((64, 32, 32), (128, 16, 16), (128, 64, 5, 5)) in shapes
    assert ((100, 1, 1), (18432, 1, 1), (18432, 100, 1, 1)) in shapes


@pytest.mark.parametrize("precision", DTYPES)
def test_plans_for_an_h100(plans_for, precision):
    wanted = list(sums(precision))
    plans = plans_for("H100", wanted)
    assert_planned(wanted, plans)
    has_tensor_cores = ["TENSOR_CORE" in plan["notes"] for plan in plans]
    if precision == "float32":
        assert not any(has_tensor_cores)
    else:
        # cuDNN's heuristic knows better for a few.
        assert np.mean(has_tensor_cores) > 0.8


@pytest.mark.parametrize(
    ("gpu", "precision"),
    [("A100", precision) for precision in DTYPES] + [("T4", "float32"), ("T4", "float16")],
)
def test_plans_for_other_gpus(plans_for, gpu, precision):
    wanted = list(sums(precision, (2, 64, 100)))
    plans = plans_for(gpu, wanted)
    assert_planned(wanted, plans)
    if precision == "float32":
        assert not any("TENSOR_CORE" in plan["notes"] for plan in plans)


@pytest.mark.parametrize("precision", DTYPES)
def test_plans_for_other_layers(plans_for, precision):
    big, small, weights = (4, 8, 16, 16), (4, 16, 8, 8), (16, 8, 4, 4)
    plain = Convolution(
        "fprop", big, small, weights, **K4_S2_P1,
        dtype=DTYPES[precision], rounds=precision == "tf32",
    )  # fmt: skip
    changes = {
        "more padding below, as TensorFlow's SAME": {
            "weights": (16, 8, 5, 5), "before": (1, 1), "after": (2, 2)
        },
        "a last row that no window reaches": {"big": (4, 8, 17, 17)},
        "groups": {"weights": (16, 4, 4, 4)},
        "dilation": {"weights": (16, 8, 3, 3), "before": (2, 2), "after": (2, 2), "dilate": (2, 2)},
        "odd numbers of channels": {
            "big": (4, 5, 16, 16), "small": (4, 7, 8, 8), "weights": (7, 5, 4, 4)
        },
    }  # fmt: skip
    wanted = [
        dataclasses.replace(plain, kind=kind, **change)
        for change in changes.values()
        for kind in KINDS
    ]
    assert_planned(wanted, plans_for("H100", wanted))


def test_strides_are_channels_last():
    like = np.empty((2, 5, 6, 3), np.int8).transpose(0, 3, 1, 2)
    assert channels_last_strides(like.shape) == list(like.strides)


def test_what_cannot_be_planned_says_so(plans_for):
    (one,) = list(sums("float32", (1,)))[:1]
    wrong = dataclasses.replace(one, small=(1, one.small[1], 3, 3))
    (plan,) = plans_for("H100", [wrong])
    assert plan["error"]
