import numpy as np
import pytest

import illust_gan
from illust_gan.generation.pick import pick_z
from illust_gan.generation.walk import INTERPOLATIONS, MOST_FRAMES, check_walk, walk_z
from illust_gan.nets import RECIPES
from tests.golden_run import OF_2015


@pytest.fixture(params=OF_2015, scope="module")
def gen(request):
    return RECIPES[request.param].Generator(std=0.05, rng=np.random.RandomState(0))


def test_it_comes_by_every_face(gen):
    faces = [5, 0, 9]
    film = illust_gan.walk(gen, faces, seed=3, frames=4)
    assert film.shape == (12, gen.size, gen.size, 3)
    assert film.dtype == np.uint8
    np.testing.assert_array_equal(film[::4], illust_gan.generate(gen, 10, seed=3)[faces])
    assert len(np.unique(film.reshape(12, -1), axis=0)) == 12


def test_the_same_seed_is_the_same_film(gen):
    films = [illust_gan.walk(gen, [0, 1], seed=seed, frames=3) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(films[0], films[1])
    assert (films[0] != films[2]).any()


@pytest.mark.gpu
def test_gpu_walks_as_the_cpu(gen):
    gen = gen.copy()
    on_cpu = illust_gan.walk(gen, [0, 1], frames=4).astype(int)
    gen.to_device("@cupy:0")
    assert abs(on_cpu - illust_gan.walk(gen, [0, 1], frames=4)).max() <= 1


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_back_from_the_second_of_two_is_the_same_way(interpolation):
    z = walk_z(pick_z([0, 1]), 8, interpolation)
    np.testing.assert_allclose(z[9:], z[7:0:-1], atol=1e-6)
    np.testing.assert_array_equal(z[[0, 8]], pick_z([0, 1]))


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_it_is_slow_at_the_faces(interpolation):
    steps = np.linalg.norm(np.diff(walk_z(pick_z([0, 1]), 24, interpolation)[:25], axis=0), axis=1)
    assert steps[0] < 0.1 * steps[12]
    assert steps[23] < 0.1 * steps[12]


def test_spherical_keeps_the_length_and_turns_evenly():
    """In two dimensions the formula can be done by hand: angles and lengths are interpolated."""

    def at(angle, length):
        return np.stack([length * np.cos(angle), length * np.sin(angle)], axis=-1)

    t = np.arange(10) / 10
    s = 3 * t**2 - 2 * t**3
    z = walk_z(np.stack([at(0.2, 0.5), at(1.2, 0.9)]), 10)[:10]
    np.testing.assert_allclose(z, at(0.2 + s, 0.5 + 0.4 * s), atol=1e-6)


def test_halfway_linear_is_shorter_and_spherical_is_not():
    stops = pick_z([0, 1])
    length = np.linalg.norm(stops, axis=1).mean()
    spherical, linear = (walk_z(stops, 2, name)[1] for name in INTERPOLATIONS)
    assert 0.65 < np.linalg.norm(linear) / length < 0.8
    assert 0.95 < np.linalg.norm(spherical) / length < 1
    assert abs(spherical).max() <= 1


@pytest.mark.parametrize("b", [[0.5, 0.5], [0.25, 0.25], [-0.5, -0.5], [0, 0]])
def test_of_one_direction_opposite_ones_or_none_it_goes_straight(b):
    stops = np.float32([[0.5, 0.5], b])
    np.testing.assert_allclose(walk_z(stops, 4), walk_z(stops, 4, "linear"), atol=1e-7)


@pytest.mark.parametrize(
    ("faces", "frames", "pattern"),
    [
        ([3], 4, "faces names one face, 3; a walk wants two or more different ones"),
        ([3, 3], 4, "faces names one face, 3"),
        ([], 4, "faces names no face"),
        ([0, 1], 0, "frames is 0; wanted 1 to 5000 from one face to the next"),
        ([0, 1], -1, "frames is -1; wanted 1 to"),
        ([0, 1], MOST_FRAMES, "frames is 10000; wanted 1 to 5000"),
        ([0, 1], 2.5, r"frames is 2\.5; wanted 1 to"),
        ([0, -1], 4, "faces names a face '-1'"),
    ],
)
def test_walks_that_are_none(gen, faces, frames, pattern):
    with pytest.raises(illust_gan.UserError, match=pattern):
        illust_gan.walk(gen, faces, frames=frames)


def test_too_many_faces():
    with pytest.raises(illust_gan.UserError, match="10001 faces; wanted 10000 at most"):
        check_walk(range(10_001), 1)


def test_no_third_interpolation(gen):
    with pytest.raises(illust_gan.UserError, match="'cubic'; wanted one of spherical, linear"):
        illust_gan.walk(gen, [0, 1], interpolation="cubic")
