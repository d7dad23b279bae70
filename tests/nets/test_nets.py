"""The nets as a user of Chainer meets them."""

import chainer
import chainer.links as L
import numpy as np
import pytest

from illust_gan.nets import RECIPES
from tests.golden_run import OF_2015


@pytest.fixture(params=sorted(RECIPES))
def recipe(request):
    return RECIPES[request.param]


def test_deconvolutions_double_the_picture(recipe):
    gen = recipe.Generator(rng=np.random.RandomState(0))
    deconvolutions = [link for link in gen.links() if isinstance(link, L.Deconvolution2D)]
    assert len(deconvolutions) == (2 if recipe.has_labels else 4)
    ksize = 4 if recipe.name in OF_2015 else 5
    for link in deconvolutions:
        assert (link.ksize, link.stride, link.pad) == (ksize, (2, 2), (1, 1))


@pytest.mark.parametrize(("n_hidden", "channels"), [(100, 3), (30, 1)])
def test_shapes_and_types(recipe, n_hidden, channels):
    rng = np.random.RandomState(0)
    gen = recipe.Generator(n_hidden, channels, rng=rng)
    dis = recipe.Discriminator(channels, rng=rng)
    y = [np.eye(10, dtype=np.float32)[:2]] if recipe.has_labels else []
    x = gen(np.zeros((2, n_hidden), np.float32), *y)
    assert (x.shape, x.dtype) == ((2, channels, recipe.size, recipe.size), np.float32)
    assert dis(x, *y).shape == (2, 2 if recipe.name in ("maccha", "sugyan") else 1)


@pytest.mark.parametrize(
    ("net", "size"),
    [("rezoolab", 64), ("maccha", 96), ("sugyan", 64), ("sugyan", 96), ("kim", 32), ("kim", 96)],
)
def test_nets_of_a_data_sets_size(net, size):
    recipe = RECIPES[net]
    assert recipe.draws(size)
    gen, dis = recipe.make_nets(size, rng=np.random.RandomState(0))
    with chainer.using_config("train", False), chainer.no_backprop_mode():
        x = gen(np.zeros((1, 100), np.float32))
        assert x.shape == (1, 3, size, size)
        assert dis(x).shape[0] == 1


def test_sizes_that_nets_do_not_draw():
    sizes = (28, 30, 64, 96, 100, 272)
    assert {name: [n for n in sizes if RECIPES[name].draws(n)] for name in RECIPES} == {
        **{"rezoolab": [64], "maccha": [96], "sugyan": [64, 96], "kim": [64, 96]},
        "kim-conditional": [28, 64],
    }


def test_nets_with_labels_have_as_many_as_are_named():
    recipe = RECIPES["kim-conditional"]
    gen, dis = recipe.make_nets(64, label_names=("cats", "dogs"), rng=np.random.RandomState(0))
    assert (gen.label_names, gen.y_dim, dis.y_dim) == (("cats", "dogs"), 2, 2)
    assert (gen.size, gen.channels, dis.size, dis.channels) == (64, 3, 64, 3)


def test_outputs_keep_their_conventions():
    z = np.random.RandomState(1).uniform(-1, 1, (4, 100)).astype("f")
    for name, bounded in (("rezoolab", True), ("maccha", False)):
        gen = RECIPES[name].Generator(std=0.3, rng=np.random.RandomState(0))
        with chainer.no_backprop_mode():
            assert (abs(gen(z).array).max() <= 1) == bounded


def test_seed_makes_the_net(recipe):
    nets = [recipe.Discriminator(rng=np.random.RandomState(s)) for s in (3, 3, 4)]
    a, b, c = ([p.array for _, p in sorted(net.namedparams())] for net in nets)
    assert all((x == y).all() for x, y in zip(a, b))
    assert any((x != y).any() for x, y in zip(a, c))


def test_optimizer_is_the_articles(recipe):
    net = recipe.Discriminator(rng=np.random.RandomState(0))
    optimizer = recipe.make_optimizer(net)
    assert (optimizer.alpha, optimizer.beta1) == (recipe.alpha, recipe.beta1)
    before = {path: param.array.copy() for path, param in net.namedparams()}
    for param in net.params():
        param.grad = np.zeros_like(param.array)
    optimizer.update()
    # Without a gradient a weight moves by its decay alone.
    for path, param in net.namedparams():
        moved = (param.array != before[path]).any()
        assert moved == bool(recipe.weight_decay and before[path].any()), path


def test_recipes_are_the_articles():
    rezoolab, maccha = RECIPES["rezoolab"], RECIPES["maccha"]
    assert (rezoolab.size, rezoolab.std, rezoolab.alpha, rezoolab.weight_decay) == (
        64,
        0.01,
        1e-4,
        0,
    )
    assert (maccha.size, maccha.std, maccha.alpha, maccha.weight_decay) == (96, 0.02, 2e-4, 1e-5)
    assert (rezoolab.mirror, maccha.mirror, maccha.batchsize) == (False, True, 100)
    assert rezoolab.n_hidden == maccha.n_hidden == 100
    assert rezoolab.beta1 == maccha.beta1 == 0.5
    sugyan, kim = RECIPES["sugyan"], RECIPES["kim"]
    labelled = RECIPES["kim-conditional"]
    for recipe in (sugyan, kim, labelled):
        assert (recipe.alpha, recipe.beta1, recipe.weight_decay) == (2e-4, 0.5, 0)
        assert (recipe.n_hidden, recipe.mirror) == (100, False)
    assert (sugyan.batchsize, kim.batchsize, labelled.batchsize) == (128, 64, 64)
    assert (sugyan.size, kim.size, labelled.size) == (64, 64, 28)
    assert [RECIPES[name].gen_updates for name in RECIPES] == [1, 1, 1, 2, 2]
    assert [name for name in RECIPES if RECIPES[name].has_labels] == ["kim-conditional"]
