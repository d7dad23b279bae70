"""Losses on the device are those of Chainer's functions."""

import chainer
import chainer.functions as F
import numpy as np
import pytest

import illust_gan
from illust_gan.functions.cuda import losses

pytestmark = pytest.mark.gpu

SIZES = [1, 7, 511, 512, 513, 2048, 3001]
KINDS = {
    "sigmoid": (F.sigmoid_cross_entropy, losses.sigmoid_cross_entropy),
    "softmax": (F.softmax_cross_entropy, losses.softmax_cross_entropy),
}


def logits(kind, n, classes=2, seed=0):
    """Logits, some of them extreme, and labels, some of them to be ignored."""
    rng = np.random.RandomState(seed)
    shape = (n, 1 if kind == "sigmoid" else classes)
    x = (rng.randn(*shape) * 3).astype("f")
    x[rng.rand(*shape) < 0.1] = 100
    x[rng.rand(*shape) < 0.1] = -100
    t = rng.randint(-1, 2 if kind == "sigmoid" else classes, size=n).astype("i")
    return x, t.reshape(shape) if kind == "sigmoid" else t


def on_device(array, dtype=None):
    import cupy

    return cupy.asarray(array.astype(dtype or array.dtype))


def compare(kind, x, t, normalize=True, gy=1.0, **options):
    """Loss and gradient, of the device and of Chainer in float64."""
    chainers, ours = KINDS[kind]
    variable = chainer.Variable(x.astype("d"))
    with illust_gan.config.using(fast=False):
        expected = chainers(variable, t, normalize=normalize, **options)
        expected.grad = np.asarray(gy, "d")
        expected.backward()

    x, t = on_device(x), on_device(t)
    loss, count = ours(x, t, normalize=normalize, **options)
    gradient = getattr(losses, ours.__name__ + "_gradient")
    gx = gradient(x, t, on_device(np.asarray(gy, "f")), count, **options)
    assert loss.shape == count.shape == ()
    assert loss.dtype == count.dtype == np.float32
    np.testing.assert_allclose(loss.get(), expected.array, rtol=1e-6)
    # Label and logit may all but cancel out, in Chainer's form as in ours.
    cancelled = 3e-7 * gy / count.get()
    np.testing.assert_allclose(gx.get(), variable.grad, rtol=1e-6, atol=cancelled)


@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("kind", KINDS)
def test_losses_and_gradients(kind, n, normalize):
    compare(kind, *logits(kind, n), normalize, gy=0.75)


@pytest.mark.parametrize("classes", [1, 3, 8])
def test_other_numbers_of_classes(classes):
    compare("softmax", *logits("softmax", 300, classes))


def test_sigmoids_of_another_shape():
    x, t = logits("sigmoid", 600)
    compare("sigmoid", x.reshape(20, 6, 5), t.reshape(20, 6, 5), normalize=False)


def test_another_label_is_ignored():
    x, t = logits("softmax", 100)
    compare("softmax", x, np.where(t < 0, 9, t).astype("i"), ignore_label=9)


@pytest.mark.parametrize("kind", KINDS)
def test_all_labels_are_ignored(kind):
    x, t = logits(kind, 5)
    compare(kind, x, np.full_like(t, -1))


@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("kind", KINDS)
def test_one_label_for_all(kind, label):
    x, t = logits(kind, 700)
    x, t = on_device(x), on_device(np.full_like(t, label))
    ours = KINDS[kind][1]
    gradient = getattr(losses, ours.__name__ + "_gradient")
    gy = on_device(np.float32([2]))
    (loss, count), (expected, _) = ours(x, label), ours(x, t)
    assert loss.get().tobytes() == expected.get().tobytes()
    assert count.get() == 700
    assert (
        gradient(x, label, gy, count).get().tobytes() == gradient(x, t, gy, count).get().tobytes()
    )


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("kind", KINDS)
def test_logits_of_16_bits(kind, dtype):
    dtype = np.dtype(dtype) if dtype == "float16" else pytest.importorskip("ml_dtypes").bfloat16
    x, t = logits(kind, 600)
    x = x.astype(dtype)
    ours = KINDS[kind][1]
    gradient = getattr(losses, ours.__name__ + "_gradient")
    gy, t = on_device(np.float32([1024])), on_device(t)
    wide = on_device(x.astype("f"))
    loss, count = ours(on_device(x), t)
    np.testing.assert_allclose(loss.get(), ours(wide, t)[0].get(), rtol=1e-6)
    gx, expected = gradient(on_device(x), t, gy, count), gradient(wide, t, gy, count)
    assert gx.dtype == dtype
    half_a_step = 2.0**-11 if dtype == np.float16 else 2.0**-8
    limits = {"rtol": 1.001 * half_a_step, "atol": 2.0**-25}
    np.testing.assert_allclose(gx.get().astype("f"), expected.get(), **limits)


@pytest.mark.parametrize("kind", KINDS)
def test_no_logits(kind):
    x, t = logits(kind, 0)
    loss, count = KINDS[kind][1](on_device(x), on_device(t))
    assert (loss.get(), count.get()) == (0, 1)


@pytest.mark.parametrize("t", [2, -2, 1 << 30])
def test_a_label_that_is_no_class(t):
    x = on_device(np.zeros((5, 2), "f"))
    loss, _ = losses.softmax_cross_entropy(x, on_device(np.int32([0, 1, t, 0, 1])))
    assert np.isnan(loss.get())


@pytest.mark.parametrize("kind", KINDS)
def test_losses_are_repeated_to_the_bit(kind):
    x, t = (on_device(array) for array in logits(kind, 2000))
    assert len({KINDS[kind][1](x, t)[0].get().tobytes() for _ in range(3)}) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_labels_that_do_not_fit(kind):
    x, t = (on_device(array) for array in logits(kind, 6))
    with pytest.raises(ValueError, match="int64"):
        KINDS[kind][1](x, t.astype("q"))
    with pytest.raises(ValueError, match=r"wanted int32 \(6,"):
        KINDS[kind][1](x, t[:5])
    with pytest.raises(ValueError, match="strides"):
        KINDS[kind][1](x[::2], t[:3])
