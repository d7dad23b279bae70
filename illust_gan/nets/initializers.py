"""Initial weights by rules that Chainer 7 does not have: Chainer 1's, and one of TensorFlow's."""

import math

import numpy as np
from chainer import backend, initializer


class WScale(initializer.Initializer):
    """Normal initializer with the standard deviation of Chainer 1's ``wscale`` argument.

    Each weight is drawn from :math:`N(0, \\sigma^2)` with
    :math:`\\sigma = \\mathrm{wscale}\\sqrt{1 / \\mathrm{fan_{in}}}`, where ``fan_in`` is the number
    of inputs that one output sees: the input size of a linear link, kh·kw·C_in of a convolution
    *and* of a deconvolution (Chainer 1.5, ``links/connection/{linear,convolution_2d,
    deconvolution_2d}.py``). Chainer 7's own initializers count kh·kw·C_out for a deconvolution,
    whose weight is stored as (C_in, C_out, kh, kw), so they cannot repeat the rule.

    The numbers are drawn on the host, so that one seed gives one net on every device.

    Args:
        wscale (float): Scale; 1 is Chainer 1's default.
        input_axis (int): Axis of the weight which runs over the inputs: 1 for ``L.Linear``
            (out, in) and ``L.Convolution2D`` (C_out, C_in, kh, kw), 0 for ``L.Deconvolution2D``
            (C_in, C_out, kh, kw).
        rng (numpy.random.RandomState): Source of the numbers; NumPy's global one if omitted, as
            in Chainer.
        dtype: Type of the weight that a link makes; ``chainer.config.dtype`` if omitted.

    Example:
        >>> import numpy as np
        >>> w = np.empty((512, 256, 4, 4), np.float32)  # a deconvolution from 512 channels
        >>> WScale(0.02 * math.sqrt(4 * 4 * 512), input_axis=0, rng=np.random.RandomState(0))(w)
        >>> round(float(w.std()), 4)
        0.02
    """

    def __init__(self, wscale=1.0, *, input_axis=1, rng=None, dtype=None):
        super().__init__(dtype)
        self.wscale = wscale
        self.input_axis = input_axis
        self.rng = rng

    def __call__(self, array):
        """Fill ``array``, of two or more axes, in place."""
        fan_in = array.shape[self.input_axis] * math.prod(array.shape[2:])
        std = self.wscale * math.sqrt(1 / fan_in)
        rng = np.random if self.rng is None else self.rng
        drawn = rng.normal(0.0, std, array.shape).astype(array.dtype)
        backend.copyto(array, drawn)


class TruncatedNormal(initializer.Initializer):
    """Normal initializer without outliers: TensorFlow's ``truncated_normal_initializer``.

    Numbers that lie further than two standard deviations from 0 are drawn again, so that what is
    left deviates by 0.88 times ``scale``. They are drawn on the host.

    Args:
        scale (float): Standard deviation of the normal distribution.
        rng (numpy.random.RandomState): Source of the numbers; NumPy's global one if omitted.
        dtype: Type of the weight that a link makes; ``chainer.config.dtype`` if omitted.

    Example:
        >>> import numpy as np
        >>> w = np.empty((64, 3, 5, 5), np.float32)
        >>> TruncatedNormal(0.02, rng=np.random.RandomState(0))(w)
        >>> bool(abs(w).max() <= 0.04), round(float(w.std()), 3)
        (True, 0.018)
    """

    def __init__(self, scale=0.05, *, rng=None, dtype=None):
        super().__init__(dtype)
        self.scale = scale
        self.rng = rng

    def __call__(self, array):
        """Fill ``array`` in place."""
        rng = np.random if self.rng is None else self.rng
        drawn = rng.normal(0.0, self.scale, array.shape)
        while (outside := np.abs(drawn) > 2 * self.scale).any():
            drawn[outside] = rng.normal(0.0, self.scale, outside.sum())
        backend.copyto(array, drawn.astype(array.dtype))
