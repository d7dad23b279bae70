import numpy as np
import pytest

import illust_gan
from illust_gan.generation import pick
from illust_gan.generation.pick import check_faces, pick_z
from illust_gan.generation.sample import draw
from illust_gan.nets import rezoolab
from illust_gan.nets.latent import draw_z


def test_they_are_the_faces_that_generate_draws():
    gen = rezoolab.Generator(std=0.05, rng=np.random.RandomState(0))
    z = pick_z("20,3,3", gen.n_hidden, seed=5)
    np.testing.assert_array_equal(draw(gen, z), illust_gan.generate(gen, 21, seed=5)[[20, 3, 3]])


def test_high_numbers_are_found_over_chunks(monkeypatch):
    monkeypatch.setattr(pick, "_CHUNK", 4)
    z = draw_z(30, 7, rng=np.random.RandomState(1))
    np.testing.assert_array_equal(pick_z([29, 0, 3, 4, 8], 7, seed=1), z[[29, 0, 3, 4, 8]])


def test_numpys_integers_are_numbers():
    assert check_faces(np.array([4, 2])) == (4, 2)
    assert check_faces(" 4, 2") == (4, 2)


@pytest.mark.parametrize(
    "faces", ["", "3,,4", "3;4", "-1", "1.5", "1000000", "eyes", [2.0], [-1], [None], "\x1b[2J"]
)
def test_numbers_that_are_no_faces(faces):
    with pytest.raises(illust_gan.UserError, match=r"--faces names a face '.*'; wanted whole num"):
        check_faces(faces, "--faces")


def test_no_number_at_all():
    with pytest.raises(illust_gan.UserError, match="faces names no face; give one or more"):
        check_faces([])
