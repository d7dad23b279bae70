import numpy as np
import pytest

from illust_gan.nets import RECIPES
from illust_gan.serializers.load import serialized
from illust_gan.serializers.recognise import is_run, recognise
from tests.golden_run import GOLDEN


@pytest.mark.parametrize("net", sorted(RECIPES))
@pytest.mark.parametrize("prefix", ["", "a/", "updater/model:gen/"])
def test_names_alone_tell(net, prefix):
    recipe = RECIPES[net]
    for role, cls in (("gen", recipe.Generator), ("dis", recipe.Discriminator)):
        names = [prefix + name for name in serialized(cls(rng=np.random.RandomState(0)))]
        (found,) = recognise(names)
        assert (found.recipe.name, found.role, found.prefix) == (net, role, prefix)


def test_a_run_of_chainer_1():
    with np.load(GOLDEN / "rezoolab-trainer-snapshot-chainer1.24.0") as npz:
        names = npz.files
    assert is_run(names)
    assert str(recognise(names)[0]) == "rezoolab's generator"


def test_nothing_of_ours():
    assert recognise(["l1/W", "l1/b", "fc5/W"]) == []
    assert not is_run(["l1/W"])
