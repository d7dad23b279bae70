"""sugyan's DCGAN of idols' faces, 64×64 or 96×96, written for TensorFlow.

«TensorFlowによるDCGANでアイドルの顔画像生成» (2016); sugyan/tf-dcgan, as of 12 August 2016, when it
was made of ``tf.contrib.layers``. Links have the names of that program's variable scopes. Arrays
are (N, C, H, W), as everywhere in Chainer; :mod:`illust_gan.serializers.tensorflow` turns the
weights.
"""

import functools

import chainer
import chainer.functions as F
import chainer.links as L
import numpy as np

from illust_gan.nets import losses
from illust_gan.nets.activations import leaky_relu
from illust_gan.nets.article_net import ArticleNet
from illust_gan.nets.initializers import TruncatedNormal
from illust_gan.nets.layers import layer
from illust_gan.nets.recipe import Recipe
from illust_gan.nets.same_padding import SameConvolution2D, same_deconvolution

SIZE = 64
N_HIDDEN = 100
# Of tf.contrib.layers.batch_norm. It normalises without a gamma, and its layers are without a bias.
EPS = 1e-3
DECAY = 0.999
# Minibatches behind which it is no less.
SETTLED = 8990


class Generator(ArticleNet):
    """Draws pictures from z by four transposed convolutions of 5×5.

    Each of them doubles height and width, as TensorFlow pads: 4 → 8 → 16 → 32 → 64.

    Args:
        n_hidden (int): Length of z.
        channels (int): Channels of the picture.
        depths (tuple of int): Channels before each of the transposed convolutions.
        f_size (int): Edge of the first feature maps, a 16th of the picture's; 4 makes 64×64, and 6
            makes 96×96.
        std (float): Standard deviation of normal initial weights; if None, they are those of
            ``tf.contrib.layers``: uniform, by Glorot's rule.
        eps (float): Added to batch normalisation's variance.
        rng (numpy.random.RandomState): Source of the initial weights; NumPy's global one if
            omitted.

    Example:
        >>> import numpy as np
        >>> gen = Generator(depths=(64, 32, 16, 8), f_size=6, rng=np.random.RandomState(0))
        >>> gen(np.zeros((2, 100), np.float32)).shape
        (2, 3, 96, 96)
    """

    article = "sugyan's DCGAN"
    first = ("reshape", "reshape_bn")

    def __init__(
        self,
        n_hidden=N_HIDDEN,
        channels=3,
        *,
        depths=(1024, 512, 256, 128),
        f_size=4,
        std=None,
        eps=EPS,
        rng=None,
    ):
        super().__init__()
        self.n_hidden = n_hidden
        self.channels = channels
        self.depths = d1, d2, d3, d4 = tuple(depths)
        self.f_size = f = f_size
        self.size = 16 * f
        W = _initializer(std, rng)
        hidden = {"nobias": True, "initialW": W}
        with self.init_scope():
            self.reshape = L.Linear(n_hidden, d1 * f * f, **hidden)
            self.reshape_bn = Normalization(d1 * f * f, eps)
            self.conv1 = same_deconvolution(d1, d2, 2 * f, **hidden)
            self.conv1_bn = Normalization(d2, eps)
            self.conv2 = same_deconvolution(d2, d3, 4 * f, **hidden)
            self.conv2_bn = Normalization(d3, eps)
            self.conv3 = same_deconvolution(d3, d4, 8 * f, **hidden)
            self.conv3_bn = Normalization(d4, eps)
            self.conv4 = same_deconvolution(d4, channels, 16 * f, initialW=W)

    def forward(self, z):
        """Draw pictures.

        Args:
            z (array or chainer.Variable): float32 (N, n_hidden), on [-1, 1].

        Returns:
            chainer.Variable: float32 (N, channels, size, size), on [-1, 1] by tanh.
        """
        h = layer(z, self.reshape, self.reshape_bn, F.relu)
        h = F.reshape(h, (len(z), self.depths[0], self.f_size, self.f_size))
        h = layer(h, self.conv1, self.conv1_bn, F.relu)
        h = layer(h, self.conv2, self.conv2_bn, F.relu)
        h = layer(h, self.conv3, self.conv3_bn, F.relu)
        return layer(h, self.conv4, None, F.tanh)


class Discriminator(ArticleNet):
    """Tells pictures of the data set from generated ones: two logits, class 1 for real.

    All four convolutions are normalised, the first too.

    Args:
        channels (int): Channels of the picture.
        depths (tuple of int): Channels after each of the convolutions.
        f_size (int): Edge of the last feature maps, a 16th of the picture's.
        std, eps, rng: As for :class:`Generator`; by default the last layer's initial weights are
            normal without outliers, of deviation 0.02.

    Example:
        >>> import numpy as np
        >>> dis = Discriminator(depths=(8, 16, 32, 64), rng=np.random.RandomState(0))
        >>> dis(np.zeros((2, 3, 64, 64), np.float32)).shape
        (2, 2)
    """

    article = "sugyan's DCGAN"
    last = "classify"

    def __init__(
        self, channels=3, *, depths=(64, 128, 256, 512), f_size=4, std=None, eps=EPS, rng=None
    ):
        super().__init__()
        self.channels = channels
        self.depths = d1, d2, d3, d4 = tuple(depths)
        self.f_size = f_size
        self.size = 16 * f_size
        W = _initializer(std, rng)
        hidden = {"nobias": True, "initialW": W}
        with self.init_scope():
            self.conv0 = SameConvolution2D(channels, d1, **hidden)
            self.conv0_bn = Normalization(d1, eps)
            self.conv1 = SameConvolution2D(d1, d2, **hidden)
            self.conv1_bn = Normalization(d2, eps)
            self.conv2 = SameConvolution2D(d2, d3, **hidden)
            self.conv2_bn = Normalization(d3, eps)
            self.conv3 = SameConvolution2D(d3, d4, **hidden)
            self.conv3_bn = Normalization(d4, eps)
            last = TruncatedNormal(0.02, rng=rng) if std is None else W
            self.classify = L.Linear(d4 * f_size * f_size, 2, initialW=last)

    def forward(self, x):
        """Judge pictures.

        Args:
            x (array or chainer.Variable): float32 (N, channels, size, size), on [-1, 1].

        Returns:
            chainer.Variable: float32 (N, 2), logits of "generated" and "real".
        """
        h = layer(x, self.conv0, self.conv0_bn, leaky_relu)
        h = layer(h, self.conv1, self.conv1_bn, leaky_relu)
        h = layer(h, self.conv2, self.conv2_bn, leaky_relu)
        h = layer(h, self.conv3, self.conv3_bn, leaky_relu)
        return layer(h, self.classify)


def _initializer(std, rng):
    if std is None:
        return chainer.initializers.GlorotUniform(rng=rng)
    return chainer.initializers.Normal(std, rng=rng)


class Normalization(L.BatchNormalization):
    """Batch normalisation whose averages are usable from the first minibatch on.

    An average with a decay of 0.999 holds what it began with for thousands of iterations, and the
    original drew with the statistics of minibatches. Here, behind t minibatches, the decay is
    (1 + t) / (10 + t), as of ``tf.train.ExponentialMovingAverage`` with ``num_updates``, until it
    comes to 0.999.

    In training, contrib's moving variance takes in each minibatch's own variance (``layers.py``,
    ``nn.moments``), Chainer's the unbiased estimate, m / (m - 1) times that. In drawing both add
    eps to the average, so one that was loaded means the same here and there.

    Args:
        size (int): Of the channels.
        eps (float): Added to the variance.

    Attributes:
        N (numpy.ndarray or cupy.ndarray): int64 (), minibatches that it has been trained with.
        decay (float): What the decay comes to.
    """

    def __init__(self, size, eps):
        super().__init__(size, decay=DECAY, eps=eps, use_gamma=False)
        # Goes to a GPU as the averages do, where an iteration that is captured counts it itself.
        self.N = np.zeros((), np.int64)

    def forward(self, x):
        """Normalise x, float (N, size) or (N, size, H, W)."""
        if not chainer.config.train:
            return super().forward(x)
        t, settled = int(self.N), self.decay
        self.decay = min(settled, (1 + t) / (10 + t))
        self.N += 1
        try:
            return super().forward(x)
        finally:
            self.decay = settled


recipe = Recipe(
    name="sugyan",
    article="sugyan, «TensorFlowによるDCGANでアイドルの顔画像生成», 2016",
    Generator=Generator,
    Discriminator=Discriminator,
    size=SIZE,
    n_hidden=N_HIDDEN,
    std=None,
    batchsize=128,
    alpha=2e-4,
    beta1=0.5,
    weight_decay=0.0,
    mirror=False,
    loss_gen=functools.partial(losses.softmax_loss_gen, real=1),
    loss_dis=functools.partial(losses.softmax_loss_dis, real=1),
    multiple=16,
    size_arguments=lambda size: {"f_size": size // 16},
)
