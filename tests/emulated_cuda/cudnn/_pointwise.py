"""The functions of elements that a graph may have, as functions of float32 arrays."""

import numpy as np


def _relu_slope(negative_slope, lower_clip, upper_clip):
    low = 0 if lower_clip is None else lower_clip
    high = np.inf if upper_clip is None else upper_clip
    return negative_slope or 0, low, high


def relu(x, negative_slope=None, lower_clip=None, upper_clip=None):
    """Return ReLU, leaky or clipped."""
    slope, low, high = _relu_slope(negative_slope, lower_clip, upper_clip)
    return np.minimum(np.where(x > low, x, low + slope * (x - low)), high)


def relu_backward(loss, x, negative_slope=None, lower_clip=None, upper_clip=None):
    """Return ReLU's gradient, from its input."""
    slope, low, high = _relu_slope(negative_slope, lower_clip, upper_clip)
    return np.where(x > low, loss, slope * loss) * (x < high)


UNARY = {
    "abs": np.abs,
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "exp": np.exp,
    "identity": lambda x: x,
    "log": np.log,
    "neg": np.negative,
    "reciprocal": lambda x: 1 / x,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "sigmoid": lambda x: np.tanh(x / 2) / 2 + 0.5,
    "softplus": lambda x: np.logaddexp(x, 0),
    "sqrt": np.sqrt,
    "tanh": np.tanh,
}
# The names of their arguments are the frontend's.
BINARY = {
    "add": (("a", "b"), np.add),
    "add_square": (("a", "b"), lambda a, b: a + b * b),
    "bias": (("input", "bias"), np.add),
    "cmp_eq": (("input", "comparison"), np.equal),
    "cmp_ge": (("input", "comparison"), np.greater_equal),
    "cmp_gt": (("input", "comparison"), np.greater),
    "cmp_le": (("input", "comparison"), np.less_equal),
    "cmp_lt": (("input", "comparison"), np.less),
    "cmp_neq": (("input", "comparison"), np.not_equal),
    "div": (("a", "b"), np.divide),
    "max": (("input0", "input1"), np.maximum),
    "min": (("input0", "input1"), np.minimum),
    "mul": (("a", "b"), np.multiply),
    "pow": (("input0", "input1"), np.power),
    "scale": (("input", "scale"), np.multiply),
    "sub": (("a", "b"), np.subtract),
    "elu_backward": (("loss", "input"), lambda g, x: np.where(x > 0, g, g * np.exp(x))),
    "sigmoid_backward": (
        ("loss", "input"),
        lambda g, x: g * UNARY["sigmoid"](x) * (1 - UNARY["sigmoid"](x)),
    ),
    "tanh_backward": (("loss", "input"), lambda g, x: g * (1 - np.tanh(x) ** 2)),
}
REDUCTIONS = {
    "ADD": np.add.reduce,
    "MAX": np.maximum.reduce,
    "MIN": np.minimum.reduce,
    "MUL": np.multiply.reduce,
    "AVG": lambda x, axis, keepdims: x.mean(axis=axis, keepdims=keepdims),
    "AMAX": lambda x, axis, keepdims: np.abs(x).max(axis=axis, keepdims=keepdims),
    "NORM1": lambda x, axis, keepdims: np.abs(x).sum(axis=axis, keepdims=keepdims),
    "NORM2": lambda x, axis, keepdims: np.sqrt((x * x).sum(axis=axis, keepdims=keepdims)),
}
