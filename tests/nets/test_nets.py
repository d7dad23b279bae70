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
    assert len(deconvolutions) == 4
    ksize = 4 if recipe.name in OF_2015 else 5
    for link in deconvolutions:
        assert (link.ksize, link.stride, link.pad) == (ksize, (2, 2), (1, 1))


@pytest.mark.parametrize(("n_hidden", "channels"), [(100, 3), (30, 1)])
def test_shapes_and_types(recipe, n_hidden, channels):
    rng = np.random.RandomState(0)
    gen = recipe.Generator(n_hidden, channels, rng=rng)
    dis = recipe.Discriminator(channels, rng=rng)
    x = gen(np.zeros((2, n_hidden), np.float32))
    assert (x.shape, x.dtype) == ((2, channels, recipe.size, recipe.size), np.float32)
    assert dis(x).shape == (2, 1 if recipe.name in ("rezoolab", "kim") else 2)


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
    for recipe in (sugyan, kim):
        assert (recipe.size, recipe.alpha, recipe.beta1, recipe.weight_decay) == (64, 2e-4, 0.5, 0)
        assert (recipe.n_hidden, recipe.mirror) == (100, False)
    assert (sugyan.batchsize, kim.batchsize) == (128, 64)
    assert [RECIPES[name].gen_updates for name in RECIPES] == [1, 1, 1, 2]
