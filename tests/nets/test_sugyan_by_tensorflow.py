"""sugyan's nets are what TensorFlow makes of the same variables, where TensorFlow is installed."""

import chainer
import numpy as np
import pytest

import illust_gan
from tests.nets import sugyan_by_tensorflow as by_tensorflow
from tests.serializers.variables import save

DEPTHS = (7, 5, 6, 4)


@pytest.fixture(params=[4, 3, 1])
def f_size(request):
    return request.param


@pytest.fixture(params=[True, False], ids=["train", "test"])
def train(request):
    with chainer.using_config("train", request.param):
        yield request.param


@pytest.fixture
def rng():
    return np.random.RandomState(7)


def assert_close(array, there):
    assert array.dtype == there.dtype == np.float32
    assert there.std(axis=0).mean() > 0.01
    np.testing.assert_allclose(array, there, rtol=0, atol=1e-5 * max(abs(there).max(), 1))


@pytest.mark.parametrize("channels", [3, 1])
def test_discriminator(tf, tmp_path, rng, f_size, channels, train):
    variables = by_tensorflow.draw_discriminator(rng, channels, DEPTHS, f_size)
    x = rng.uniform(-1, 1, (8, 16 * f_size, 16 * f_size, channels)).astype("f")
    there = by_tensorflow.discriminator(tf, variables, x, train=train)
    dis = illust_gan.load_tensorflow_discriminator(save(tmp_path, variables))
    assert (dis.channels, dis.depths, dis.f_size) == (channels, DEPTHS, f_size)
    assert_close(dis(x.transpose(0, 3, 1, 2)).array, there)


@pytest.mark.parametrize("channels", [3, 1])
def test_generator(tf, tmp_path, rng, f_size, channels, train):
    variables = by_tensorflow.draw_generator(rng, 9, channels, DEPTHS, f_size)
    z = rng.uniform(-1, 1, (8, 9)).astype("f")
    there = by_tensorflow.generator(tf, variables, z, train=train)
    gen = illust_gan.load_tensorflow_generator(save(tmp_path, variables))
    assert (gen.n_hidden, gen.channels, gen.depths, gen.f_size) == (9, channels, DEPTHS, f_size)
    assert_close(gen(z).array, there.transpose(0, 3, 1, 2))
