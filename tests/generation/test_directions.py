import dataclasses
import re

import chainer
import numpy as np
import pytest
from chainer import serializers

from illust_gan.errors import UserError
from illust_gan.generation.directions import (
    apply_direction,
    check_directions,
    direction_sheet,
    join_directions,
    net_name,
    weights_sha256,
)
from illust_gan.generation.sample import draw
from illust_gan.generation.unsupervised import sefa
from illust_gan.nets import RECIPES
from illust_gan.nets.latent import draw_z
from tests.generation.small_generators import small_generator


@pytest.fixture(scope="module")
def gen():
    return small_generator()


@pytest.fixture(scope="module")
def found(gen):
    return sefa(gen, 3)


def test_there_and_back(gen, found):
    z = draw_z(2, 8, rng=np.random.RandomState(0))
    before = z.copy()
    moved = apply_direction(z, found.vectors[0], 2.5)
    np.testing.assert_array_equal(z, before)
    assert moved.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(moved - z, axis=1), 2.5, rtol=1e-5)
    np.testing.assert_allclose(apply_direction(moved, found.vectors[0], -2.5), z, atol=1e-6)


@pytest.mark.parametrize("strength", [np.nan, np.inf, -np.inf])
def test_strength_has_to_be_a_number(gen, found, strength):
    z = np.zeros(8, np.float32)
    with pytest.raises(UserError, match=f"strength is {strength}; wanted a finite number"):
        apply_direction(z[None], found.vectors[0], strength)
    with pytest.raises(UserError, match="wanted a finite number"):
        direction_sheet(gen, found, z, strength=strength)


def test_direction_has_to_fit_z(found):
    with pytest.raises(UserError, match=re.escape("shape (8,) does not fit z of (1, 9)")):
        apply_direction(np.zeros((1, 9), np.float32), found.vectors[0], 1)


def test_sheet_has_a_row_for_each_direction_with_the_face_in_the_middle(gen, found):
    z = draw_z(1, 8, rng=np.random.RandomState(3))
    picture = np.asarray(direction_sheet(gen, found, z[0], strength=2, columns=5))
    assert picture.shape == (3 * 64, 5 * 64, 3)
    rows = picture.reshape(3, 64, 5, 64, 3).transpose(0, 2, 1, 3, 4)
    for row, vector in zip(rows, found.vectors):
        for face, strength in zip(row, (-2, -1, 0, 1, 2)):
            wanted = draw(gen, apply_direction(z, vector, strength))[0]
            np.testing.assert_array_equal(face, wanted)
    assert (rows[0, 0] != rows[0, 4]).any()
    with pytest.raises(UserError, match="wants 2 columns or more; given 1"):
        direction_sheet(gen, found, z[0], columns=1)
    with pytest.raises(UserError, match="3 directions in 5000 columns are more than 13,000 faces"):
        direction_sheet(gen, found, z[0], columns=5000)


def test_a_name_finds_its_vector(found):
    np.testing.assert_array_equal(found["sefa-2"], found.vectors[1])
    with pytest.raises(UserError, match="no direction smile; there are sefa-1, sefa-2, sefa-3"):
        found["smile"]


def test_sha256_is_of_the_weights_alone(gen, tmp_path):
    sha256 = weights_sha256(gen)
    serializers.save_npz(tmp_path / "gen.npz", gen)
    other = RECIPES["rezoolab"].Generator(8)
    assert weights_sha256(other) != sha256
    serializers.load_npz(tmp_path / "gen.npz", other)
    other.norm5.N = 17
    assert weights_sha256(other) == sha256
    other.norm5.avg_var[5] += 1
    assert weights_sha256(other) != sha256


def test_directions_of_another_generator_are_refused_with_both_names(gen, found):
    check_directions(found, gen)
    with pytest.raises(
        UserError, match=r"^d.npz was made for a generator of rezoolab.*, and m.h5 is one of maccha"
    ):
        check_directions(found, small_generator("maccha"), "d.npz", "m.h5")
    with pytest.raises(UserError, match=r"rezoolab with z of 8, and .* of rezoolab with z of 9"):
        check_directions(found, small_generator(n_hidden=9))
    with pytest.raises(UserError, match=f"{found.sha256[:12]}.* of rezoolab with other weights"):
        check_directions(found, small_generator(seed=1))


def test_no_net():
    with pytest.raises(UserError, match="is no generator of rezoolab, maccha, sugyan, kim or kim-"):
        net_name(chainer.links.Linear(1, 1))


def test_join(gen, found):
    renamed = dataclasses.replace(found, names=("a", "b", "c"), method="by hand")
    both = join_directions([renamed, found])
    assert both.names == ("a", "b", "c", "sefa-1", "sefa-2", "sefa-3")
    assert both.method == "by hand; SeFa of the first layer"
    np.testing.assert_array_equal(both.vectors, np.tile(found.vectors, (2, 1)))
    np.testing.assert_array_equal(both.spreads, np.tile(found.spreads, 2))
    with pytest.raises(UserError, match="two directions have the name sefa-1"):
        join_directions([found, found])
    with pytest.raises(UserError, match="different generators cannot be joined"):
        join_directions([renamed, sefa(small_generator(seed=1), 1)])


@pytest.mark.gpu
def test_on_gpu(gen, found):
    z = draw_z(2, 8, rng=np.random.RandomState(0))
    on_gpu = small_generator()
    on_gpu.to_device("@cupy:0")
    check_directions(found, on_gpu)
    np.testing.assert_allclose(sefa(on_gpu, 3).vectors, found.vectors, atol=1e-5)
    moved = apply_direction(on_gpu.device.send(z), found.vectors[0], 2)
    assert isinstance(moved, on_gpu.xp.ndarray)
    moved = chainer.get_device("@numpy").send(moved)
    np.testing.assert_array_equal(moved, apply_direction(z, found.vectors[0], 2))
