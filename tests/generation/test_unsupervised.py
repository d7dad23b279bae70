import chainer
import numpy as np
import pytest

from illust_gan.errors import UserError
from illust_gan.generation.unsupervised import first_layer, first_matrix, ganspace, sefa
from illust_gan.nets import kim, sugyan
from illust_gan.nets.latent import draw_z
from tests.generation.small_generators import small_generator


def normalised_outputs(gen, z):
    link, norm = first_layer(gen)
    with chainer.using_config("train", False), chainer.no_backprop_mode():
        return norm(link(z)).array.astype(float)


@pytest.mark.parametrize("net", ["rezoolab", "maccha"])
def test_sefa_finds_what_changes_the_first_layer_most(net):
    gen = small_generator(net)
    found = sefa(gen, 8)
    assert found.net == net
    np.testing.assert_allclose(found.vectors @ found.vectors.T, np.eye(8), atol=1e-6)
    steps = normalised_outputs(gen, found.vectors) - normalised_outputs(gen, 0 * found.vectors)
    lengths = np.linalg.norm(steps, axis=1)
    assert (np.diff(lengths) < 0).all()
    # A number that is uniform on [-1, 1] has the variance 1/3.
    np.testing.assert_allclose(found.spreads, lengths / np.sqrt(3), rtol=1e-4)
    others = np.random.RandomState(1).normal(size=(50, 8)).astype(np.float32)
    others /= np.linalg.norm(others, axis=1, keepdims=True)
    steps = normalised_outputs(gen, others) - normalised_outputs(gen, 0 * others)
    assert np.linalg.norm(steps, axis=1).max() < lengths[0]


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: sugyan.Generator(8, depths=(6, 5, 4, 3), rng=rng),
        lambda rng: kim.Generator(8, gf_dim=3, rng=rng),
    ],
    ids=["sugyan", "kim"],
)
def test_the_matrix_of_the_first_layer(make):
    """Of sugyan's there is no gamma, and Kim's normalises feature maps."""
    rng = np.random.RandomState(0)
    gen = make(rng)
    link, norm = first_layer(gen)
    norm.avg_var[...] = rng.uniform(0.1, 5, norm.avg_var.shape)
    norm.avg_mean[...] = rng.normal(size=norm.avg_mean.shape)
    z = rng.normal(size=(2, 8)).astype(np.float32)
    with chainer.using_config("train", False), chainer.no_backprop_mode():
        h = link(z).array.reshape(2, len(norm.avg_mean), -1)
        if h.shape[2] == 1:
            h = h[:, :, 0]
        a, b = norm(h).array.reshape(2, -1)
    np.testing.assert_allclose(first_matrix(gen) @ (z[0] - z[1]), a - b, rtol=1e-3, atol=1e-4)
    found = ganspace(gen, 2, samples=200)
    assert found.vectors.shape == (2, 8)


def test_sefa_is_the_same_each_time():
    gen = small_generator()
    found = sefa(gen, 3)
    np.testing.assert_array_equal(found.vectors, sefa(gen, 3).vectors)
    largest = np.abs(found.vectors).argmax(axis=1)
    assert (found.vectors[np.arange(3), largest] > 0).all()
    assert sefa(gen, 1).names == ("sefa-1",)


def test_ganspace_is_principal_components_regressed_to_z():
    gen = small_generator()
    found = ganspace(gen, 4, samples=300, seed=5)
    z = draw_z(300, 8, rng=np.random.RandomState(5))
    y = np.maximum(normalised_outputs(gen, z), 0)
    y -= y.mean(axis=0)
    coordinates = y @ np.linalg.svd(y, full_matrices=False)[2][:4].T
    wanted, *_ = np.linalg.lstsq(coordinates, z.astype(float), rcond=None)
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    np.testing.assert_allclose(np.abs((found.vectors * wanted).sum(axis=1)), 1, atol=1e-4)
    assert found.method == "GANSpace of the first layer, 300 samples, seed 5"
    assert found.names == tuple(f"ganspace-{i}" for i in range(1, 5))
    np.testing.assert_array_equal(ganspace(gen, 4, samples=300, seed=5).vectors, found.vectors)


@pytest.mark.usefixtures("bars_at_once")
@pytest.mark.parametrize("progress", [True, False])
def test_progress_is_on_stderr_and_only_when_wanted(capsys, progress):
    found = ganspace(small_generator(), 2, samples=300, progress=progress)
    out, err = capsys.readouterr()
    assert out == ""
    for step in ("activations: 100%", " 300/300 ", "products: 100%", " 45150/45150 ", " 8/8 "):
        assert (step in err) is progress
    np.testing.assert_array_equal(
        found.vectors, ganspace(small_generator(), 2, samples=300).vectors
    )


@pytest.mark.parametrize("method", [sefa, lambda gen, n: ganspace(gen, n, samples=500)])
def test_both_find_a_number_that_outweighs_the_others(method):
    gen = small_generator()
    gen.fc5.W.array[:, 5] *= 10
    assert method(gen, 2).vectors[0, 5] > 0.99


def test_bad_input():
    gen = small_generator()
    with pytest.raises(UserError, match="9 directions are wanted where z has 8 numbers"):
        sefa(gen, 9)
    with pytest.raises(UserError, match="0 directions are wanted"):
        ganspace(gen, 0)
    with pytest.raises(UserError, match="given 8 samples; wanted more than z has numbers, 8"):
        ganspace(gen, 2, samples=8)
    gen.fc5.W.array[0, 0] = np.nan
    for method in (sefa, ganspace):
        with pytest.raises(UserError, match="weights are not all finite"):
            method(gen, 2)


def test_a_generator_that_ignores_z():
    gen = small_generator()
    gen.fc5.W.array[...] = 0
    with pytest.raises(UserError, match="no direction was found: the faces do not depend on z"):
        ganspace(gen, 2, samples=50)


@pytest.mark.gpu
def test_ganspace_on_gpu():
    found = ganspace(small_generator(), 2, samples=50)
    gen = small_generator()
    gen.to_device("@cupy:0")
    np.testing.assert_allclose(ganspace(gen, 2, samples=50).vectors, found.vectors, atol=1e-4)
