"""A generator's layer in one pass: the bits of three functions, and only where nobody can tell."""

import contextlib

import chainer
import chainer.functions as F
import chainer.links as L
import numpy as np
import pytest
from chainer.utils import type_check

import illust_gan
from illust_gan.functions import normalized_relu
from illust_gan.nets import RECIPES, layers, sugyan
from tests.functions.arrays import needs_kernels
from tests.golden_run import OF_2015

UNSEEN = {"train": False, "enable_backprop": False}


@contextlib.contextmanager
def using(**settings):
    """Several settings of Chainer's configuration at once."""
    with contextlib.ExitStack() as stack:
        for name, value in settings.items():
            stack.enter_context(chainer.using_config(name, value))
        yield


def make_layer(kind, n_in, n_out, dtype=np.float32, norm=None, **options):
    rng = np.random.RandomState(0)
    with chainer.using_config("dtype", dtype):
        link = (
            L.Linear(n_in, n_out, **options)
            if kind == "linear"
            else L.Deconvolution2D(n_in, n_out, **{"ksize": 4, "stride": 2, "pad": 1, **options})
        )
        norm = L.BatchNormalization(n_out) if norm is None else norm(n_out)
    norm.avg_mean[...] = rng.randn(n_out)
    norm.avg_var[...] = rng.rand(n_out) + 0.5
    for param in (norm.gamma, norm.beta, link.b):
        if param is not None:
            param.array[...] = rng.randn(n_out)
    return link, norm


def composed(link, norm, x):
    return F.relu(norm(link(x)))


def picture(n, channels, size, dtype=np.float32):
    return np.random.RandomState(1).randn(n, channels, size, size).astype(dtype)


def counting(n):
    return sugyan.Normalization(n, 1e-3)


def of_neither(n):
    return L.BatchNormalization(n, use_gamma=False, use_beta=False)


# TensorFlow's padding, of even and of odd size at once.
SAME = {"ksize": 5, "stride": 2, "pad": (1, 2)}


@needs_kernels
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("x", "n_out", "options"),
    [
        (picture(1, 64, 4), 32, {}),
        (picture(3, 64, 9), 48, {}),
        (picture(2, 5, 7), 3, {}),
        (picture(2, 33, 5), 34, {"ksize": 5, "stride": 3, "pad": 2}),
        (picture(4, 100, 1)[:, :, 0, 0], 300, {"kind": "linear"}),
        (picture(1, 64, 4), 32, {"nobias": True, "norm": counting}),
        (picture(3, 40, 4), 20, {**SAME, "outsize": (8, 7)}),
        (picture(2, 64, 4), 32, {**SAME, "outsize": (8, 7), "nobias": True, "norm": counting}),
        (picture(1, 33, 7), 3, {**SAME, "outsize": (14, 13)}),
        (picture(4, 100, 1)[:, :, 0, 0], 30, {"kind": "linear", "norm": counting}),
        (picture(4, 50, 1)[:, :, 0, 0], 90, {"kind": "linear", "nobias": True, "norm": of_neither}),
    ],
)
def test_one_pass_gives_the_bits_of_three(x, n_out, options, dtype, monkeypatch):
    options = dict(options)
    link, norm = make_layer(options.pop("kind", "deconv"), x.shape[1], n_out, dtype, **options)
    x = x.astype(dtype)
    with using(**UNSEEN):
        expected = composed(link, norm, x)
        monkeypatch.setattr(F, "relu", None)
        y = layers.layer(x, link, norm, F.relu)
    assert y.dtype == dtype
    assert y.requires_grad == expected.requires_grad
    np.testing.assert_array_equal(y.array, expected.array)


@needs_kernels
@pytest.mark.parametrize("net", [*OF_2015, "sugyan", "kim"])
@pytest.mark.parametrize("n", [1, 5])
def test_nets_draw_the_same_unseen_and_seen(net, n):
    gen = RECIPES[net].Generator(rng=np.random.RandomState(0))
    z = np.random.RandomState(1).uniform(-1, 1, (n, 100)).astype(np.float32)
    gen(np.concatenate([z, -z]))
    pictures = []
    for settings in (UNSEEN, {"train": False}):
        with using(**settings):
            pictures.append(gen(z).array)
    np.testing.assert_array_equal(*pictures)


class Names(chainer.FunctionHook):
    def __init__(self):
        self.names = []

    def forward_postprocess(self, function, in_data):
        self.names.append(function.label)


class LinkNames(chainer.LinkHook):
    def __init__(self):
        self.names = []

    def forward_postprocess(self, args):
        self.names.append(type(args.link).__name__)


def test_hooks_see_three_functions():
    link, norm = make_layer("deconv", 4, 3)
    x = picture(2, 4, 4)
    with using(**UNSEEN):
        with Names() as functions:
            layers.layer(x, link, norm, F.relu)
        with LinkNames() as links:
            layers.layer(x, link, norm, F.relu)
        own = LinkNames()
        norm.add_hook(own)
        layers.layer(x, link, norm, F.relu)
    assert functions.names == ["Deconvolution2DFunction", "FixedBatchNormalization", "ReLU"]
    assert links.names == ["Deconvolution2D", "BatchNormalization"]
    assert own.names == ["BatchNormalization"]


@pytest.mark.parametrize(
    "settings", [{"train": True, "enable_backprop": False}, {"train": False}, {}]
)
def test_training_and_graphs_are_chainers(settings):
    link, norm = make_layer("deconv", 4, 3)
    x, before = picture(2, 4, 4), norm.avg_mean.copy()
    with using(**settings):
        y = layers.layer(x, link, norm, F.relu)
        recorded = chainer.config.enable_backprop
    assert (y.creator is not None) == recorded
    assert (norm.avg_mean != before).any() == settings.get("train", True)


@pytest.mark.parametrize(
    ("link_options", "norm_options"),
    [({"groups": 2}, {}), ({"dilate": 2}, {}), ({"outsize": (8, None)}, {}),
     ({}, {"axis": (0, 2, 3)})],
)  # fmt: skip
def test_other_layers_are_composed(link_options, norm_options):
    options = {"ksize": 4, "stride": 2, "pad": 1, **link_options}
    link, norm = L.Deconvolution2D(4, 6, **options), L.BatchNormalization(6, **norm_options)
    x = picture(2, 4, 4)
    with using(**UNSEEN):
        y, expected = layers.layer(x, link, norm, F.relu), composed(link, norm, x)
    np.testing.assert_array_equal(y.array, expected.array)


def test_bad_input_is_refused_by_chainer():
    link, norm = make_layer("deconv", 4, 3)
    with using(**UNSEEN):
        with pytest.raises(type_check.InvalidType):
            layers.layer(picture(2, 5, 4), link, norm, F.relu)
        with pytest.raises(type_check.InvalidType):
            layers.layer(picture(2, 4, 4), link, L.BatchNormalization(5), F.relu)
        link, _ = make_layer("deconv", 4, 3, outsize=(8, 10))
        with pytest.raises(type_check.InvalidType):
            layers.layer(picture(2, 4, 4), link, norm, F.relu)


def test_plain_path_is_taken_where_asked_for(monkeypatch):
    link, norm = make_layer("deconv", 64, 32)
    monkeypatch.setattr(normalized_relu, "deconvolve", None)
    with illust_gan.config.using(fast=False), using(**UNSEEN):
        y = layers.layer(picture(1, 64, 4), link, norm, F.relu)
    assert y.shape == (1, 32, 8, 8)
