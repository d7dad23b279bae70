import math

import numpy as np
import pytest

import illust_gan
from illust_gan.generation.noise import add_noise, check_strength, draw_noise
from illust_gan.nets.latent import draw_z


def test_more_noise_only_adds_rows():
    np.testing.assert_array_equal(draw_noise(3, 10, seed=2), draw_noise(9, 10, seed=2)[:3])


def test_noise_is_not_the_faces_of_its_seed():
    noise, z = draw_noise(1000, 10), draw_z(1000, 10, rng=np.random.RandomState(0))
    assert abs(noise).max() <= 1
    assert abs(np.corrcoef(noise.ravel(), z.ravel())[0, 1]) < 0.05


def test_it_stays_in_the_cube():
    z = add_noise(draw_z(5, rng=np.random.RandomState(0)), draw_noise(5), 3.0)
    assert z.dtype == np.float32
    assert z.min() == -1
    assert z.max() == 1


@pytest.mark.parametrize("strength", [-0.1, math.nan, math.inf, -math.inf])
def test_strengths_that_are_none(strength):
    with pytest.raises(illust_gan.UserError, match=f"--strength is {strength}; wanted a number"):
        check_strength(strength, "--strength")
