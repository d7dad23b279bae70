import math

import numpy as np
import pytest

import illust_gan
from illust_gan.generation.mix import mix_sheet
from illust_gan.generation.pick import pick_z
from illust_gan.generation.sample import draw
from illust_gan.nets import RECIPES
from tests.golden_run import OF_2015

A, B, C = [3, 17, 42], [1, 5, 9], "2,6,30"


@pytest.fixture(params=OF_2015, scope="module")
def gen(request):
    return RECIPES[request.param].Generator(std=0.05, rng=np.random.RandomState(0))


def test_means_and_result(gen):
    faces = illust_gan.mix(gen, A, B, C, seed=4)
    assert faces.shape == (12, gen.size, gen.size, 3)
    a, b, c = (pick_z(group, seed=4).astype(float).mean(axis=0) for group in (A, B, C))
    wanted = np.float32([a, b, c, np.clip(a - b + c, -1, 1)])
    # The means are rounded in another order here.
    assert abs(draw(gen, wanted) - faces[[0, 1, 2, 7]].astype(int)).max() <= 1


def test_neighbours_lie_around_the_result(gen):
    near, far = (
        illust_gan.mix(gen, A, B, C, strength=strength).astype(int)[3:] for strength in (0.01, 0.5)
    )
    np.testing.assert_array_equal(near[4], far[4])
    others = [0, 1, 2, 3, 5, 6, 7, 8]
    near, far = (abs(f[others] - f[4]).mean(axis=(1, 2, 3)) for f in (near, far))
    assert (near > 0).all()
    assert (near < far).all()


def test_a_face_less_itself_is_what_is_added(gen):
    faces = illust_gan.mix(gen, A, A, C)
    assert abs(faces[7].astype(int) - faces[2]).max() <= 1


def test_sheet_has_the_result_in_the_middle_of_its_square():
    faces = np.arange(12, dtype=np.uint8).repeat(4 * 4 * 3).reshape(12, 4, 4, 3)
    pixels = np.asarray(mix_sheet(faces))[:, ::4, 0]
    assert pixels[::4][:1].tolist() == [[0, 1, 2]]
    assert pixels[4].tolist() == [255] * 3
    assert pixels[5::4].tolist() == [[3, 4, 5], [6, 7, 8], [9, 10, 11]]
    assert mix_sheet(faces[..., :1]).mode == "L"


@pytest.mark.parametrize(
    ("options", "pattern"),
    [
        ({"a": []}, "a names no face"),
        ({"b": "1,x"}, "b names a face 'x'"),
        ({"c": [-4]}, "c names a face '-4'"),
        ({"strength": math.nan}, "strength is nan"),
    ],
)
def test_bad_input(gen, options, pattern):
    with pytest.raises(illust_gan.UserError, match=pattern):
        illust_gan.mix(gen, **{"a": A, "b": B, "c": C, **options})
