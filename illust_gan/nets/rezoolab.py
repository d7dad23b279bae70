"""Rezoolab's DCGAN, 64×64.

«Chainerを使ってコンピュータにイラストを描かせる» (December 2015). Layers are numbered from the
picture upwards, in both nets, and keep the article's names, so that a snapshot's names fit.
"""

import chainer
import chainer.functions as F
import chainer.links as L

from illust_gan.nets import losses
from illust_gan.nets.activations import leaky_relu
from illust_gan.nets.article_net import ArticleNet
from illust_gan.nets.layers import layer
from illust_gan.nets.recipe import Recipe

SIZE = 64
N_HIDDEN = 100
STD = 0.01


class Generator(ArticleNet):
    """Draws 64×64 pictures from z by four transposed convolutions.

    Each of them has ``ksize=4, stride=2, pad=1`` and so doubles height and width:
    4 → 8 → 16 → 32 → 64.

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
        (2, 3, 64, 64)
    """

    size = SIZE
    article = "Rezoolab's DCGAN"
    first = ("fc5", "norm5")

    def __init__(self, n_hidden=N_HIDDEN, channels=3, *, std=STD, eps=1e-5, rng=None):
        super().__init__()
        self.n_hidden = n_hidden
        self.channels = channels
        W = chainer.initializers.Normal(std, rng=rng)
        with self.init_scope():
            self.fc5 = L.Linear(n_hidden, 512 * 4 * 4, initialW=W)
            self.norm5 = L.BatchNormalization(512 * 4 * 4, eps=eps)
            self.conv4 = L.Deconvolution2D(512, 256, ksize=4, stride=2, pad=1, initialW=W)
            self.norm4 = L.BatchNormalization(256, eps=eps)
            self.conv3 = L.Deconvolution2D(256, 128, ksize=4, stride=2, pad=1, initialW=W)
            self.norm3 = L.BatchNormalization(128, eps=eps)
            self.conv2 = L.Deconvolution2D(128, 64, ksize=4, stride=2, pad=1, initialW=W)
            self.norm2 = L.BatchNormalization(64, eps=eps)
            self.conv1 = L.Deconvolution2D(64, channels, ksize=4, stride=2, pad=1, initialW=W)

    def forward(self, z):
        """Draw pictures.

        Args:
            z (array or chainer.Variable): float32 (N, n_hidden), on [-1, 1].

        Returns:
            chainer.Variable: float32 (N, channels, 64, 64), on [-1, 1] by tanh.
        """
        h = layer(z, self.fc5, self.norm5, F.relu)
        h = F.reshape(h, (len(z), 512, 4, 4))
        h = layer(h, self.conv4, self.norm4, F.relu)
        h = layer(h, self.conv3, self.norm3, F.relu)
        h = layer(h, self.conv2, self.norm2, F.relu)
        return layer(h, self.conv1, None, F.tanh)


class Discriminator(ArticleNet):
    """Tells pictures of the data set from generated ones: one logit, positive for real.

    Args:
        channels (int): Channels of the picture.
        std, eps, rng: As for :class:`Generator`.
    """

    size = SIZE
    article = "Rezoolab's DCGAN"
    last = "fc5"

    def __init__(self, channels=3, *, std=STD, eps=1e-5, rng=None):
        super().__init__()
        self.channels = channels
        W = chainer.initializers.Normal(std, rng=rng)
        with self.init_scope():
            self.conv1 = L.Convolution2D(channels, 64, ksize=4, stride=2, pad=1, initialW=W)
            self.conv2 = L.Convolution2D(64, 128, ksize=4, stride=2, pad=1, initialW=W)
            self.norm2 = L.BatchNormalization(128, eps=eps)
            self.conv3 = L.Convolution2D(128, 256, ksize=4, stride=2, pad=1, initialW=W)
            self.norm3 = L.BatchNormalization(256, eps=eps)
            self.conv4 = L.Convolution2D(256, 512, ksize=4, stride=2, pad=1, initialW=W)
            self.norm4 = L.BatchNormalization(512, eps=eps)
            self.fc5 = L.Linear(512 * 4 * 4, 1, initialW=W)

    def forward(self, x):
        """Judge pictures.

        Args:
            x (array or chainer.Variable): float32 (N, channels, 64, 64), on [-1, 1].

        Returns:
            chainer.Variable: float32 (N, 1), logits.
        """
        h = layer(x, self.conv1, None, leaky_relu)
        h = layer(h, self.conv2, self.norm2, leaky_relu)
        h = layer(h, self.conv3, self.norm3, leaky_relu)
        h = layer(h, self.conv4, self.norm4, leaky_relu)
        return layer(h, self.fc5)


recipe = Recipe(
    name="rezoolab",
    article="Rezoolab, «Chainerを使ってコンピュータにイラストを描かせる», 2015",
    Generator=Generator,
    Discriminator=Discriminator,
    size=SIZE,
    n_hidden=N_HIDDEN,
    std=STD,
    batchsize=64,
    alpha=1e-4,
    beta1=0.5,
    weight_decay=0.0,
    mirror=False,
    loss_gen=losses.sigmoid_loss_gen,
    loss_dis=losses.sigmoid_loss_dis,
)
