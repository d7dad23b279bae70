"""Taehoon Kim's DCGAN, 64×64, written for TensorFlow.

carpedm20/DCGAN-tensorflow (2016), without labels; :mod:`.kim_conditional` is its other form. Links
have the names of that program's variable scopes. Arrays are (N, C, H, W), as everywhere in Chainer;
:mod:`illust_gan.serializers.tensorflow` turns the weights.
"""

import chainer
import chainer.functions as F
import chainer.links as L

from illust_gan.nets import losses
from illust_gan.nets.activations import leaky_relu
from illust_gan.nets.article_net import ArticleNet
from illust_gan.nets.initializers import TruncatedNormal
from illust_gan.nets.layers import layer
from illust_gan.nets.recipe import Recipe
from illust_gan.nets.same_padding import SameConvolution2D, halved, same_deconvolution

SIZE = 64
N_HIDDEN = 100
STD = 0.02
EPS = 1e-5
# TensorFlow's moving variance is of each minibatch's own variance, Chainer's of the unbiased
# estimate (see sugyan.py): in training they drift apart a little, in drawing they mean the same.
DECAY = 0.9


class Generator(ArticleNet):
    """Draws pictures from z by four transposed convolutions of 5×5.

    Each of them doubles height and width, as TensorFlow pads: 4 → 8 → 16 → 32 → 64. Where the
    picture's edge does not halve four times, each of the smaller ones is rounded up, as by the
    original's ``conv_out_size_same``.

    Args:
        n_hidden (int): Length of z.
        channels (int): Channels of the picture.
        size (int): Edge of the picture.
        gf_dim (int): Channels before the last transposed convolution; twice as many are before the
            one below it, and so on.
        std (float): Standard deviation of the initial weights.
        eps (float): Added to batch normalisation's variance.
        rng (numpy.random.RandomState): Source of the initial weights; NumPy's global one if
            omitted.

    Example:
        >>> import numpy as np
        >>> gen = Generator(size=100, gf_dim=8, rng=np.random.RandomState(0))
        >>> gen(np.zeros((2, 100), np.float32)).shape
        (2, 3, 100, 100)
    """

    article = "Taehoon Kim's DCGAN"
    first = ("g_h0_lin", "g_bn0")

    def __init__(
        self, n_hidden=N_HIDDEN, channels=3, *, size=SIZE, gf_dim=64, std=STD, eps=EPS, rng=None
    ):
        super().__init__()
        self.n_hidden = n_hidden
        self.channels = channels
        self.size = size
        self.gf_dim = gf = gf_dim
        self.s16, s8, s4, s2 = sizes(size)
        W = chainer.initializers.Normal(std, rng=rng)
        with self.init_scope():
            self.g_h0_lin = L.Linear(n_hidden, 8 * gf * self.s16**2, initialW=W)
            self.g_bn0 = normalization(8 * gf, eps)
            self.g_h1 = same_deconvolution(8 * gf, 4 * gf, s8, initialW=W)
            self.g_bn1 = normalization(4 * gf, eps)
            self.g_h2 = same_deconvolution(4 * gf, 2 * gf, s4, initialW=W)
            self.g_bn2 = normalization(2 * gf, eps)
            self.g_h3 = same_deconvolution(2 * gf, gf, s2, initialW=W)
            self.g_bn3 = normalization(gf, eps)
            self.g_h4 = same_deconvolution(gf, channels, size, initialW=W)

    def forward(self, z):
        """Draw pictures.

        Args:
            z (array or chainer.Variable): float32 (N, n_hidden), on [-1, 1].

        Returns:
            chainer.Variable: float32 (N, channels, size, size), on [-1, 1] by tanh.
        """
        h = F.reshape(layer(z, self.g_h0_lin), (len(z), 8 * self.gf_dim, self.s16, self.s16))
        h = F.relu(self.g_bn0(h))
        h = layer(h, self.g_h1, self.g_bn1, F.relu)
        h = layer(h, self.g_h2, self.g_bn2, F.relu)
        h = layer(h, self.g_h3, self.g_bn3, F.relu)
        return layer(h, self.g_h4, None, F.tanh)


class Discriminator(ArticleNet):
    """Tells pictures of the data set from generated ones: one logit, positive for real.

    Args:
        channels (int): Channels of the picture.
        size (int): Edge of the picture.
        df_dim (int): Channels after the first convolution; twice as many are after the second, and
            so on.
        std, eps, rng: As for :class:`Generator`.

    Example:
        >>> import numpy as np
        >>> dis = Discriminator(df_dim=8, rng=np.random.RandomState(0))
        >>> dis(np.zeros((2, 3, 64, 64), np.float32)).shape
        (2, 1)
    """

    article = "Taehoon Kim's DCGAN"
    last = "d_h3_lin"

    def __init__(self, channels=3, *, size=SIZE, df_dim=64, std=STD, eps=EPS, rng=None):
        super().__init__()
        self.channels = channels
        self.size = size
        self.df_dim = df = df_dim
        s16 = sizes(size)[0]
        W = TruncatedNormal(std, rng=rng)
        with self.init_scope():
            self.d_h0_conv = SameConvolution2D(channels, df, initialW=W)
            self.d_h1_conv = SameConvolution2D(df, 2 * df, initialW=W)
            self.d_bn1 = normalization(2 * df, eps)
            self.d_h2_conv = SameConvolution2D(2 * df, 4 * df, initialW=W)
            self.d_bn2 = normalization(4 * df, eps)
            self.d_h3_conv = SameConvolution2D(4 * df, 8 * df, initialW=W)
            self.d_bn3 = normalization(8 * df, eps)
            self.d_h3_lin = L.Linear(
                8 * df * s16**2, 1, initialW=chainer.initializers.Normal(std, rng=rng)
            )

    def forward(self, x):
        """Judge pictures.

        Args:
            x (array or chainer.Variable): float32 (N, channels, size, size), on [-1, 1].

        Returns:
            chainer.Variable: float32 (N, 1), logits.
        """
        h = layer(x, self.d_h0_conv, None, leaky_relu)
        h = layer(h, self.d_h1_conv, self.d_bn1, leaky_relu)
        h = layer(h, self.d_h2_conv, self.d_bn2, leaky_relu)
        h = layer(h, self.d_h3_conv, self.d_bn3, leaky_relu)
        return layer(h, self.d_h3_lin)


def sizes(size):
    """Return the edges of all feature maps under a picture, from the smallest.

    Args:
        size (int): Edge of the picture.

    Example:
        >>> sizes(64), sizes(100)
        ((4, 8, 16, 32), (7, 13, 25, 50))
    """
    s2 = halved(size)
    s4 = halved(s2)
    s8 = halved(s4)
    return halved(s8), s8, s4, s2


def normalization(size, eps):
    """Return batch normalisation as this program has it, with gamma and beta."""
    return L.BatchNormalization(size, decay=DECAY, eps=eps)


recipe = Recipe(
    name="kim",
    article="Taehoon Kim, carpedm20/DCGAN-tensorflow, 2016",
    Generator=Generator,
    Discriminator=Discriminator,
    size=SIZE,
    n_hidden=N_HIDDEN,
    std=STD,
    batchsize=64,
    alpha=2e-4,
    beta1=0.5,
    weight_decay=0.0,
    mirror=False,
    loss_gen=losses.sigmoid_loss_gen,
    loss_dis=losses.sigmoid_loss_dis,
    gen_updates=2,
    # Of another size, a snapshot would not tell whether it was rounded up.
    multiple=16,
    size_arguments=lambda size: {"size": size},
)
