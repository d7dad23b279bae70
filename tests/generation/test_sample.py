import chainer
import numpy as np
import pytest

import illust_gan
from illust_gan.datasets.pixels import to_pixels
from illust_gan.generation.sample import draw
from illust_gan.nets import RECIPES
from illust_gan.nets.latent import draw_z
from tests.golden_run import OF_2015


@pytest.fixture(params=OF_2015, scope="module")
def gen(request):
    gen = RECIPES[request.param].Generator(std=0.05, rng=np.random.RandomState(0))
    # Statistics that differ from those of any minibatch, so that the modes differ.
    gen(draw_z(8, rng=np.random.RandomState(1)))
    return gen


def test_same_faces_however_many(gen):
    few, many = (illust_gan.generate(gen, n, seed=3) for n in (5, 37))
    assert many.shape == (37, gen.size, gen.size, 3)
    assert many.dtype == np.uint8
    np.testing.assert_array_equal(few, many[:5])


def test_seeds_differ(gen):
    a, b = (illust_gan.generate(gen, 2, seed=seed) for seed in (0, 1))
    assert (a != b).any()


def test_is_the_nets_test_mode(gen):
    z = draw_z(20, rng=np.random.RandomState(0))
    with chainer.using_config("train", False), chainer.no_backprop_mode():
        x = gen(z).array
    drawn = draw(gen, z).astype(int)
    # Batches of another size may round the last bit the other way, and so one pixel in many.
    difference = abs(drawn - to_pixels(x))
    assert difference.max() <= 1
    assert (difference > 0).mean() < 1e-3
    assert len(np.unique(drawn)) > 50


def test_leaves_mode_statistics_and_random_state_alone(gen):
    state = np.random.get_state()[1].copy()
    norm = next(link for link in gen.links() if isinstance(link, chainer.links.BatchNormalization))
    mean = norm.avg_mean.copy()
    illust_gan.generate(gen, 2)
    assert (np.random.get_state()[1] == state).all()
    assert (norm.avg_mean == mean).all()
    assert chainer.config.train


def test_no_faces_have_the_shape_of_faces(gen):
    assert illust_gan.generate(gen, 0).shape == (0, gen.size, gen.size, 3)


def test_greyscale(gen):
    grey = type(gen)(channels=1, std=0.05, rng=np.random.RandomState(0))
    faces = illust_gan.generate(grey, 2)
    assert faces.shape == (2, gen.size, gen.size, 1)
    assert illust_gan.sheet(faces).mode == "L"


@pytest.mark.gpu
def test_gpu_draws_the_cpus_faces(gen):
    gen = gen.copy()
    on_cpu = illust_gan.generate(gen, 20).astype(int)
    gen.to_device("@cupy:0")
    on_gpu = illust_gan.generate(gen, 20)
    assert isinstance(on_gpu, np.ndarray)
    assert abs(on_cpu - on_gpu).max() <= 1
