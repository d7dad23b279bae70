"""``use_cudnn`` of functions, ``train`` of dropout, and the links that lay among the functions.

Restores the arguments of ``functions/{activation,connection,loss,noise,pooling}/*.py`` of Chainer
1.5.1, and the names that its ``functions/__init__.py`` kept for code older still (``F.Linear``).
Chainer 2 removed them in favour of ``chainer.config``: ``functions/noise/dropout.py:198`` of 7.8.1
raises an error at ``train``, the others no longer know ``use_cudnn``.

Only the names in ``chainer.functions`` are replaced; Chainer's own modules go on with theirs.
"""

import functools

import chainer
import chainer.functions as F
import chainer.links as L

# Function, and where use_cudnn stood by position, if Chainer 7 takes nothing there.
_USE_CUDNN = {
    "average_pooling_2d": 4,
    "convolution_2d": None,
    "deconvolution_2d": 6,
    "log_softmax": None,
    "max_pooling_2d": None,
    "relu": 1,
    "sigmoid": 1,
    "sigmoid_cross_entropy": None,
    "softmax": None,
    "softmax_cross_entropy": None,
    "spatial_pyramid_pooling_2d": None,
    "tanh": 1,
}

_LINKS = (
    "BatchNormalization",
    "Bilinear",
    "BinaryHierarchicalSoftmax",
    "Convolution2D",
    "EmbedID",
    "Inception",
    "InceptionBN",
    "Linear",
    "NegativeSampling",
    "PReLU",
    "Parameter",
)


def restore():
    """Let the functions take the arguments of Chainer 1, and ``F.Linear`` mean ``L.Linear``."""
    for name, position in _USE_CUDNN.items():
        _replace(name, _with_use_cudnn(getattr(F, name), position))
    _replace("dropout", _with_train(F.dropout))
    for name in _LINKS:
        if not hasattr(F, name):
            setattr(F, name, getattr(L, name))


def _replace(name, function):
    # A pickle says where a function is found; this one is found here only.
    function.__module__, function.__qualname__ = F.__name__, name
    setattr(F, name, function)


def _with_use_cudnn(original, position):
    @functools.wraps(original)
    def function(*args, **kwargs):
        use_cudnn = kwargs.pop("use_cudnn", True)
        if position is not None and len(args) == position + 1:
            args, use_cudnn = args[:position], args[position]
        if use_cudnn:
            return original(*args, **kwargs)
        with chainer.using_config("use_cudnn", "never"):
            return original(*args, **kwargs)

    return function


def _with_train(original):
    @functools.wraps(original)
    def dropout(x, ratio=0.5, *args, **kwargs):
        if args:
            (kwargs["train"],) = args
        if "train" not in kwargs:
            return original(x, ratio, **kwargs)
        with chainer.using_config("train", bool(kwargs.pop("train"))):
            return original(x, ratio, **kwargs)

    return dropout
