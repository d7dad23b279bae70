"""Activation functions and their derivatives by NumPy, as Chainer defines them."""

import numpy as np

from illust_gan.functions.cuda.activation import (
    ELU,
    IDENTITY,
    LEAKY_RELU,
    LEAKY_RELU_OF_2015,
    RELU,
    TANH,
)

KINDS = (
    (IDENTITY, 0.0),
    (RELU, 0.0),
    (LEAKY_RELU, 0.2),
    (ELU, 0.8),
    (LEAKY_RELU_OF_2015, 0.2),
    (TANH, 0.0),
)


def activated(x, kind, slope):
    negative = {
        IDENTITY: lambda: x,
        RELU: lambda: np.zeros_like(x),
        LEAKY_RELU: lambda: slope * x,
        LEAKY_RELU_OF_2015: lambda: slope * x,
        ELU: lambda: slope * np.expm1(np.minimum(x, 0)),
        TANH: lambda: np.tanh(x),
    }[kind]()
    return np.tanh(x) if kind == TANH else np.where(x > 0, x, negative)


def derivative(x, kind, slope):
    negative = {
        IDENTITY: lambda: 1,
        RELU: lambda: 0,
        LEAKY_RELU: lambda: slope,
        LEAKY_RELU_OF_2015: lambda: np.where(x == 0, 1, slope),
        ELU: lambda: slope * np.exp(np.minimum(x, 0)),
        TANH: lambda: 1,
    }[kind]()
    return 1 - np.tanh(x) ** 2 if kind == TANH else np.where(x > 0, 1, negative)
