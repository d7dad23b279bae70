"""Recipes with nets like the articles', and small: an emulated GPU is slow."""

import dataclasses
import functools

import chainer
import chainer.functions as F
import chainer.links as L

from illust_gan.nets import RECIPES, kim, kim_conditional, sugyan
from illust_gan.nets.activations import leaky_relu
from illust_gan.nets.layers import layer

SIZE = 8


class SmallGenerator(chainer.Chain):
    """z → 8×2×2 → 6×4×4 → 3×8×8."""

    n_hidden = 5

    def __init__(self, activation, std, rng):
        super().__init__()
        self.activation = activation
        W = chainer.initializers.Normal(std, rng=rng)
        with self.init_scope():
            self.first = L.Linear(self.n_hidden, 8 * 2 * 2, initialW=W)
            self.norm1 = L.BatchNormalization(8 * 2 * 2)
            self.second = L.Deconvolution2D(8, 6, 4, 2, 1, initialW=W)
            self.norm2 = L.BatchNormalization(6)
            self.third = L.Deconvolution2D(6, 3, 4, 2, 1, initialW=W)

    def forward(self, z):
        h = layer(z, self.first, self.norm1, F.relu)
        h = layer(F.reshape(h, (-1, 8, 2, 2)), self.second, self.norm2, F.relu)
        return layer(h, self.third, None, self.activation)


class SmallDiscriminator(chainer.Chain):
    """3×8×8 → 6×4×4 → 8×2×2 → logits."""

    def __init__(self, activation, n_logits, std, rng):
        super().__init__()
        self.activation = activation
        W = chainer.initializers.Normal(std, rng=rng)
        with self.init_scope():
            self.first = L.Convolution2D(3, 6, 4, 2, 1, initialW=W)
            self.second = L.Convolution2D(6, 8, 4, 2, 1, initialW=W)
            self.norm2 = L.BatchNormalization(8)
            # Declared and used nowhere, as maccha's bn0.
            self.norm1 = L.BatchNormalization(6)
            self.third = L.Linear(8 * 2 * 2, n_logits, initialW=W)

    def forward(self, x):
        h = layer(x, self.first, None, self.activation)
        h = layer(h, self.second, self.norm2, self.activation)
        return layer(h, self.third)


# The articles' own, with edges that are odd as well as even between kim's layers.
_OF_TENSORFLOW = {
    "sugyan": (
        functools.partial(sugyan.Generator, 5, depths=(8, 6, 4, 4), f_size=1, std=0.3),
        functools.partial(sugyan.Discriminator, depths=(4, 4, 6, 8), f_size=1, std=0.3),
        16,
    ),
    "kim": (
        functools.partial(kim.Generator, 5, size=20, gf_dim=2, std=0.3),
        functools.partial(kim.Discriminator, size=20, df_dim=2, std=0.3),
        20,
    ),
    "kim-conditional": (
        functools.partial(
            kim_conditional.Generator, 5, 3, y_dim=3, size=SIZE, gf_dim=4, gfc_dim=16, std=0.3
        ),
        functools.partial(
            kim_conditional.Discriminator, 3, y_dim=3, size=SIZE, df_dim=4, dfc_dim=16, std=0.3
        ),
        SIZE,
    ),
}


def small(net):
    """Return an article's recipe with small nets that have its activations and its logits."""
    if net in _OF_TENSORFLOW:
        gen, dis, size = _OF_TENSORFLOW[net]
        return dataclasses.replace(
            RECIPES[net], Generator=gen, Discriminator=dis, size=size, n_hidden=5, alpha=1e-3
        )
    tanh, activation, n = (F.tanh, leaky_relu, 1) if net == "rezoolab" else (None, F.elu, 2)

    def make_generator(std=0.3, rng=None):
        return SmallGenerator(tanh, std, rng)

    def make_discriminator(std=0.3, rng=None):
        return SmallDiscriminator(activation, n, std, rng)

    return dataclasses.replace(
        RECIPES[net],
        Generator=make_generator,
        Discriminator=make_discriminator,
        size=SIZE,
        n_hidden=SmallGenerator.n_hidden,
        alpha=1e-3,
    )
