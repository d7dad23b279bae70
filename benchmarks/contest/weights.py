"""The weights with which every contender begins."""

import illust_gan  # noqa: F401 - first: it makes the import of Chainer work
import chainer
import numpy as np
from illust_gan.nets import RECIPES


def write_weights(net, folder):
    """Write both nets of a recipe into a folder and return what a job says of them.

    The generator has drawn a few minibatches, so that its moving averages are those of a net in
    use and not 0 and 1, which would hide a mistake in test mode.

    Args:
        net (str): Name of the recipe.
        folder (pathlib.Path): Where the two files go.

    Returns:
        dict: The entries of a job (``cpu_contenders/workload.py``) which depend on the net.
    """
    recipe = RECIPES[net]
    rng = np.random.RandomState(0)
    nets = {"gen": recipe.Generator(rng=rng), "dis": recipe.Discriminator(rng=rng)}
    with chainer.no_backprop_mode():
        for _ in range(10):
            nets["gen"](rng.uniform(-1, 1, (16, recipe.n_hidden)).astype(np.float32))
    job = {"net": net, "eps": nets["gen"].eps}
    for name in ("size", "n_hidden", "alpha", "beta1", "weight_decay", "mirror", "gen_updates"):
        job[name] = getattr(recipe, name)
    for name, chain in nets.items():
        path = folder / f"{net}-{name}.npz"
        chainer.serializers.save_npz(path, chain)
        job[name] = str(path)
    return job
