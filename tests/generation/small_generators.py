"""Generators of few numbers for tests, with statistics as training leaves them."""

import numpy as np

from illust_gan.nets import RECIPES


def small_generator(net="rezoolab", n_hidden=8, channels=3, seed=0):
    """Return a generator whose layers all have scales and statistics of their own."""
    rng = np.random.RandomState(seed)
    gen = RECIPES[net].Generator(n_hidden, channels, std=0.05, rng=rng)
    for link in gen.children():
        if hasattr(link, "gamma"):
            link.gamma.array[...] = rng.uniform(0.5, 2, link.gamma.shape)
            link.beta.array[...] = rng.uniform(-0.5, 0.5, link.beta.shape)
            link.avg_var[...] = rng.uniform(0.1, 2, link.avg_var.shape)
    return gen
