"""TensorFlow's variables in files, and what is expected of them."""

import inspect

import numpy as np
import pytest

import illust_gan
from illust_gan.serializers.load import serialized
from illust_gan.serializers.reader import SnapshotError
from illust_gan.serializers.tensorflow_nets import KINDS
from tests.golden_run import GOLDEN


def golden(name):
    """The variables of a golden file, by TensorFlow's names."""
    arrays = np.load(GOLDEN / f"{name}.npz", allow_pickle=False)
    return {k.removeprefix("var:"): v for k, v in arrays.items() if k.startswith("var:")}


def assert_same(a, b):
    a, b = serialized(a), serialized(b)
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)


def save(tmp_path, variables):
    np.savez(tmp_path / "x.npz", **variables)
    return tmp_path / "x.npz"


def as_variables(net):
    """A net's weights by the names and in the layout of TensorFlow."""
    kind = next(kind for kind in KINDS if kind.Net is type(net))
    names = inspect.signature(kind.variables).parameters
    expected = kind.variables(**{name: getattr(net, name) for name in names})
    arrays, found = serialized(net), {}
    for name, variable in expected.items():
        found[name] = np.empty(variable.shape, np.float32)
        # Where each of its numbers goes.
        places = variable.turn(np.arange(found[name].size).reshape(variable.shape))
        found[name].ravel()[places.ravel()] = arrays[variable.path].ravel()
    return found


def write_saver(tf, path, variables, version=2):
    """As the programs of 2016 did, by a Saver; version 1 is one file, as then."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        for name, array in {**variables, "global_step": np.int64(7)}.items():
            tf.compat.v1.get_variable(name, initializer=array)
        session.run(tf.compat.v1.global_variables_initializer())
        saver = tf.compat.v1.train.Saver(write_version=version)
        return saver.save(session, str(path), global_step=1000)


def expect(pattern, file, load=illust_gan.load_tensorflow_generator, **options):
    with pytest.raises(SnapshotError, match=pattern) as caught:
        load(file, **options)
    assert "\n" not in str(caught.value)
