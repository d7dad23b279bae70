"""Generators as they are before and after training."""

import chainer
import chainer.links as L
import numpy as np

import illust_gan
from illust_gan.nets import RECIPES, kim_conditional
from illust_gan.nets.latent import draw_z

LABELS = ("cats", "dogs", "birds")


def untrained(name):
    """Return a generator with its article's initial weights, of one label if it knows labels."""
    gen = RECIPES[name].Generator(rng=np.random.RandomState(0))
    return illust_gan.with_label(gen, 3) if RECIPES[name].has_labels else gen


def as_trained(name):
    """Return a generator whose running statistics are large and small, as its layers' really are.

    The layers' weights are scaled by 1/300 to 300, and the statistics are measured.
    """
    gen = untrained(name)
    _train(gen)
    return gen


def labelled(size=28, channels=3):
    """Return a small generator of three labels, with statistics as training leaves them."""
    rng = np.random.RandomState(0)
    dims = {"y_dim": len(LABELS), "gf_dim": 8, "gfc_dim": 32}
    gen = kim_conditional.Generator(12, channels, size=size, std=0.2, rng=rng, **dims)
    gen.label_names = LABELS
    _train(gen, np.eye(len(LABELS), dtype=np.float32)[rng.randint(0, len(LABELS), 16)])
    return gen


def _train(gen, *labels):
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
        gen(draw_z(16, gen.n_hidden, rng=rng), *labels)
