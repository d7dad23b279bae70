import chainer.functions as F
import numpy as np
import pytest

import illust_gan
from illust_gan.nets import kim, kim_conditional

SMALL = {"gf_dim": 4, "gfc_dim": 16}
SMALL_DIS = {"df_dim": 4, "dfc_dim": 16}


def rng():
    return np.random.RandomState(0)


def one_hot(*labels, n=10):
    return np.eye(n, dtype="f")[list(labels)]


def test_defaults_are_the_originals():
    gen, dis = kim.Generator(rng=rng()), kim.Discriminator(rng=rng())
    assert (gen.n_hidden, gen.channels, gen.size, dis.size) == (100, 3, 64, 64)
    assert gen.g_h0_lin.W.shape == (512 * 4 * 4, 100)
    assert [gen[f"g_h{i}"].W.shape[:2] for i in (1, 2, 3, 4)] == [
        (512, 256),
        (256, 128),
        (128, 64),
        (64, 3),
    ]
    assert [dis[f"d_h{i}_conv"].W.shape[:2] for i in (0, 1, 2, 3)] == [
        (64, 3),
        (128, 64),
        (256, 128),
        (512, 256),
    ]
    assert (gen.eps, gen.g_bn0.decay, dis.d_bn3.decay) == (1e-5, 0.9, 0.9)
    assert all(gen[f"g_bn{i}"].gamma is not None for i in range(4))


@pytest.mark.parametrize(("n_hidden", "channels", "size"), [(100, 3, 64), (20, 1, 96), (5, 4, 100)])
def test_shapes_and_types(n_hidden, channels, size):
    gen = kim.Generator(n_hidden, channels, size=size, gf_dim=4, rng=rng())
    dis = kim.Discriminator(channels, size=size, df_dim=4, rng=rng())
    x = gen(rng().uniform(-1, 1, (3, n_hidden)).astype("f"))
    assert (x.shape, x.dtype) == ((3, channels, size, size), np.float32)
    assert abs(x.array).max() <= 1
    assert (dis(x).shape, dis(x).dtype) == ((3, 1), np.float32)


@pytest.mark.parametrize("size", [1, 17, 28, 33, 63, 108])
def test_edges_are_rounded_up(size):
    s16, s8, s4, s2 = kim.sizes(size)
    assert [s2, s4, s8, s16] == [int(np.ceil(size / n)) for n in (2, 4, 8, 16)]
    gen = kim.Generator(4, 1, size=size, gf_dim=2, rng=rng())
    dis = kim.Discriminator(1, size=size, df_dim=2, rng=rng())
    assert gen(np.zeros((2, 4), "f")).shape == (2, 1, size, size)
    assert dis(np.zeros((2, 1, size, size), "f")).shape == (2, 1)


def test_initial_weights():
    gen, dis = kim.Generator(rng=rng()), kim.Discriminator(rng=rng())
    for W in (gen.g_h0_lin.W.array, gen.g_h2.W.array, dis.d_h3_lin.W.array):
        assert W.std() == pytest.approx(0.02, rel=0.03)
        assert abs(W).max() > 0.05
    # TensorFlow draws those of a convolution from a normal distribution that it cuts off.
    W = dis.d_h2_conv.W.array
    assert W.std() == pytest.approx(0.02 * 0.88, rel=0.01)
    assert abs(W).max() <= 0.04


def test_labels_go_beside_every_layer():
    gen = kim_conditional.Generator(rng=rng())
    dis = kim_conditional.Discriminator(rng=rng())
    assert gen.g_h0_lin.W.shape == (1024, 110)
    assert gen.g_h1_lin.W.shape == (128 * 7 * 7, 1034)
    assert (gen.g_h2.W.shape, gen.g_h3.W.shape) == ((138, 128, 5, 5), (138, 1, 5, 5))
    assert (dis.d_h0_conv.W.shape, dis.d_h1_conv.W.shape) == ((11, 11, 5, 5), (74, 21, 5, 5))
    assert dis.d_h2_lin.W.shape == (1024, 74 * 7 * 7 + 10)
    assert dis.d_h3_lin.W.shape == (1, 1034)


@pytest.mark.parametrize(("channels", "y_dim", "size"), [(1, 10, 28), (3, 2, 32), (1, 1, 4)])
def test_conditional_shapes_and_types(channels, y_dim, size):
    widths = {"y_dim": y_dim, "size": size, "rng": rng()}
    gen = kim_conditional.Generator(20, channels, **widths, **SMALL)
    dis = kim_conditional.Discriminator(channels, **widths, **SMALL_DIS)
    y = one_hot(0, y_dim - 1, 0, n=y_dim)
    x = gen(rng().uniform(-1, 1, (3, 20)).astype("f"), y)
    assert (x.shape, x.dtype) == ((3, channels, size, size), np.float32)
    assert x.array.min() >= 0
    assert x.array.max() <= 1
    assert (dis(x, y).shape, dis(x, y).dtype) == ((3, 1), np.float32)


def test_label_makes_a_difference():
    gen = kim_conditional.Generator(std=0.2, rng=rng(), **SMALL)
    z = rng().uniform(-1, 1, (1, 100)).astype("f").repeat(3, axis=0)
    a, b, c = gen(z, one_hot(2, 2, 7)).array
    np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)
    assert abs(a - c).max() > 0.01


@pytest.mark.parametrize("net", [kim_conditional.Generator, kim_conditional.Discriminator])
@pytest.mark.parametrize("size", [30, 27, 0])
def test_conditional_sizes_are_multiples_of_four(net, size):
    with pytest.raises(ValueError, match=f"size is {size}; the net with labels draws multiples"):
        net(size=size)


@pytest.mark.parametrize("conditional", [False, True], ids=["plain", "conditional"])
def test_both_paths_give_the_same_gradients(conditional):
    labels = [one_hot(1, 2, 3, 9)] if conditional else []
    z = rng().uniform(-1, 1, (4, 100)).astype("f")
    found = []
    for fast in (True, False):
        if conditional:
            gen = kim_conditional.Generator(std=0.1, rng=rng(), **SMALL)
            dis = kim_conditional.Discriminator(std=0.1, rng=rng(), **SMALL_DIS)
        else:
            # An odd edge among even ones: 38 → 19 → 10 → 5 → 3.
            gen = kim.Generator(size=38, gf_dim=4, std=0.1, rng=rng())
            dis = kim.Discriminator(size=38, df_dim=4, std=0.1, rng=rng())
        with illust_gan.config.using(fast=fast):
            y = dis(gen(z, *labels), *labels)
            gen.cleargrads()
            dis.cleargrads()
            F.sigmoid_cross_entropy(y, np.ones(y.shape, "i")).backward()
        found.append({**dict(gen.namedparams("/gen")), **dict(dis.namedparams("/dis"))})
    fast, plain = found
    largest = max(abs(param.grad).max() for param in plain.values())
    for name in plain:
        # A bias before a normalisation has no gradient but rounding.
        scale = max(abs(plain[name].grad).max(), 1e-2 * largest)
        np.testing.assert_allclose(
            fast[name].grad, plain[name].grad, rtol=0, atol=1e-4 * scale, err_msg=name
        )


def test_faces_are_drawn_as_by_any_generator():
    gen = kim.Generator(size=40, gf_dim=4, rng=rng())
    assert illust_gan.generate(gen, 2).shape == (2, 40, 40, 3)
    assert repr(gen).startswith("<Generator of Taehoon Kim's DCGAN: z of 100 → 3×40×40, ")
