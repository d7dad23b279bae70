"""Updaters of small nets, on a GPU or the CPU, and what they did."""

import chainer
import numpy as np

from illust_gan.datasets.packed_iterator import PackedIterator
from illust_gan.nets import RECIPES
from illust_gan.training.updater import DCGANUpdater
from tests.training.small_nets import small

N = 4
NETS = tuple(net for net, recipe in RECIPES.items() if not recipe.has_labels)


def is_emulated():
    import cupy

    return cupy.cuda.runtime.getDeviceProperties(0)["name"] == b"Emulated GPU"


def pictures(recipe, n=12, seed=1):
    return np.random.RandomState(seed).randint(0, 256, (n, recipe.size, recipe.size, 3), np.uint8)


class Pixels(chainer.dataset.DatasetMixin):
    """A data set with ``take``, as PackedIterator wants it."""

    def __init__(self, pixels, labels=None):
        self.pixels = pixels
        self.labels = labels

    def __len__(self):
        return len(self.pixels)

    def get_example(self, i):
        return self.pixels[i]

    send = staticmethod(np.asarray)

    def take(self, indexes):
        return self.send(self.pixels.take(indexes, axis=0))


def make_updater(net, device="@cupy:0", cls=DCGANUpdater, batchsize=N, seed=3, **options):
    recipe = small(net) if isinstance(net, str) else net
    rng = np.random.RandomState(0)
    nets = {"gen": recipe.Generator(rng=rng), "dis": recipe.Discriminator(rng=rng)}
    for link in nets.values():
        link.to_device(device)
    optimizer = {name: recipe.make_optimizer(link) for name, link in nets.items()}
    labels = np.arange(12, dtype=np.int32) % 3 if recipe.has_labels else None
    dataset = Pixels(pictures(recipe), labels)
    iterator = PackedIterator(dataset, batchsize, shuffle=False, labels=recipe.has_labels)
    return cls(iterator, optimizer, recipe, seed=seed, **options)


def observe(updater, n):
    """Do n iterations and return their losses, read when all are done."""
    reporter = chainer.Reporter()
    reporter.add_observer("gen", updater.gen)
    reporter.add_observer("dis", updater.dis)
    losses = []
    for _ in range(n):
        observation = {}
        with reporter.scope(observation):
            updater.update()
        # The next iteration writes to the same arrays.
        losses.append([observation[f"{name}/loss"].array.copy() for name in ("gen", "dis")])
    return np.array([[float(x) for x in pair] for pair in losses])


def weights(updater):
    cpu = chainer.get_device("@numpy")
    for role, net in (("gen", updater.gen), ("dis", updater.dis)):
        for path, param in net.namedparams():
            yield role + path, cpu.send(param.array)
        for path, link in net.namedlinks():
            for name in ("avg_mean", "avg_var", "N"):
                if isinstance(getattr(link, name, None), chainer.get_array_types()):
                    yield f"{role}{path}/{name}", cpu.send(getattr(link, name))
