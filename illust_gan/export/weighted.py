"""A layer with weights, and what is folded into them: batch normalisation, and labels."""

import dataclasses

import chainer.functions as F
import numpy as np

from illust_gan.functions.switch import config


@dataclasses.dataclass
class Weighted:
    """A fully connected layer or a transposed convolution.

    Attributes:
        name (str): Of the link, such as ``"fc5"``.
        W (numpy.ndarray): float64 (n_out, n_in), or (n_in, n_out, height, width).
        b (numpy.ndarray): float64 (n_out,); (n_out, H, W) of a transposed convolution to H×W pixels
            that adds another number to each of them.
        stride, pad (int): Of a transposed convolution, the same in both directions; None else.
        pad_after (int): What is cut off below and at the right, where ``pad`` is above and at the
            left.
    """

    name: str
    W: np.ndarray
    b: np.ndarray
    stride: int | None = None
    pad: int | None = None
    pad_after: int | None = None

    @property
    def axis(self):
        """int: Of W, the axis of outputs."""
        return 0 if self.stride is None else 1

    def along_outputs(self, values):
        """Return one value for each output, in a shape that W can be multiplied by.

        Args:
            values (numpy.ndarray): (n_out,).
        """
        shape = [1] * self.W.ndim
        shape[self.axis] = -1
        return np.reshape(values, shape)

    def normalize(self, gamma, beta, mean, var, eps):
        """Fold batch normalisation of test mode, which follows the layer.

        It multiplies each channel by γ / √(σ² + eps) and adds a number (Ioffe and Szegedy 2015,
        «Batch Normalization», algorithm 2, lines 10 and 11). The layer does the same with other
        weights and another bias.

        Args:
            gamma, beta, mean, var (numpy.ndarray): float64 (n_out,).
            eps (float): Added to the variance.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = gamma / np.sqrt(var + eps)
            self.W = self.W * self.along_outputs(scale)
            shape = (-1, *[1] * (self.b.ndim - 1))
            scale, beta, mean = (np.reshape(a, shape) for a in (scale, beta, mean))
            self.b = (self.b - mean) * scale + beta

    def take_labels(self, y, size=()):
        """Fold labels beside its input, which are the same for every input and at every pixel.

        What they add is a number for each output of a fully connected layer. A transposed
        convolution adds another one at each pixel: a kernel reaches beyond the border, and with a
        stride neighbours see other parts of it.

        Args:
            y (numpy.ndarray): float64 (n,), what the last n numbers or channels of the input are.
            size (tuple of int): (height, width) of a transposed convolution's input.

        Example:
            >>> step = Weighted("dc", np.ones((3, 1, 4, 4)), np.zeros(1), 2, 1, 1)
            >>> step.take_labels(np.array([0.0, 1.0]), (2, 2))
            >>> step.W.shape, step.b[0].tolist()[:2]
            ((1, 1, 4, 4), [[1.0, 2.0, 2.0, 1.0], [2.0, 4.0, 4.0, 2.0]])
        """
        n = self.W.shape[1 - self.axis] - len(y)
        if self.stride is None:
            self.b = self.b + self.W[:, n:] @ y
            self.W = self.W[:, :n]
            return
        W = np.tensordot(y, self.W[n:], 1)[None]
        cut = self.pad + self.pad_after
        outsize = tuple(self.stride * (i - 1) + k - cut for i, k in zip(size, W.shape[2:]))
        ones = np.ones((1, 1, *size))
        with config.using(fast=False):
            added = F.deconvolution_2d(ones, W, None, self.stride, self.pad, outsize).array[0]
        self.b = self.b[:, None, None] + added
        self.W = self.W[:n]
