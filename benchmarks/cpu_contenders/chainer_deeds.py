"""A train step and a generation by this project's public names, on whatever Chainer runs below."""

import illust_gan  # first: it makes the import of Chainer work
import chainer
import numpy as np
from illust_gan.nets import RECIPES
from workload import draw, make_pixels

VERSION = f"Chainer {chainer.__version__}, NumPy {np.__version__}"


class SameMinibatch(chainer.dataset.Iterator):
    """Hands out the same pictures for ever, as one array."""

    is_new_epoch = False

    def __init__(self, pixels):
        self.pixels = pixels

    def next(self):
        return self.pixels


def load(Net, path):
    net = Net()
    chainer.serializers.load_npz(path, net)
    return net


def make(job):
    """Return the deed of a job as a callable."""
    return (make_step if job["deed"] == "train" else make_generation)(job)


def make_step(job):
    recipe = RECIPES[job["net"]]
    gen, dis = load(recipe.Generator, job["gen"]), load(recipe.Discriminator, job["dis"])
    updater = illust_gan.DCGANUpdater(
        SameMinibatch(make_pixels(job)),
        {"gen": recipe.make_optimizer(gen), "dis": recipe.make_optimizer(dis)},
        recipe,
        seed=0,
    )
    reporter = chainer.Reporter()
    reporter.add_observer("gen", gen)
    reporter.add_observer("dis", dis)

    def step():
        losses = {}
        with reporter.scope(losses):
            updater.update()
        return [float(losses[name].array) for name in ("gen/loss", "dis/loss")]

    return step


def make_generation(job):
    gen = load(RECIPES[job["net"]].Generator, job["gen"])
    z, _ = draw(job, 0)

    def generation():
        with chainer.using_config("train", False), chainer.no_backprop_mode():
            return gen(z).array

    return generation
