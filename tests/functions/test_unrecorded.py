"""Functions without a graph do as Chainer's own, with nobody able to tell."""

import threading

import chainer
import chainer.functions as F
import numpy as np
import pytest
from chainer.functions.activation.elu import ELU
from chainer.functions.activation.leaky_relu import LeakyReLU
from chainer.functions.activation.relu import ReLU
from chainer.utils import type_check

import illust_gan
from tests.functions.arrays import needs_kernels
from tests.functions.normalized import is_unfinished

X = np.arange(-6, 6, dtype=np.float32).reshape(3, 4)


@pytest.fixture(autouse=True)
def fast():
    with illust_gan.config.using(fast=True):
        yield


@pytest.fixture
def long_ways(monkeypatch):
    """How often Chainer's own apply has been under way, as a list."""
    calls = []
    check = chainer.is_arrays_compatible
    monkeypatch.setattr(chainer, "is_arrays_compatible", lambda a: calls.append(a) or check(a))
    return calls


class Doubled(chainer.FunctionNode):
    """2x; or, to a test, whatever ``answer`` makes of the inputs."""

    def __init__(self, answer=lambda inputs: (2 * inputs[0],), **attributes):
        self.answer = answer
        vars(self).update(attributes)

    def check_type_forward(self, in_types):
        type_check.expect(in_types.size() == 1, in_types[0].dtype.kind == "f")

    def forward(self, inputs):
        self.retain_inputs((0,))
        self.retain_outputs(())
        return self.answer(inputs)


def unrecorded(work, fast=True):
    """Do some work without a graph, on the short way or not; return what it returns or raises."""
    with illust_gan.config.using(fast=fast), chainer.no_backprop_mode():
        try:
            return work()
        except Exception as error:
            return error


def assert_same(work, long_ways=None):
    found, expected = unrecorded(work), unrecorded(work, fast=False)
    assert type(found) is type(expected)
    assert str(found) == str(expected)
    return found


STATE = (
    *("inputs", "outputs", "rank", "stack", "_input_layouts", "_output_layouts", "_output_count"),
    *("_input_indexes_to_retain", "_output_indexes_to_retain", "_retained_output_data"),
    *("lazy_grad_sum", "_local_function_hooks", "_is_chainerx_fallback_mode"),
)


@pytest.mark.parametrize("requires_grad", [True, False])
def test_variables_and_function_are_as_chainer_leaves_them(requires_grad, long_ways):
    def work():
        function = Doubled()
        (y,) = function.apply((chainer.Variable(X, requires_grad=requires_grad, name="x"),))
        node = y.node
        return (
            *(y.array.tolist(), y.dtype, y.requires_grad, y.creator, y.grad, y.name, y.layout),
            *(node.shape, node.dtype, node.requires_grad, node.data, node.get_variable() is y),
            *(y.xp is np, y.device, sorted(vars(y)), sorted(vars(node))),
            *(getattr(function, name) for name in STATE),
        )

    found = unrecorded(work)
    assert not long_ways
    assert found == unrecorded(work, fast=False)
    assert len(long_ways) == 2
    assert found[2] == requires_grad


class OwnReLU(ReLU):
    """ReLU of one's own; it may look at what it is given."""


@needs_kernels
@pytest.mark.parametrize("make", [ReLU, ELU, LeakyReLU, OwnReLU])
@pytest.mark.parametrize("requires_grad", [True, False])
def test_activations_of_what_has_been_put_off(make, requires_grad):
    def work():
        x = chainer.Variable(X, requires_grad=requires_grad)
        h = F.fixed_batch_normalization(x, *map(np.float32, ([1] * 4, [0] * 4, [0] * 4, [1] * 4)))
        function = make()
        (y,) = function.apply((h,))
        state = tuple(getattr(function, name) for name in STATE)
        return is_unfinished(h), state, y.requires_grad, y.array, h.array

    waited, *found = unrecorded(work)
    assert waited
    waited, *expected = unrecorded(work, fast=False)
    assert not waited
    assert found[:2] == expected[:2]
    for actual, desired in zip(found[2:], expected[2:]):
        np.testing.assert_allclose(actual, desired, rtol=1e-6)


def test_of_arrays_and_variables_together(long_ways):
    x, bare = chainer.Variable(X), X[:, :1]
    assert unrecorded(lambda: F.linear(x, X)).requires_grad
    assert not unrecorded(lambda: F.linear(X, X)).requires_grad
    assert unrecorded(lambda: F.concat([bare, x], axis=1)).requires_grad
    y, z = unrecorded(lambda: F.split_axis(x, 2, axis=1))
    np.testing.assert_array_equal(np.hstack([y.array, z.array]), X)
    assert not long_ways


@pytest.mark.parametrize(
    "work",
    [
        lambda: Doubled().apply((X.astype(int),)),
        lambda: Doubled().apply((X, X)),
        lambda: F.reshape(X, (5, 5)),
        lambda: F.reshape(X, (-1, 5)),
        lambda: F.relu(X.astype(int)),
        lambda: F.linear(X, X.T),
        lambda: F.linear(X, X, X[0].astype("d")),
        lambda: F.concat([X, X.astype("d")]),
        lambda: F.deconvolution_2d(X, X),
        lambda: F.fixed_batch_normalization(X, X[0], X[0], X[0], X[0, :1]),
    ],
)
def test_wrong_types_are_told_in_the_same_words(work):
    found = assert_same(work)
    assert isinstance(found, type_check.InvalidType)
    assert "(Forward)" in str(found)


def test_types_are_not_checked_where_that_is_switched_off():
    with chainer.using_config("type_check", False):
        (y,) = unrecorded(lambda: Doubled().apply((np.arange(3),)))
    assert y.array.tolist() == [0, 2, 4]


@pytest.mark.parametrize(
    "answer",
    [
        lambda inputs: 2 * inputs[0],
        lambda inputs: [2 * inputs[0]],
        lambda inputs: (2.0,),
        lambda inputs: (inputs[0].sum(),),
        lambda inputs: (inputs[0], "no array"),
    ],
)
@pytest.mark.parametrize("is_elementwise", [True, False])
def test_wrong_outputs_are_told_in_the_same_words(answer, is_elementwise):
    work = Doubled(answer, is_elementwise=is_elementwise).apply
    found = assert_same(lambda: work((X,)))
    assert isinstance(found, Exception)


def test_outputs_of_an_elementwise_function_have_one_shape():
    def work():
        return Doubled(lambda inputs: (*inputs, inputs[0][:1]), is_elementwise=True).apply((X,))

    assert "different shapes" in str(assert_same(work))


def test_outputs_that_are_seldom(tmp_path):
    mapped = np.memmap(tmp_path / "x", np.float32, "w+", shape=3)

    def work(function):
        outputs = function.apply((X,))
        return [y.array is None or type(y.array) for y in outputs], function._output_count

    for answer in ((), (X, None), (None,), (mapped, X), (np.float32([2]).reshape(()),)):
        function = Doubled(lambda inputs, answer=answer: answer)
        found = unrecorded(lambda function=function: work(function))
        assert found == unrecorded(
            lambda answer=answer: work(Doubled(lambda inputs: answer)), fast=False
        )
        assert function._input_indexes_to_retain == (0,)
        assert "forward" not in vars(function)


def test_inputs_that_are_seldom(tmp_path):
    mapped = np.memmap(tmp_path / "x", np.float32, "w+", shape=3)
    for inputs in ((), (None,), ("x",), (X.tolist(),), [X], (mapped,), (chainer.Parameter(),)):
        assert_same(lambda inputs=inputs: Doubled().apply(inputs))


def test_errors_of_the_function_itself():
    assert isinstance(assert_same(lambda: Doubled(lambda inputs: 1 / 0).apply((X,))), Exception)


def test_an_elementwise_function_is_applied_once_only():
    function = Doubled(is_elementwise=True)
    unrecorded(lambda: function.apply((X,)))
    assert isinstance(unrecorded(lambda: function.apply((X,))), AssertionError)


class Seen(chainer.FunctionHook):
    name = "seen"

    def __init__(self):
        self.seen = []

    def forward_preprocess(self, function, in_data):
        self.seen.append(("before", function.label, in_data[0].shape))

    def forward_postprocess(self, function, in_data):
        self.seen.append(("after", function.label, in_data[0].shape))


SEEN = [("before", "Doubled", (3, 4)), ("after", "Doubled", (3, 4))]


def test_hooks_of_all_functions():
    hook = Seen()
    with hook:
        unrecorded(lambda: Doubled().apply((X,)))
    assert hook.seen == SEEN
    unrecorded(lambda: Doubled().apply((X,)))
    assert hook.seen == SEEN


def test_hooks_of_one_function():
    function, hook = Doubled(), Seen()
    function.add_hook(hook)
    unrecorded(lambda: function.apply((X,)))
    assert hook.seen == SEEN


def test_debug_mode_looks_for_nan_and_keeps_the_stack():
    function = Doubled()
    with chainer.using_config("debug", True):
        found = unrecorded(lambda: function.apply((X * np.nan,)))
    assert "NaN is detected on forward computation of Doubled" in str(found)
    assert function.stack


def test_a_graph_is_recorded_where_one_is_wanted(long_ways):
    x = chainer.Variable(X)
    (y,) = Doubled().apply((x,))
    assert y.creator_node.inputs == (x.node,)
    assert len(long_ways) == 2
    with chainer.no_backprop_mode(), chainer.force_backprop_mode():
        assert Doubled().apply((x,))[0].creator_node is not None
    assert unrecorded(lambda: Doubled().apply((x,))[0].creator_node) is None


def test_each_thread_has_its_own_way():
    with chainer.no_backprop_mode():
        found = []
        thread = threading.Thread(target=lambda: found.append(Doubled().apply((X,))[0].creator))
        thread.start()
        thread.join()
        assert Doubled().apply((X,))[0].creator is None
    assert found[0].label == "Doubled"


def test_layouts_are_looked_at():
    class Choosy(Doubled):
        def check_layout_forward(self, inputs):
            self.given = inputs

    function = Choosy()
    unrecorded(lambda: function.apply((X,)))
    assert [type(x) for x in function.given] == [chainer.Variable]
    with chainer.using_config("compute_mode", "cudnn_fast"):
        x = chainer.Variable(np.zeros((2, 3, 4, 5), "f")).as_layout(
            chainer.memory_layouts.CUDNN_CHANNEL_LAST_X
        )
    assert "non-standard layouts" in str(assert_same(lambda: Doubled().apply((x,))))


def test_a_mocked_check_of_layouts_is_asked():
    function = Doubled()
    function.check_layout_forward = lambda inputs: 1 / 0
    assert isinstance(unrecorded(lambda: function.apply((X,))), ZeroDivisionError)


def test_functions_of_the_old_kind():
    class Old(chainer.Function):
        def forward(self, inputs):
            return (inputs[0] + 1,)

    y = unrecorded(lambda: Old()(X))
    np.testing.assert_array_equal(y.array, X + 1)


def test_forgetting_and_computing_again():
    x = chainer.Variable(X)
    y = F.forget(lambda x: F.relu(x * 2), x)
    y.grad = np.ones_like(X)
    y.backward()
    np.testing.assert_array_equal(x.grad, 2 * (X > 0))
