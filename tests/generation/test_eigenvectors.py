import numpy as np
import pytest

from illust_gan.generation import eigenvectors
from illust_gan.generation.eigenvectors import leading_eigenvectors


def symmetric(values, seed=0):
    """Return a matrix with these eigenvalues and its eigenvectors."""
    size = len(values)
    turn, _ = np.linalg.qr(np.random.RandomState(seed).normal(size=(size, size)))
    return (turn * values) @ turn.T, turn


@pytest.fixture
def never_all(monkeypatch):
    """Fail where LAPACK is asked for all eigenvectors of the whole matrix."""
    real = np.linalg.eigh

    def eigh(matrix):
        assert len(matrix) < 100
        return real(matrix)

    monkeypatch.setattr(np.linalg, "eigh", eigh)


@pytest.mark.usefixtures("never_all")
@pytest.mark.parametrize("width", [1, 12, 80])
def test_the_first_of_those_that_fall(width):
    wanted = 0.7 ** np.arange(120)
    matrix, turn = symmetric(wanted)
    values, vectors = leading_eigenvectors(matrix, 8, width)
    assert vectors.shape == (120, 8)
    np.testing.assert_allclose(values, wanted[:8], atol=1e-9)
    np.testing.assert_allclose(np.abs(vectors.T @ turn[:, :8]), np.eye(8), atol=1e-6)
    again = leading_eigenvectors(matrix, 8, width)
    np.testing.assert_array_equal(again[1], vectors)


def test_those_that_hardly_fall_are_found_the_long_way():
    wanted = np.linspace(1, 0.9, 150)
    matrix, turn = symmetric(wanted)
    values, vectors = leading_eigenvectors(matrix, 3, 5)
    np.testing.assert_allclose(values, wanted[:3], atol=1e-12)
    np.testing.assert_allclose(np.abs(vectors.T @ turn[:, :3]), np.eye(3), atol=1e-9)


def test_as_many_as_there_are():
    matrix, _ = symmetric(np.array([5.0, 3, 0, 0]))
    values, vectors = leading_eigenvectors(matrix, 4, 20)
    np.testing.assert_allclose(values, [5, 3, 0, 0], atol=1e-12)
    np.testing.assert_allclose((vectors * values) @ vectors.T, matrix, atol=1e-12)


def test_nothing_but_zeros():
    values, vectors = leading_eigenvectors(np.zeros((6, 6)), 2, 3)
    np.testing.assert_array_equal(values, 0)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(2), atol=1e-12)


@pytest.mark.usefixtures("bars_at_once")
def test_the_bar_counts_digits(capsys, monkeypatch):
    matrix, _ = symmetric(0.5 ** np.arange(60))
    leading_eigenvectors(matrix, 2, 4, progress=True)
    assert "components: 100%|██████████| 8/8" in capsys.readouterr().err
    leading_eigenvectors(matrix, 2, 4)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(eigenvectors, "_MOST_STEPS", 6)
    leading_eigenvectors(matrix, 2, 4, progress=True)
    assert "/8 [" in capsys.readouterr().err.rpartition("\r")[2]
