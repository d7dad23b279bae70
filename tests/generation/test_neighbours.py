import math

import numpy as np
import pytest

import illust_gan
from illust_gan.nets import RECIPES
from tests.golden_run import OF_2015


@pytest.fixture(params=OF_2015, scope="module")
def gen(request):
    return RECIPES[request.param].Generator(std=0.05, rng=np.random.RandomState(0))


def test_the_face_is_first_and_the_others_go_away_from_it(gen):
    faces = illust_gan.neighbours(gen, 6, seed=2, rows=3, columns=5, strength=0.8)
    assert faces.shape == (15, gen.size, gen.size, 3)
    rows = faces.reshape(3, 5, -1).astype(int)
    face = illust_gan.generate(gen, 7, seed=2)[6].reshape(-1)
    assert (rows[:, 0] == face).all()
    assert (np.diff(abs(rows - face).mean(axis=2), axis=1) > 0).all()
    # Each row goes somewhere else.
    assert len(np.unique(rows[:, -1], axis=0)) == 3


def test_more_rows_only_add_to_the_first(gen):
    few, many = (illust_gan.neighbours(gen, rows=n, columns=3) for n in (2, 6))
    np.testing.assert_array_equal(few, many[:6])


def test_another_noise_seed_is_another_neighbourhood(gen):
    a, b, c = (illust_gan.neighbours(gen, rows=1, columns=2, noise_seed=n) for n in (0, 0, 1))
    np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(a[0], c[0])
    assert (a[1] != c[1]).any()


def test_without_strength_all_are_the_face(gen):
    faces = illust_gan.neighbours(gen, 1, rows=1, columns=3, strength=0)
    assert (faces == faces[0]).all()


@pytest.mark.parametrize(
    ("options", "pattern"),
    [
        ({"face": -1}, "face names a face '-1'"),
        ({"face": "3,4"}, "face names a face '3,4'"),
        ({"strength": math.nan}, "strength is nan"),
        ({"strength": -1}, "strength is -1"),
        ({"rows": 0}, "rows is 0; wanted 1 or more"),
        ({"columns": 1}, "columns is 1; wanted 2 or more"),
    ],
)
def test_bad_input(gen, options, pattern):
    with pytest.raises(illust_gan.UserError, match=pattern):
        illust_gan.neighbours(gen, **options)
