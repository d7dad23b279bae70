import chainer
import chainer.functions as F
import numpy as np
import pytest
from chainer import gradient_check

from illust_gan.nets.activations import leaky_relu

X = np.array([-3, -0.5, -0.0, 0.0, 0.5, 3], np.float32)


def test_is_chainers_everywhere_but_in_the_gradient_at_zero():
    gradients = []
    for function in (leaky_relu, F.leaky_relu):
        x = chainer.Variable(X)
        y = function(x, 0.1)
        np.testing.assert_array_equal(y.array, np.where(X < 0, np.float32(0.1) * X, X))
        F.sum(y).backward()
        gradients.append(x.grad)
    np.testing.assert_array_equal(gradients[0] == gradients[1], X != 0)
    np.testing.assert_array_equal(gradients[0][X == 0], 1)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_keeps_the_type(dtype):
    assert leaky_relu(X.astype(dtype)).dtype == dtype


def test_gradients_of_both_orders():
    rng = np.random.RandomState(0)
    x, gy, ggx = rng.uniform(0.1, 1, (3, 4, 5)) * rng.choice([-1, 1], (3, 4, 5))
    gradient_check.check_backward(leaky_relu, x, gy, dtype=np.float64)
    gradient_check.check_double_backward(leaky_relu, x, gy, ggx, dtype=np.float64)
