"""Taehoon Kim's DCGAN with labels, 28×28, written for TensorFlow.

carpedm20/DCGAN-tensorflow (2016), which draws handwritten digits so: the label y, one-hot, is put
beside the input of every layer. See :mod:`.kim` for the form without labels.
"""

import dataclasses

import chainer
import chainer.functions as F
import chainer.links as L

from illust_gan.nets import kim
from illust_gan.nets.activations import leaky_relu
from illust_gan.nets.beside import beside
from illust_gan.nets.initializers import TruncatedNormal
from illust_gan.nets.kim import EPS, N_HIDDEN, STD, normalization
from illust_gan.nets.labelled_net import LabelledGenerator, LabelledNet
from illust_gan.nets.layers import layer
from illust_gan.nets.same_padding import SameConvolution2D, same_deconvolution

SIZE = 28
N_LABELS = 10


class Generator(LabelledGenerator):
    """Draws pictures from z and labels, by two transposed convolutions of 5×5.

    Each of them doubles height and width, as TensorFlow pads: 7 → 14 → 28.

    Args:
        n_hidden (int): Length of z.
        channels (int): Channels of the picture.
        y_dim (int): How many labels there are.
        size (int): Edge of the picture, a multiple of 4.
        gf_dim (int): Half of the channels before each transposed convolution, labels apart.
        gfc_dim (int): Width of the first layer.
        std (float): Standard deviation of the initial weights.
        eps (float): Added to batch normalisation's variance.
        rng (numpy.random.RandomState): Source of the initial weights; NumPy's global one if
            omitted.

    Raises:
        ValueError: If ``size`` is no multiple of 4; TensorFlow refuses it too.

    Example:
        >>> import numpy as np
        >>> gen = Generator(gf_dim=8, gfc_dim=64, rng=np.random.RandomState(0))
        >>> y = np.eye(10, dtype=np.float32)[[3, 7]]
        >>> gen(np.zeros((2, 100), np.float32), y).shape
        (2, 1, 28, 28)
    """

    article = "Taehoon Kim's DCGAN with labels"
    first = ("g_h0_lin", "g_bn0")

    def __init__(
        self,
        n_hidden=N_HIDDEN,
        channels=1,
        *,
        y_dim=N_LABELS,
        size=SIZE,
        gf_dim=64,
        gfc_dim=1024,
        std=STD,
        eps=EPS,
        rng=None,
    ):
        super().__init__()
        self.n_hidden = n_hidden
        self.channels = channels
        self.y_dim = y_dim
        self.size = size
        self.gf_dim = gf_dim
        self.s4 = s4 = _quarter(size)
        n, n_pixels = 2 * gf_dim, s4 * s4
        W = chainer.initializers.Normal(std, rng=rng)
        with self.init_scope():
            self.g_h0_lin = L.Linear(n_hidden + y_dim, gfc_dim, initialW=W)
            self.g_bn0 = normalization(gfc_dim, eps)
            self.g_h1_lin = L.Linear(gfc_dim + y_dim, n * n_pixels, initialW=W)
            self.g_bn1 = normalization(n * n_pixels, eps)
            self.g_h2 = same_deconvolution(n + y_dim, n, 2 * s4, initialW=W)
            self.g_bn2 = normalization(n, eps)
            self.g_h3 = same_deconvolution(n + y_dim, channels, size, initialW=W)

    def forward(self, z, y=None):
        """Draw pictures.

        Args:
            z (array or chainer.Variable): float32 (N, n_hidden), on [-1, 1].
            y (array or chainer.Variable): float32 (N, y_dim), one-hot; may be omitted of a net of
                one label (see :func:`illust_gan.with_label`).

        Returns:
            chainer.Variable: float32 (N, channels, size, size), on [0, 1] by a sigmoid.

        Raises:
            ValueError: If it is not told which label is meant.
        """
        y = self.labels_of(z, y)
        h = layer(beside(z, y), self.g_h0_lin, self.g_bn0, F.relu)
        h = layer(beside(h, y), self.g_h1_lin, self.g_bn1, F.relu)
        h = F.reshape(h, (len(z), 2 * self.gf_dim, self.s4, self.s4))
        h = layer(beside(h, y), self.g_h2, self.g_bn2, F.relu)
        return layer(beside(h, y), self.g_h3, None, F.sigmoid)


class Discriminator(LabelledNet):
    """Tells pictures of the data set with their labels from generated ones: one logit.

    Args:
        channels (int): Channels of the picture.
        y_dim (int): How many labels there are.
        size (int): Edge of the picture, a multiple of 4.
        df_dim (int): Channels after the second convolution, labels apart.
        dfc_dim (int): Width of the layer before the last.
        std, eps, rng: As for :class:`Generator`.

    Raises:
        ValueError: If ``size`` is no multiple of 4.

    Example:
        >>> import numpy as np
        >>> dis = Discriminator(df_dim=8, dfc_dim=64, rng=np.random.RandomState(0))
        >>> y = np.eye(10, dtype=np.float32)[[3, 7]]
        >>> dis(np.zeros((2, 1, 28, 28), np.float32), y).shape
        (2, 1)
    """

    article = "Taehoon Kim's DCGAN with labels"
    last = "d_h3_lin"

    def __init__(
        self,
        channels=1,
        *,
        y_dim=N_LABELS,
        size=SIZE,
        df_dim=64,
        dfc_dim=1024,
        std=STD,
        eps=EPS,
        rng=None,
    ):
        super().__init__()
        self.channels = channels
        self.y_dim = y_dim
        self.size = size
        n_pixels = _quarter(size) ** 2
        W = TruncatedNormal(std, rng=rng)
        dense_W = chainer.initializers.Normal(std, rng=rng)
        with self.init_scope():
            self.d_h0_conv = SameConvolution2D(channels + y_dim, channels + y_dim, initialW=W)
            self.d_h1_conv = SameConvolution2D(channels + 2 * y_dim, df_dim + y_dim, initialW=W)
            self.d_bn1 = normalization(df_dim + y_dim, eps)
            self.d_h2_lin = L.Linear((df_dim + y_dim) * n_pixels + y_dim, dfc_dim, initialW=dense_W)
            self.d_bn2 = normalization(dfc_dim, eps)
            self.d_h3_lin = L.Linear(dfc_dim + y_dim, 1, initialW=dense_W)

    def forward(self, x, y=None):
        """Judge pictures.

        Args:
            x (array or chainer.Variable): float32 (N, channels, size, size), on [0, 1].
            y (array or chainer.Variable): As for :class:`Generator`.

        Returns:
            chainer.Variable: float32 (N, 1), logits, positive for real.

        Raises:
            ValueError: If it is not told which label is meant.
        """
        y = self.labels_of(x, y)
        h = layer(beside(x, y), self.d_h0_conv, None, leaky_relu)
        h = layer(beside(h, y), self.d_h1_conv, self.d_bn1, leaky_relu)
        h = F.reshape(h, (len(x), -1))
        h = layer(beside(h, y), self.d_h2_lin, self.d_bn2, leaky_relu)
        return layer(beside(h, y), self.d_h3_lin)


def _quarter(size):
    if size % 4 or size < 4:
        raise ValueError(f"size is {size}; the net with labels draws multiples of 4")
    return size // 4


recipe = dataclasses.replace(
    kim.recipe,
    name="kim-conditional",
    article="Taehoon Kim, carpedm20/DCGAN-tensorflow with labels, 2016",
    Generator=Generator,
    Discriminator=Discriminator,
    size=SIZE,
    has_labels=True,
    multiple=4,
    # Its fully connected layers grow with the area: 34 million weights at 64×64.
    most=64,
    # The original's pictures are handwritten digits, in grey; data sets are in RGB.
    size_arguments=lambda size: {"size": size, "channels": 3},
)
