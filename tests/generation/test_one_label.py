import numpy as np
import pytest

import illust_gan
from illust_gan.errors import UserError
from illust_gan.nets import kim_conditional, rezoolab


@pytest.fixture(scope="module")
def gen():
    gen = kim_conditional.Generator(channels=3, y_dim=3, gf_dim=4, gfc_dim=16, std=0.3)
    gen.label_names = ("cats", "1", "birds")
    return gen


@pytest.mark.parametrize(
    ("label", "number", "name"),
    [("cats", 0, "cats"), ("1", 1, "1"), (2, 2, "birds"), (np.int64(2), 2, "birds")],
)
def test_a_copy_draws_what_the_net_draws_with_the_label(gen, label, number, name):
    one = illust_gan.with_label(gen, label)
    assert (one.label, one.label_name, gen.label, gen.label_name) == (number, name, None, None)
    z = np.random.RandomState(0).uniform(-1, 1, (4, 100)).astype(np.float32)
    y = np.eye(3, dtype=np.float32)[[number] * 4]
    np.testing.assert_array_equal(one(z).array, gen(z, y).array)
    assert one.g_h3.W.array is gen.g_h3.W.array


@pytest.mark.parametrize("label", ["cows", "0", -1, 3, None, 1.5])
def test_a_label_that_the_net_does_not_know(gen, label):
    with pytest.raises(UserError, match=f"is {label}, which the net.*wanted cats, 1, birds$"):
        illust_gan.with_label(gen, label)


def test_a_net_without_labels():
    with pytest.raises(UserError, match="Rezoolab's DCGAN knows no labels; leave it away"):
        illust_gan.with_label(rezoolab.Generator(), "cats")


def test_other_labels_may_be_chosen_of_a_copy(gen):
    one = illust_gan.with_label(illust_gan.with_label(gen, "cats"), "birds")
    assert one.label_name == "birds"
