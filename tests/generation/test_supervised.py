import sys

import numpy as np
import pytest

from illust_gan.errors import UserError
from illust_gan.generation.labels import colour_label
from illust_gan.generation.sample import draw
from illust_gan.generation.supervised import fit_label, fit_lists, logistic_regression
from illust_gan.nets.latent import draw_z
from tests.generation.small_generators import small_generator


@pytest.fixture(scope="module")
def gen():
    return small_generator()


def test_logistic_regression_finds_the_minimum():
    rng = np.random.RandomState(0)
    x = rng.normal(size=(500, 4))
    true = np.array([2.0, -1, 0.5, 0])
    y = rng.uniform(size=500) < 1 / (1 + np.exp(-(x @ true + 0.7)))
    w, b = logistic_regression(x, y, l2=0.3)
    p = 1 / (1 + np.exp(-(x @ w + b)))
    np.testing.assert_allclose(x.T @ (p - y) + 0.3 * w, 0, atol=1e-6)
    assert abs((p - y).sum()) < 1e-6
    np.testing.assert_allclose(w, true, atol=0.5)
    assert abs(b - 0.7) < 0.4


def test_logistic_regression_of_what_a_plane_parts():
    x = np.array([[-1000.0, 1], [-999, 2], [999, 1], [1000, 2]])
    w, b = logistic_regression(x, np.arange(4) > 1)
    assert np.isfinite([*w, b]).all()
    assert (x @ w + b > 0).tolist() == [False, False, True, True]
    # Fewer faces than numbers in z, too.
    rng = np.random.RandomState(1)
    x, y = rng.normal(size=(4, 50)), np.array([True, False, True, False])
    w, b = logistic_regression(x, y, l2=1e-3)
    assert ((x @ w + b > 0) == y).all()


def test_label_grows_along_its_direction(gen):
    label = colour_label("red", "hair")
    found = fit_label(gen, label, name="red hair", samples=300)
    assert found.names == ("red hair",)
    np.testing.assert_allclose(np.linalg.norm(found.vectors), 1, rtol=1e-6)
    z = draw_z(20, 8, rng=np.random.RandomState(99))
    means = [label(draw(gen, z + s * found.vectors[0])).mean() for s in (-1, 0, 1)]
    assert means[0] < means[1] < means[2]
    np.testing.assert_array_equal(
        fit_label(gen, label, name="x", samples=300).vectors, found.vectors
    )


def test_truth_values_are_taken_as_they_are(gen):
    z = iter([draw_z(100, 8, rng=np.random.RandomState(4))])
    found = fit_label(gen, lambda faces: next(z)[:, 6] > 0.2, name="x", samples=100, seed=4)
    assert found.vectors[0].argmax() == 6
    assert found.vectors[0, 6] > 0.9


def test_labels_of_few_values(gen):
    """Most faces have the lowest, so that both thirds end at it."""
    z = iter([draw_z(200, 8, rng=np.random.RandomState(0))])
    found = fit_label(gen, lambda faces: (next(z)[:, 2] > 0.6).astype(int), name="x", samples=200)
    assert found.vectors[0, 2] > 0.9


def test_lists_are_numbers_of_faces_of_a_seed(gen):
    z = draw_z(60, 8, rng=np.random.RandomState(7))
    having, lacking = np.flatnonzero(z[:, 3] > 0.5), np.flatnonzero(z[:, 3] < -0.5)
    found = fit_lists(gen, having, lacking, name="x", seed=7)
    assert found.vectors[0].argmax() == 3
    assert found.vectors[0, 3] > 0.9
    back = fit_lists(gen, lacking, having, name="x", seed=7)
    np.testing.assert_allclose(back.vectors, -found.vectors, atol=1e-5)
    assert fit_lists(gen, [3], [4], name="x").method == (
        "logistic regression on 1 faces against 1, seed 0"
    )


@pytest.mark.parametrize(
    ("label", "pattern"),
    [
        (lambda faces: np.ones(len(faces)), "all 20 faces have the same label for smile"),
        (lambda faces: np.zeros(len(faces), bool), "all 20 faces have the same label"),
        (lambda faces: np.full(len(faces), np.nan), "a number that is not finite"),
        (
            lambda faces: 1.0,
            r"test_supervised:<lambda> returned float64 of shape \(\) for 20 faces",
        ),
        (lambda faces: np.ones((len(faces), 1)), r"float64 of shape \(20, 1\) for 20 faces"),
        (lambda faces: ["x"] * len(faces), "wanted one number or truth value each"),
        (lambda faces: [10**400] * len(faces), r"returned object of shape \(20,\)"),
        (lambda faces: [[1], [2, 3]], r"returned \[\[1\], \[2, 3\]\] for 20 faces; wanted one"),
        (lambda faces: None, r"returned object of shape \(\) for 20 faces"),
        (lambda faces: faces["eyes"], "<lambda> failed on 20 faces: IndexError: only integers"),
        (
            lambda faces: sys.exit("no\nmodel"),
            r"<lambda> failed on 20 faces: SystemExit: no\\nmodel$",
        ),
        (
            colour_label,
            r"illust_gan\.generation\.labels:colour_label failed on 20 faces: ValueError",
        ),
    ],
)
def test_labels_that_lead_nowhere(gen, label, pattern):
    with pytest.raises(UserError, match=pattern):
        fit_label(gen, label, name="smile", samples=20)


def test_bad_input(gen):
    with pytest.raises(UserError, match="9 faces to label; wanted 10 to 1,000,000"):
        fit_label(gen, colour_label("red"), name="x", samples=9)
    with pytest.raises(UserError, match="face 4 is in both having and lacking"):
        fit_lists(gen, [3, 4], [4], name="x")
    with pytest.raises(UserError, match="lacking names no face"):
        fit_lists(gen, [3], [], name="x")
    with pytest.raises(UserError, match="having names a face '-1'"):
        fit_lists(gen, [-1], [2], name="x")
