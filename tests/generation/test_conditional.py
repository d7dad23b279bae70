import numpy as np
import pytest

from illust_gan.errors import UserError
from illust_gan.generation.conditional import apart_from
from illust_gan.generation.directions import join_directions
from illust_gan.generation.unsupervised import as_directions, first_matrix, sefa
from illust_gan.nets import rezoolab


@pytest.fixture(scope="module")
def gen():
    return rezoolab.Generator(20, rng=np.random.RandomState(0))


def random_directions(gen, n, seed):
    vectors = np.random.RandomState(seed).normal(size=(n, gen.n_hidden))
    return as_directions(gen, [f"{seed}-{i}" for i in range(n)], vectors, f"seed {seed}")


def test_is_at_right_angles_to_the_others_and_as_near_as_can_be(gen):
    directions, others = random_directions(gen, 4, 1), random_directions(gen, 3, 2)
    apart = apart_from(gen, directions, others)
    assert apart.names == directions.names
    np.testing.assert_allclose(apart.vectors @ others.vectors.T, 0, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(apart.vectors, axis=1), 1, rtol=1e-6)
    # Least squares leave the same.
    for before, after in zip(directions.vectors, apart.vectors):
        shares, *_ = np.linalg.lstsq(others.vectors.T, before, rcond=None)
        left = before - others.vectors.T @ shares
        np.testing.assert_allclose(after, left / np.linalg.norm(left), atol=1e-6)
    wanted = np.linalg.norm(first_matrix(gen) @ apart.vectors.T, axis=0) / np.sqrt(3)
    np.testing.assert_allclose(apart.spreads, wanted, rtol=1e-5)
    assert apart.method == "seed 1, apart from 2-0, 2-1, 2-2"
    join_directions([apart, others])


def test_nothing_left(gen):
    directions = random_directions(gen, 2, 1)
    with pytest.raises(UserError, match=r"nothing is left of 1-0 without .* with 1-0, 1-1;"):
        apart_from(gen, directions, directions)
    with pytest.raises(UserError, match="nothing is left of 1-0"):
        apart_from(gen, directions, sefa(gen, gen.n_hidden))


def test_of_another_generator(gen):
    other = rezoolab.Generator(20, rng=np.random.RandomState(1))
    for pair in (
        (random_directions(gen, 1, 1), random_directions(other, 1, 2)),
        (random_directions(other, 1, 1), random_directions(gen, 1, 2)),
    ):
        with pytest.raises(
            UserError, match="was made for a generator of rezoolab with the weights"
        ):
            apart_from(gen, *pair)
