"""Nobody can tell that a normalised array was not there, or came late."""

import copy
import gc
import pickle
import threading
import weakref

import chainer
import chainer.functions as F
import numpy as np
import pytest

import illust_gan
from tests.functions.arrays import needs_kernels
from tests.functions.normalized import (
    SHAPE,
    assert_all_close,
    both,
    by_activation,
    finished,
    gradients,
    is_unfinished,
    make_layer,
    normalized,
    picture,
)

pytestmark = needs_kernels


@pytest.fixture(autouse=True)
def fast():
    with illust_gan.config.using(fast=True):
        yield


@by_activation
def test_an_activation_does_not_look(activate):
    h = normalized()
    y = activate(h)
    assert is_unfinished(h)
    np.testing.assert_array_equal(y.array, activate(finished()).array)
    np.testing.assert_array_equal(h.array, finished())
    assert h.array is h.array
    assert y.creator_node.inputs[0] is h.node
    assert y.creator_node.inputs[0].creator_node.label == "BatchNormalization"


def test_with_fixed_statistics_too():
    bn = make_layer()
    with chainer.using_config("train", False), chainer.no_backprop_mode():
        h = bn(chainer.Variable(picture()))
        assert is_unfinished(h)
        y = F.relu(h)
        assert is_unfinished(h)
        np.testing.assert_array_equal(y.array, np.maximum(h.array, 0))


LOOKS = {
    "array": lambda h: h.array,
    "data": lambda h: h.data,
    "raw_array": lambda h: h.raw_array,
    "shape": lambda h: h.shape,
    "dtype": lambda h: h.dtype,
    "ndim": lambda h: h.ndim,
    "size": lambda h: h.size,
    "len": len,
    "repr": repr,
    "str": str,
    "debug_print": lambda h: h.debug_print(),
    "item": lambda h: h[0, 0, 0, 0].item(),
    "slice": lambda h: h[1:].array,
    "operator": lambda h: (h + 1).array,
    "function": lambda h: F.tanh(h).array,
    "reshape": lambda h: h.reshape(-1).array,
    "crelu": lambda h: F.crelu(h).array,
    "negative slope": lambda h: F.leaky_relu(h, -0.1).array,
    "negative alpha": lambda h: F.elu(h, -0.1).array,
    "copy": lambda h: copy.copy(h).array,
    "deepcopy": lambda h: copy.deepcopy(h).array,
    "pickle": lambda h: pickle.loads(pickle.dumps(h)).array,
    "retain_data": lambda h: (h.retain_data(), h.node.data)[1],
    "node.retain_data": lambda h: (h.node.retain_data(), h.node.data)[1],
    "to_device": lambda h: (h.to_device("@numpy"), h.array)[1],
    "device": lambda h: h.xp.__name__,
    "F.copy": lambda h: F.copy(h, -1).array,
    "F.forget": lambda h: F.forget(F.relu, h).array,
}


@pytest.mark.parametrize("name", LOOKS)
def test_whoever_looks_sees_the_array(name):
    results = []
    for on in (True, False):
        with illust_gan.config.using(fast=on):
            bn = make_layer()
            h = bn(F.identity(chainer.Variable(picture())))
            assert is_unfinished(h) == on
            results.append((LOOKS[name](h), h.array))
            assert not is_unfinished(h)
    (actual, h), (expected, plain_h) = results
    np.testing.assert_allclose(h, plain_h, rtol=1e-5, atol=1e-6)
    assert h.strides == plain_h.strides
    if isinstance(expected, np.ndarray):
        np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-6)
    elif name not in ("repr", "str", "debug_print", "item"):
        assert actual == expected


def test_the_node_knows_shape_and_type_and_holds_no_array():
    node = normalized().node
    assert (node.shape, node.dtype, node.data) == (SHAPE, np.float32, None)


def test_an_array_that_is_set_counts():
    h = normalized()
    h.array = np.full(SHAPE, -1, np.float32)
    assert (F.relu(h).array == 0).all()
    h.array[...] = 2
    assert (F.relu(h).array == 2).all()


def test_what_is_written_into_the_array_stays():
    h = normalized()
    h.array[...] = 7
    assert (h.array == 7).all()
    assert (F.relu(h).array == 7).all()


@pytest.mark.parametrize("train", [True, False])
def test_parameters_and_statistics_may_change_before_somebody_looks(train):
    def compute():
        bn = make_layer()
        with chainer.using_config("train", train):
            h = bn(F.identity(chainer.Variable(picture())))
        for array in (bn.gamma.array, bn.beta.array, bn.avg_mean, bn.avg_var):
            array += 1
        return [F.relu(h).array, h.array]

    assert_all_close(compute)


def test_a_users_array_may_be_used_again():
    buffer = picture()
    for x in (buffer, chainer.Variable(buffer)):
        buffer[...] = picture()
        h = make_layer()(x)
        with chainer.no_backprop_mode():
            g = make_layer()(buffer)
        buffer[...] = 0
        np.testing.assert_array_equal(h.array, finished())
        np.testing.assert_array_equal(g.array, finished())


def test_debug_mode_finds_nan_where_it_arises():
    x = picture()
    x[0] = np.nan
    before, h = F.identity(chainer.Variable(x)), normalized(x)
    with chainer.using_config("debug", True):
        with pytest.raises(RuntimeError, match="of BatchNormalization"):
            make_layer()(before)
        with pytest.raises(RuntimeError, match="of ReLU"):
            F.relu(h)
    y = F.relu(normalized())
    y.grad = np.full(SHAPE, np.nan, np.float32)
    with chainer.using_config("debug", True), pytest.raises(RuntimeError, match="of ReLU"):
        y.backward()


@by_activation
@pytest.mark.parametrize("since", range(3))
def test_debug_mode_finds_no_nan_where_there_is_none(activate, since):
    def compute():
        bn, x = make_layer(), chainer.Variable(picture())
        h = F.identity(x)
        for i, step in enumerate((bn, activate, F.identity)):
            with chainer.using_config("debug", i >= since):
                h = step(h)
        h.grad = picture(1)
        with chainer.using_config("debug", True):
            h.backward()
        return gradients(bn, x)

    assert_all_close(compute)


class Recorder(chainer.FunctionHook):
    """Keeps copies of all that Chainer shows to a hook."""

    name = "Recorder"

    def __init__(self):
        self.seen = []

    def _record(self, function, in_data, out_grad=()):
        self.seen += [None if a is None else a.copy() for a in (*in_data, *out_grad)]

    forward_preprocess = forward_postprocess = backward_preprocess = backward_postprocess = _record


@by_activation
@pytest.mark.parametrize(
    "when", ["always", "before", "between", "after", "at the layer", "at the activation"]
)
def test_hooks_see_all_arrays(activate, when):
    def compute():
        hook, bn = Recorder(), make_layer()
        x = F.identity(chainer.Variable(picture()))
        if when == "always":
            with hook:
                y = activate(bn(x))
                y.grad = picture(1)
                y.backward()
            return hook.seen
        if when == "before":
            with hook:
                h = bn(x)
            # Whoever measures time finds it where it was spent.
            assert not is_unfinished(h)
        else:
            h = bn(x)
        if when == "between":
            with hook:
                y = activate(h)
        else:
            y = activate(h)
        if when == "at the layer":
            h.creator_node.add_hook(hook)
        if when == "at the activation":
            y.creator_node.add_hook(hook)
        del h
        y.grad = picture(1)
        if when == "after":
            with hook:
                y.backward()
        else:
            y.backward()
        return hook.seen

    assert_all_close(compute)
    assert both(compute)[0]


def test_weak_references_and_memory_end_as_ever():
    gc.disable()
    try:
        x = F.identity(chainer.Variable(picture()))
        with chainer.no_backprop_mode():
            x = F.identity(x)
            h = make_layer()(x)
        reference, array = weakref.ref(h), weakref.ref(x.array)
        y = F.relu(h)
        del x
        assert array() is not None
        assert h.array is not None
        assert array() is None  # nothing is kept once it is computed
        del h
        assert reference() is None
        assert y is not None
    finally:
        gc.enable()


def test_threads_that_look_at_once_see_one_array():
    h = normalized()
    normalize = h._data.normalize
    others = []

    def while_another_thread_looks():
        if not others:
            others.append(None)
            thread = threading.Thread(target=lambda: others.append(h.array))
            thread.start()
            thread.join()
        return normalize()

    h._data.normalize = while_another_thread_looks
    assert h.array is others[1]
