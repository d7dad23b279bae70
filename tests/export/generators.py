"""Generators as they are before and after training."""

import chainer
import chainer.links as L
import numpy as np

from illust_gan.nets import RECIPES
from illust_gan.nets.latent import draw_z


def untrained(name):
    """Return a generator with its article's initial weights."""
    return RECIPES[name].Generator(rng=np.random.RandomState(0))


def as_trained(name):
    """Return a generator whose running statistics are large and small, as its layers' really are.

    The layers' weights are scaled by 1/300 to 300, and the statistics are measured.
    """
    gen = untrained(name)
    rng = np.random.RandomState(1)
    for link in gen.children():
        if isinstance(link, L.BatchNormalization):
            link.decay = 0
            if link.gamma is not None:
                link.gamma.array[...] = rng.normal(1, 0.3, link.gamma.shape)
            link.beta.array[...] = rng.normal(0, 0.3, link.beta.shape)
        elif link.W.ndim == 2 or link.W.shape[1] != gen.channels:
            n_out = link.W.shape[0 if link.W.ndim == 2 else 1]
            factor = np.exp(rng.uniform(-np.log(300), np.log(300), n_out)).astype(np.float32)
            link.W.array *= factor[:, None] if link.W.ndim == 2 else factor[None, :, None, None]
            if link.b is not None:
                link.b.array[...] = rng.normal(0, 1, n_out) * factor
    with chainer.no_backprop_mode():
        gen(draw_z(16, rng=rng))
    return gen
