"""``wscale``, ``bias`` and ``use_cudnn`` of Linear, Convolution2D and Deconvolution2D.

Restores ``links/connection/{linear,convolution_2d,deconvolution_2d}.py`` of Chainer 1.5.1, whose
initial weights are drawn from N(0, (wscale·√(1/fan_in))²): one ``numpy.random.seed`` gives the
weights that it gave in 2015. Chainer 2 removed the arguments in favour of ``initialW`` and
``initial_bias``: ``links/connection/linear.py:97``, ``convolution_2d.py:111`` and
``deconvolution_2d.py:129`` of 7.8.1 no longer have them.
"""

import functools

import chainer
import chainer.links as L
import numpy as np

from illust_gan.nets.initializers import WScale

# Link; axis of W over its inputs; number of arguments before wscale; those from it on, in order.
_LINKS = (
    (L.Linear, 1, 2, ("wscale", "bias", "nobias", "initialW", "initial_bias")),
    (
        L.Convolution2D,
        1,
        5,
        ("wscale", "bias", "nobias", "use_cudnn", "initialW", "initial_bias"),
    ),
    (
        L.Deconvolution2D,
        0,
        5,
        ("wscale", "bias", "nobias", "outsize", "use_cudnn", "initialW", "initial_bias"),
    ),
)


def restore():
    """Let the three links take the arguments of Chainer 1."""
    for link, input_axis, n_shared, names in _LINKS:
        link.__init__ = _with_wscale(link.__init__, input_axis, n_shared, names)
        if "use_cudnn" in names:
            link.forward = _with_use_cudnn(link.forward)


def _with_wscale(original, input_axis, n_shared, names):
    @functools.wraps(original)
    def __init__(self, *args, **kwargs):  # noqa: N807 - it becomes the class's
        # Chainer 7 has nobias there, for which no one gives a float.
        if len(args) > n_shared and isinstance(args[n_shared], (float, np.floating)):
            args, old = args[:n_shared], args[n_shared:]
            kwargs.update(zip(names, old))
        wscale = kwargs.pop("wscale", None)
        bias = kwargs.pop("bias", None)
        use_cudnn = kwargs.pop("use_cudnn", True) if "use_cudnn" in names else True
        if wscale is not None and kwargs.get("initialW") is None:
            kwargs["initialW"] = WScale(float(wscale), input_axis=input_axis)
        if bias is not None and kwargs.get("initial_bias") is None:
            kwargs["initial_bias"] = bias
        original(self, *args, **kwargs)
        if not use_cudnn:
            self.use_cudnn = False

    return __init__


def _with_use_cudnn(original):
    @functools.wraps(original)
    def forward(self, x):
        if getattr(self, "use_cudnn", True):
            return original(self, x)
        with chainer.using_config("use_cudnn", "never"):
            return original(self, x)

    return forward
