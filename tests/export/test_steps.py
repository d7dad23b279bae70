import chainer
import chainer.functions as F
import chainer.links as L
import numpy as np
import pytest

from illust_gan.export.errors import ExportError
from illust_gan.export.steps import Activation, Constant, Reshape, read_steps
from illust_gan.export.weighted import Weighted
from illust_gan.nets.beside import beside

# Two of it, as two z are drawn.
DOG = np.array([[0, 1, 0]] * 2, np.float32)


class Net(chainer.Chain):
    """Any links, and a function of them and z."""

    def __init__(self, forward, **links):
        super().__init__()
        self.forward = lambda z: forward(self, z)
        with self.init_scope():
            for name, link in links.items():
                setattr(self, name, link)


def scale_and_shift(norm):
    """What batch normalisation with eps 0 multiplies by, and adds."""
    arrays = norm.gamma.array, norm.beta.array, norm.avg_mean, norm.avg_var
    gamma, beta, mean, var = (array.astype(float) for array in arrays)
    scale = gamma / np.sqrt(var)
    return scale, beta - mean * scale


def test_a_small_net_is_read_in_order():
    net = Net(
        lambda net, z: F.tanh(net.up(F.reshape(F.relu(net.fc(z)), (len(z), 2, 1, 1)))),
        fc=L.Linear(3, 2),
        up=L.Deconvolution2D(2, 1, 4, 2, 1, nobias=True),
    )
    fc, relu, reshape, up, tanh = read_steps(net, 3)
    assert isinstance(fc, Weighted)
    assert (fc.name, fc.stride, up.name, up.stride, up.pad) == ("fc", None, "up", 2, 1)
    np.testing.assert_array_equal(fc.W, net.fc.W.array)
    np.testing.assert_array_equal(up.W, net.up.W.array)
    np.testing.assert_array_equal(up.b, [0])
    assert (relu, reshape, tanh) == (Activation("Relu"), Reshape((2, 1, 1)), Activation("Tanh"))


def test_normalisation_is_folded_in_float64():
    net = Net(lambda net, z: net.norm(net.fc(z)), fc=L.Linear(1, 2), norm=L.BatchNormalization(2))
    net.norm.eps = 0
    net.fc.W.array[...] = [[3], [5]]
    net.fc.b.array[...] = [1, 2]
    net.norm.gamma.array[...] = [2, 1]
    net.norm.beta.array[...] = [7, 0]
    net.norm.avg_mean[...] = [5, 2]
    net.norm.avg_var[...] = [4, 2]
    (step,) = read_steps(net, 1)
    np.testing.assert_array_equal(step.W, [[3], [5 / np.sqrt(2)]])
    np.testing.assert_array_equal(step.b, [3, 0])


def test_labels_are_folded_into_the_layer_behind_them():
    rng = np.random.RandomState(0)

    def forward(net, z):
        h = net.norm(net.fc(beside(z, DOG)))
        h = F.relu(F.reshape(h, (len(z), 2, 1, 1)))
        return F.sigmoid(net.dc_norm(net.dc(beside(h, DOG))))

    net = Net(
        forward,
        fc=L.Linear(6, 2),
        norm=L.BatchNormalization(2),
        dc=L.Deconvolution2D(5, 1, 4, 2, 1, initial_bias=3),
        dc_norm=L.BatchNormalization(1),
    )
    for norm in (net.norm, net.dc_norm):
        norm.eps = 0
        for array in (norm.gamma.array, norm.beta.array, norm.avg_mean, norm.avg_var):
            array[...] = rng.uniform(1, 2, array.shape)
    fc, _, _, dc, last = read_steps(net, 3)
    scale, shift = scale_and_shift(net.norm)
    W = net.fc.W.array.astype(float)
    np.testing.assert_allclose(fc.W, W[:, :3] * scale[:, None], rtol=1e-12)
    np.testing.assert_allclose(fc.b, W[:, 4] * scale + shift, rtol=1e-12)
    scale, shift = scale_and_shift(net.dc_norm)
    W = net.dc.W.array.astype(float)
    np.testing.assert_allclose(dc.W, W[:2] * scale, rtol=1e-12)
    # One pixel becomes four, by the middle of the kernel.
    np.testing.assert_allclose(dc.b, (W[3, :, 1:3, 1:3] + 3) * scale + shift, rtol=1e-12)
    assert np.ptp(dc.b) > 0.01
    assert last == Activation("Sigmoid")


def test_pictures_are_brought_to_minus_1_to_1():
    net = Net(lambda net, z: net.fc(z), fc=L.Linear(1, 2))
    assert len(read_steps(net, 1)) == 1
    net.low = 0
    assert read_steps(net, 1)[1:] == [Constant("Mul", 2), Constant("Add", -1)]


@pytest.mark.parametrize(
    ("forward", "pattern"),
    [
        (lambda net, z: F.softplus(net.fc(z)), "has a Softplus that export does not know"),
        (lambda net, z: net.fc(z) + DOG[0], r"has a _ \+ _ that export does not know"),
        (lambda net, z: beside(F.relu(beside(net.fc(z), DOG)), DOG), "labels beside what is no in"),
        (lambda net, z: beside(net.fc(z), DOG), "labels beside what is no input of Linear or"),
        (lambda net, z: net.nine(beside(beside(z, DOG), DOG)), "labels beside what is no input of"),
        (lambda net, z: net.five(beside(z, np.eye(2, dtype="f"))), "another label beside each in"),
        (lambda net, z: beside(z, net.fc(z)), "Beside joins two branches"),
        (lambda net, z: net.fc(z) + net.fc(z), r"_ \+ _ joins two branches"),
        (lambda net, z: net.norm(z), "normalises what no Linear or Deconvolution2D gave it"),
        (lambda net, z: net.norm(F.relu(net.fc(z))), "normalises what no Linear"),
        (lambda net, z: net.fc(z.array), "the pictures do not depend on z"),
        (lambda net, z: F.reshape(net.fc(z), (1, 6)), "has a Reshape that export does not know"),
        (
            lambda net, z: net.wide(F.reshape(net.fc(z), (2, 3, 1, 1))),
            "has a Deconvolution2DFunction that export does not know",
        ),
    ],
)
def test_what_is_no_sequence_of_known_steps_is_refused(forward, pattern):
    net = Net(
        forward,
        fc=L.Linear(3, 3),
        norm=L.BatchNormalization(3),
        wide=L.Deconvolution2D(3, 1, 4, (2, 1), 1),
        five=L.Linear(5, 3),
        nine=L.Linear(9, 3),
    )
    with pytest.raises(ExportError, match=pattern):
        read_steps(net, 3)


def test_training_is_left_as_it_was():
    net = Net(lambda net, z: net.norm(net.fc(z)), fc=L.Linear(1, 2), norm=L.BatchNormalization(2))
    before = net.norm.avg_var.copy()
    read_steps(net, 1)
    np.testing.assert_array_equal(net.norm.avg_var, before)
    assert net.norm.N == 0
    assert chainer.config.train
