"""What Chainer 1.5 drew in 2015, these nets draw from the same weights."""

import chainer
import h5py
import numpy as np
import pytest
from chainer import serializers

import illust_gan
from illust_gan.nets import RECIPES
from tests.golden_run import GOLDEN, OF_2015, read

EPS_OF_2015 = 1e-5


@pytest.fixture(params=[True, False], ids=["fast", "plain"], autouse=True)
def path(request):
    with illust_gan.config.using(fast=request.param):
        yield


@pytest.fixture(params=OF_2015)
def golden(request):
    """Recipe, both nets with the weights of 2015, and what they gave."""
    recipe = RECIPES[request.param]
    gen, dis = recipe.Generator(), recipe.Discriminator()
    for net, role in ((gen, "gen"), (dis, "dis")):
        serializers.load_hdf5(GOLDEN / f"{recipe.name}-{role}-chainer1.5.1.h5", net)
        # Chainer 1.5 added eps before it averaged; later versions add it when they use the average.
        for link in net.links():
            if isinstance(link, chainer.links.BatchNormalization):
                link.avg_var -= EPS_OF_2015
    return recipe, gen, dis, read(recipe.name)[0]


def test_generator_in_training_mode(golden):
    _, gen, _, arrays = golden
    x = gen(arrays["z"]).array
    assert x.dtype == np.float32
    np.testing.assert_allclose(x, arrays["x_train_mode"], rtol=0, atol=2e-6)


def test_generator_in_test_mode(golden):
    _, gen, _, arrays = golden
    with chainer.using_config("train", False):
        x = gen(arrays["z"]).array
    np.testing.assert_allclose(x, arrays["x_snapshot"], rtol=0, atol=2e-6)


def test_discriminator_in_test_mode(golden):
    _, _, dis, arrays = golden
    with chainer.using_config("train", False):
        y = dis(np.clip(arrays["x_snapshot"], -1, 1)).array
    scale = np.abs(arrays["y_snapshot"]).max()
    np.testing.assert_allclose(y, arrays["y_snapshot"], rtol=0, atol=2e-6 * max(scale, 1))


def test_names_are_the_originals(golden):
    recipe, gen, dis, _ = golden
    for net, role in ((gen, "gen"), (dis, "dis")):
        found = {}
        with h5py.File(GOLDEN / f"{recipe.name}-{role}-chainer1.5.1.h5", "r") as f:
            f.visititems(found.__setitem__)
            names = {name for name, item in found.items() if isinstance(item, h5py.Dataset)}
        serializer = serializers.DictionarySerializer()
        serializer.save(net)
        # And eps, which Chainer keeps in the code alone.
        assert set(serializer.target) == names | {"eps"}
