"""Maccha's DCGAN, 96×96.

«Chainerで顔イラストの自動生成» (December 2015), mattya/chainer-DCGAN. The names are those of its
``DCGAN.py``, so that a snapshot's names fit.
"""

import math

import chainer.functions as F
import chainer.links as L

from illust_gan.nets import losses
from illust_gan.nets.article_net import ArticleNet
from illust_gan.nets.initializers import WScale
from illust_gan.nets.layers import layer
from illust_gan.nets.recipe import Recipe

SIZE = 96
N_HIDDEN = 100
STD = 0.02


class Generator(ArticleNet):
    """Draws 96×96 pictures from z by four transposed convolutions.

    Each of them has ``ksize=4, stride=2, pad=1`` and so doubles height and width:
    6 → 12 → 24 → 48 → 96. The initial weights follow the article's wscale = std·√fan_in.

    Args:
        n_hidden (int): Length of z.
        channels (int): Channels of the picture.
        std (float): Standard deviation of the initial weights.
        eps (float): Added to batch normalisation's variance; 1e-5 in Chainer 1.5.
        rng (numpy.random.RandomState): Source of the initial weights; NumPy's global one if
            omitted.

    Example:
        >>> import numpy as np
        >>> gen = Generator(rng=np.random.RandomState(0))
        >>> gen(np.zeros((2, 100), np.float32)).shape
        (2, 3, 96, 96)
    """

    size = SIZE
    article = "Maccha's DCGAN"
    first = ("l0z", "bn0l")

    def __init__(self, n_hidden=N_HIDDEN, channels=3, *, std=STD, eps=1e-5, rng=None):
        super().__init__()
        self.n_hidden = n_hidden
        self.channels = channels

        def deconvolution(n_in, n_out):
            W = WScale(std * math.sqrt(4 * 4 * n_in), input_axis=0, rng=rng)
            return L.Deconvolution2D(n_in, n_out, ksize=4, stride=2, pad=1, initialW=W)

        with self.init_scope():
            self.l0z = L.Linear(
                n_hidden, 6 * 6 * 512, initialW=WScale(std * math.sqrt(n_hidden), rng=rng)
            )
            self.dc1 = deconvolution(512, 256)
            self.dc2 = deconvolution(256, 128)
            self.dc3 = deconvolution(128, 64)
            self.dc4 = deconvolution(64, channels)
            self.bn0l = L.BatchNormalization(6 * 6 * 512, eps=eps)
            # Declared in the article and used nowhere; every snapshot holds it.
            self.bn0 = L.BatchNormalization(512, eps=eps)
            self.bn1 = L.BatchNormalization(256, eps=eps)
            self.bn2 = L.BatchNormalization(128, eps=eps)
            self.bn3 = L.BatchNormalization(64, eps=eps)

    def forward(self, z):
        """Draw pictures.

        Args:
            z (array or chainer.Variable): float32 (N, n_hidden), on [-1, 1].

        Returns:
            chainer.Variable: float32 (N, channels, 96, 96), meant for [-1, 1] but not bounded:
            whoever shows them clips.
        """
        h = layer(z, self.l0z, self.bn0l, F.relu)
        h = F.reshape(h, (len(z), 512, 6, 6))
        h = layer(h, self.dc1, self.bn1, F.relu)
        h = layer(h, self.dc2, self.bn2, F.relu)
        h = layer(h, self.dc3, self.bn3, F.relu)
        return layer(h, self.dc4)


class Discriminator(ArticleNet):
    """Tells pictures of the data set from generated ones: two logits, class 0 for real.

    Args:
        channels (int): Channels of the picture.
        std, eps, rng: As for :class:`Generator`.
    """

    size = SIZE
    article = "Maccha's DCGAN"
    last = "l4l"

    def __init__(self, channels=3, *, std=STD, eps=1e-5, rng=None):
        super().__init__()
        self.channels = channels

        def convolution(n_in, n_out):
            W = WScale(std * math.sqrt(4 * 4 * n_in), rng=rng)
            return L.Convolution2D(n_in, n_out, ksize=4, stride=2, pad=1, initialW=W)

        with self.init_scope():
            self.c0 = convolution(channels, 64)
            self.c1 = convolution(64, 128)
            self.c2 = convolution(128, 256)
            self.c3 = convolution(256, 512)
            self.l4l = L.Linear(
                6 * 6 * 512, 2, initialW=WScale(std * math.sqrt(6 * 6 * 512), rng=rng)
            )
            # Declared in the article and used nowhere; every snapshot holds it.
            self.bn0 = L.BatchNormalization(64, eps=eps)
            self.bn1 = L.BatchNormalization(128, eps=eps)
            self.bn2 = L.BatchNormalization(256, eps=eps)
            self.bn3 = L.BatchNormalization(512, eps=eps)

    def forward(self, x):
        """Judge pictures.

        Args:
            x (array or chainer.Variable): float32 (N, channels, 96, 96), on [-1, 1].

        Returns:
            chainer.Variable: float32 (N, 2), logits of "real" and "generated".
        """
        h = layer(x, self.c0, None, F.elu)
        h = layer(h, self.c1, self.bn1, F.elu)
        h = layer(h, self.c2, self.bn2, F.elu)
        h = layer(h, self.c3, self.bn3, F.elu)
        return layer(h, self.l4l)


recipe = Recipe(
    name="maccha",
    article="Maccha, «Chainerで顔イラストの自動生成», 2015; mattya/chainer-DCGAN",
    Generator=Generator,
    Discriminator=Discriminator,
    size=SIZE,
    n_hidden=N_HIDDEN,
    std=STD,
    batchsize=100,
    alpha=2e-4,
    beta1=0.5,
    weight_decay=1e-5,
    mirror=True,
    loss_gen=losses.softmax_loss_gen,
    loss_dis=losses.softmax_loss_dis,
)
