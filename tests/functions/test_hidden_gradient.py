"""Nobody can tell that a gradient between normalisation and activation is not there."""

import weakref

import chainer
import chainer.functions as F
import numpy as np
import pytest
from chainer.functions.activation.relu import ReLU
from chainer.functions.normalization.batch_normalization import BatchNormalization

import illust_gan
from illust_gan.functions import unfinished
from tests.functions.arrays import needs_kernels
from tests.functions.normalized import (
    assert_all_close,
    by_activation,
    gradients,
    make_layer,
    picture,
)

pytestmark = needs_kernels


@pytest.fixture(autouse=True)
def fast():
    with illust_gan.config.using(fast=True):
        yield


@pytest.fixture
def hidden(monkeypatch):
    """The gradients that were not written."""
    found = []

    def hide(*args):
        gx = plain(*args)
        found.extend([] if gx is None else [gx])
        return gx

    plain = unfinished.hide_gradient
    monkeypatch.setattr(unfinished, "hide_gradient", hide)
    return found


@by_activation
def test_a_gradient_is_hidden_where_nobody_can_see_it(activate, hidden):
    def compute(keep):
        bn, x = make_layer(), chainer.Variable(picture())
        h = bn(F.identity(x))
        y = activate(h)
        if not keep:
            del h
        y.grad = picture(1)
        y.backward()
        return gradients(bn, x)

    assert_all_close(lambda: compute(False))
    assert len(hidden) == 1
    kept = compute(True)
    assert len(hidden) == 1
    # Both ways are the same to the bit.
    for actual, expected in zip(compute(False), kept):
        np.testing.assert_array_equal(actual, expected)


def two_uses(h, activate):
    return [activate(h) + h]


def two_activations(h, activate):
    return [activate(h) * F.elu(h)]


def a_look_between(h, activate):
    y = activate(h)
    assert h.array is not None
    return [y]


def a_look_before(h, activate):
    assert h.array is not None
    return [activate(h)]


@by_activation
@pytest.mark.parametrize("use", [two_uses, two_activations, a_look_between, a_look_before])
def test_gradients_of_several_uses_add_up(use, activate, hidden):
    def compute():
        bn, x = make_layer(), chainer.Variable(picture())
        (y,) = use(bn(F.identity(x)), activate)
        y.grad = picture(1)
        y.backward()
        return gradients(bn, x)

    assert_all_close(compute)
    assert not hidden


@by_activation
def test_the_gradient_between_can_be_asked_for(activate, hidden):
    def compute(ask):
        bn, x = make_layer(), chainer.Variable(picture())
        h = bn(F.identity(x))
        y = activate(h)
        return ask(bn, x, h, y)

    def by_grad(bn, x, h, y):
        g = chainer.grad([y], [h, x, bn.gamma], [chainer.Variable(picture(1))])
        return [variable.array for variable in g]

    def by_retain_grad(bn, x, h, y):
        y.grad = picture(1)
        y.backward(retain_grad=True)
        return [h.grad, *gradients(bn, x)]

    def by_two_starts(bn, x, h, y):
        chainer.backward([y, h], [chainer.Variable(picture(i)) for i in (1, 2)])
        return gradients(bn, x)

    for ask in (by_grad, by_retain_grad, by_two_starts):
        assert_all_close(lambda ask=ask: compute(ask))

    def by_the_nodes_variable():
        bn = make_layer()
        y = activate(bn(F.identity(chainer.Variable(picture()))))
        h = y.creator_node.inputs[0].get_variable()
        return [chainer.grad([y], [h], [chainer.Variable(picture(1))])[0].array]

    assert_all_close(by_the_nodes_variable)
    assert not hidden


@by_activation
def test_backward_twice_and_by_chainer_grad(activate, hidden):
    def compute():
        bn, x = make_layer(), chainer.Variable(picture())
        y = activate(bn(F.identity(x)))
        (first,) = chainer.grad([y], [x], [chainer.Variable(picture(1))])
        (second,) = chainer.grad([y], [bn.gamma], [chainer.Variable(picture(2))])
        y.grad = picture(3)
        y.backward()
        return [first.array, second.array, *gradients(bn, x)]

    assert_all_close(compute)
    assert len(hidden) == 3


@by_activation
def test_gradients_that_have_gradients_are_written(activate, hidden):
    def compute():
        hidden.clear()
        bn, x = make_layer(), chainer.Variable(picture())
        y = activate(bn(F.identity(x)))
        (gx,) = chainer.grad([y], [x], [chainer.Variable(picture(1))], enable_double_backprop=True)
        assert not hidden
        F.sum(gx * gx).backward()
        return [gx.array, x.grad, bn.gamma.grad]

    assert_all_close(compute)


def test_an_unchained_variable_stops_the_way_back():
    def compute():
        bn, x = make_layer(), chainer.Variable(picture())
        h = bn(F.identity(x))
        y = F.relu(h)
        h.unchain()
        del h
        y.grad = picture(1)
        y.backward()
        return gradients(bn, x)

    assert_all_close(compute)


def other_x(x, y):
    x.array = x.array[::-1].copy(order="K")


def other_y(x, y):
    y.array = -y.array


@by_activation
@pytest.mark.parametrize("exchange", [other_x, other_y])
def test_arrays_may_be_exchanged_before_the_way_back(exchange, activate, hidden):
    def compute():
        bn, x = make_layer(), F.identity(chainer.Variable(picture()))
        y = activate(bn(x))
        exchange(x, y)
        inputs = [x, bn.gamma, bn.beta]
        return [g.array for g in chainer.grad([y], inputs, [chainer.Variable(picture(1))])]

    assert_all_close(compute)
    assert not hidden


def test_a_backward_of_somebody_elses_sees_the_gradients(monkeypatch, hidden):
    class GuidedReLU(ReLU):
        def backward(self, indexes, grad_outputs):
            (gx,) = super().backward(indexes, grad_outputs)
            return (F.relu(gx),)

    class Watched(BatchNormalization):
        def backward(self, indexes, grad_outputs):
            seen.append(grad_outputs[0].array.copy())
            return super().backward(indexes, grad_outputs)

    def compute():
        seen.clear()
        bn, x = make_layer(), chainer.Variable(picture())
        y = GuidedReLU().apply((bn(F.identity(x)),))[0]
        h = Watched().apply((F.identity(x), bn.gamma, bn.beta))[0]
        y += F.relu(h)
        del h
        y.grad = picture(1)
        y.backward()
        return [*seen, *gradients(bn, x)]

    seen = []
    assert_all_close(compute)
    plain = ReLU.backward
    monkeypatch.setattr(ReLU, "backward", lambda *args: [-gx for gx in plain(*args)])
    assert_all_close(compute)
    assert not hidden


def test_parameters_may_change_before_the_way_back(hidden):
    def compute():
        bn, x = make_layer(), chainer.Variable(picture())
        y = F.relu(bn(F.identity(x)))
        bn.gamma.array[...] *= -2
        bn.beta.array += 1
        y.grad = picture(1)
        y.backward()
        return gradients(bn, x)

    assert_all_close(compute)
    assert len(hidden) == 1


def test_recomputation_in_backward():
    def compute():
        bn, x = make_layer(), chainer.Variable(picture())
        y = F.forget(lambda x: F.relu(bn(F.identity(x))), x)
        y.grad = picture(1)
        y.backward()
        return [y.array, *gradients(bn, x)]

    assert_all_close(compute)


def test_nothing_of_the_way_back_is_kept(hidden):
    bn = make_layer()
    y = F.relu(bn(F.identity(chainer.Variable(picture()))))
    gy = picture(1)
    reference = weakref.ref(gy)
    chainer.grad([y], [bn.gamma], [chainer.Variable(gy)])
    assert len(hidden) == 1
    hidden.clear()
    del gy
    assert reference() is None
