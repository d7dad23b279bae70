import chainer
import chainer.functions as F
import chainer.links as L
import numpy as np
import pytest

import illust_gan
from illust_gan.nets import sugyan

NARROW = (32, 16, 8, 8)


def rng():
    return np.random.RandomState(0)


def test_defaults_are_the_originals():
    gen, dis = sugyan.Generator(rng=rng()), sugyan.Discriminator(rng=rng())
    assert gen.depths == (1024, 512, 256, 128)
    assert dis.depths == (64, 128, 256, 512)
    assert (gen.n_hidden, gen.channels, gen.size, dis.size) == (100, 3, 64, 64)
    assert gen.reshape.W.shape == (1024 * 4 * 4, 100)
    assert [gen[f"conv{i}"].W.shape for i in (1, 2, 3, 4)] == [
        (1024, 512, 5, 5),
        (512, 256, 5, 5),
        (256, 128, 5, 5),
        (128, 3, 5, 5),
    ]
    assert dis.classify.W.shape == (2, 512 * 4 * 4)


@pytest.mark.parametrize(("n_hidden", "channels", "f_size"), [(100, 3, 4), (20, 1, 6), (7, 4, 1)])
def test_shapes_and_types(n_hidden, channels, f_size):
    gen = sugyan.Generator(n_hidden, channels, depths=NARROW, f_size=f_size, rng=rng())
    dis = sugyan.Discriminator(channels, depths=NARROW, f_size=f_size, rng=rng())
    x = gen(rng().uniform(-1, 1, (3, n_hidden)).astype("f"))
    assert (x.shape, x.dtype) == ((3, channels, 16 * f_size, 16 * f_size), np.float32)
    assert abs(x.array).max() <= 1
    assert (dis(x).shape, dis(x).dtype) == ((3, 2), np.float32)


def test_normalised_layers_have_no_bias_and_no_gamma():
    gen, dis = sugyan.Generator(depths=NARROW), sugyan.Discriminator(depths=NARROW)
    with_bias = [link.name for net in (gen, dis) for link in net.children() if has_bias(link)]
    assert with_bias == ["conv4", "classify"]
    norms = [n for net in (gen, dis) for n in net.children() if isinstance(n, L.BatchNormalization)]
    assert len(norms) == 8
    for norm in norms:
        assert norm.gamma is None
        assert (norm.eps, norm.decay) == (1e-3, 0.999)


def has_bias(link):
    return getattr(link, "b", None) is not None


def test_initial_weights_are_those_of_contrib_layers():
    gen, dis = sugyan.Generator(rng=rng()), sugyan.Discriminator(rng=rng())
    # Glorot's bound: the square root of 6 / (fan_in + fan_out).
    for W, fans in ((gen.reshape.W, 100 + 16384), (gen.conv2.W, 25 * (512 + 256))):
        bound = np.sqrt(6 / fans)
        assert 0.99 * bound < abs(W.array).max() <= bound
        assert W.array.std() == pytest.approx(bound / np.sqrt(3), rel=0.01)
    W = dis.classify.W.array
    assert abs(W).max() <= 0.04
    assert W.std() == pytest.approx(0.02 * 0.88, rel=0.02)


def test_seed_makes_the_net():
    a, b, c = (sugyan.Generator(depths=NARROW, rng=np.random.RandomState(s)) for s in (3, 3, 4))
    assert (a.conv1.W.array == b.conv1.W.array).all()
    assert (a.conv1.W.array != c.conv1.W.array).any()


def test_both_paths_give_the_same_gradients():
    x = rng().uniform(-1, 1, (4, 3, 32, 32)).astype("f")
    z = rng().uniform(-1, 1, (4, 100)).astype("f")
    found = []
    for fast in (True, False):
        gen = sugyan.Generator(depths=NARROW, f_size=2, rng=rng())
        dis = sugyan.Discriminator(depths=NARROW, f_size=2, rng=rng())
        with illust_gan.config.using(fast=fast):
            loss = F.softmax_cross_entropy(dis(gen(z)), np.ones(4, "i"))
            loss += F.softmax_cross_entropy(dis(x), np.ones(4, "i"))
            gen.cleargrads()
            dis.cleargrads()
            loss.backward()
        found.append({**dict(gen.namedparams("/gen")), **dict(dis.namedparams("/dis"))})
    fast, plain = found
    for name in plain:
        scale = abs(plain[name].grad).max()
        np.testing.assert_allclose(
            fast[name].grad, plain[name].grad, rtol=0, atol=1e-4 * scale, err_msg=name
        )


def test_faces_are_drawn_as_by_any_generator():
    gen = sugyan.Generator(depths=NARROW, f_size=6, rng=rng())
    assert illust_gan.generate(gen, 2).shape == (2, 96, 96, 3)
    assert repr(gen).startswith("<Generator of sugyan's DCGAN: z of 100 → 3×96×96, ")


def test_comes_back_from_chainers_own_file(tmp_path):
    gen = sugyan.Generator(depths=NARROW, eps=1e-2, rng=rng())
    chainer.serializers.save_npz(tmp_path / "gen.npz", gen)
    other = sugyan.Generator(depths=NARROW)
    chainer.serializers.load_npz(tmp_path / "gen.npz", other)
    assert other.eps == 1e-2
    z = rng().uniform(-1, 1, (2, 100)).astype("f")
    np.testing.assert_array_equal(gen(z).array, other(z).array)


def test_averages_follow_the_first_minibatches_at_once_and_the_later_ones_slowly():
    norm = sugyan.Normalization(2, eps=1e-3)
    rng = np.random.RandomState(0)
    wanted = 0
    with chainer.using_config("train", True):
        for t in range(5):
            x = rng.normal(5, 3, (8, 2)).astype(np.float32)
            norm(x)
            decay = (1 + t) / (10 + t)
            wanted = decay * wanted + (1 - decay) * x.mean(axis=0)
            np.testing.assert_allclose(norm.avg_mean, wanted, rtol=1e-5)
    with chainer.using_config("train", False):
        norm(x)
    np.testing.assert_allclose(norm.avg_mean, wanted, rtol=1e-5)

    for settled in (sugyan.SETTLED, 10**6):
        norm.N = settled
        before = norm.avg_mean.copy()
        with chainer.using_config("train", True):
            norm(x)
        np.testing.assert_allclose(
            norm.avg_mean, 0.999 * before + 0.001 * x.mean(axis=0), rtol=1e-6
        )
    assert (1 + sugyan.SETTLED - 1) / (10 + sugyan.SETTLED - 1) < 0.999
