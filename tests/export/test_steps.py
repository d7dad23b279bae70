import chainer
import chainer.functions as F
import chainer.links as L
import numpy as np
import pytest

from illust_gan.export.errors import ExportError
from illust_gan.export.steps import Activation, Reshape, Weighted, read_steps


class Net(chainer.Chain):
    """Any links, and a function of them and z."""

    def __init__(self, forward, **links):
        super().__init__()
        self.forward = lambda z: forward(self, z)
        with self.init_scope():
            for name, link in links.items():
                setattr(self, name, link)


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


@pytest.mark.parametrize(
    ("forward", "pattern"),
    [
        (lambda net, z: F.sigmoid(net.fc(z)), "has a Sigmoid that export does not know"),
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
