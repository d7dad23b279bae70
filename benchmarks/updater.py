"""One training iteration: this project's updater beside the plain loop of 2015.

Both run on the same Chainer, in turn (A B A B …), so that a busy machine disturbs both alike. The
plain loop computes every gradient: D's weights from G's loss, and the pictures' from D's loss.

    python benchmarks/updater.py --net rezoolab --batchsize 64 --device -1
"""

import os
import platform
import statistics
import time

import illust_gan  # first: it makes the import of Chainer work
import chainer
import click
import numpy as np
from illust_gan.commands.device import check_device, device_option, list_gpus
from illust_gan.datasets.pixels import to_float
from illust_gan.nets import RECIPES


class PlainLoop:
    """The articles' loop, nothing left out."""

    def __init__(self, recipe, device):
        rng = np.random.RandomState(0)
        self.recipe = recipe
        self.gen, self.dis = recipe.Generator(rng=rng), recipe.Discriminator(rng=rng)
        self.gen.to_device(device)
        self.dis.to_device(device)
        self.optimizers = [recipe.make_optimizer(net) for net in (self.gen, self.dis)]

    def __call__(self, z, x_real):
        x_fake = self.gen(z)
        y_fake, y_real = self.dis(x_fake), self.dis(x_real)
        loss_gen = self.recipe.loss_gen(y_fake)
        loss_dis = self.recipe.loss_dis(y_fake, y_real)
        self.gen.cleargrads()
        self.dis.cleargrads()
        loss_gen.backward()
        self.optimizers[0].update()
        self.dis.cleargrads()
        loss_dis.backward()
        self.optimizers[1].update()


def synchronize(device):
    if device.xp is not np:
        device.xp.cuda.Stream.null.synchronize()


def describe(device):
    """Name the processor or the card, and the library that computes on it."""
    if device.xp is not np:
        return f"{list_gpus()[0][device.device.id]}, CuPy {device.xp.__version__}"
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        names = [line.partition(":")[2].strip() for line in f if line.startswith("model name")]
    cores = len(os.sched_getaffinity(0))
    return f"{names[0] if names else platform.machine()}, {cores} cores, NumPy {np.__version__}"


@click.command()
@click.option("--net", default="rezoolab", type=click.Choice(sorted(RECIPES)), show_default=True)
@click.option("-b", "--batchsize", default=64, type=click.IntRange(2), show_default=True)
@click.option("--runs", default=7, type=click.IntRange(3), show_default=True)
@device_option
def main(net, batchsize, runs, device):
    """Print seconds per iteration of both and the ratio of the pairs."""
    recipe = RECIPES[net]
    device = chainer.get_device(check_device(device))
    device.use()
    rng = np.random.RandomState(0)
    pixels = rng.randint(0, 256, (batchsize, recipe.size, recipe.size, 3), np.uint8)

    plain = PlainLoop(recipe, device)
    mine = PlainLoop(recipe, device)
    updater = illust_gan.DCGANUpdater(
        chainer.iterators.SerialIterator(list(pixels), batchsize),
        dict(zip(("gen", "dis"), mine.optimizers)),
        recipe,
        device=device,
    )
    z = rng.uniform(-1, 1, (batchsize, recipe.n_hidden)).astype("f")

    def plain_iteration():
        plain(device.send(z), to_float(device.send(pixels)))

    seconds = {"plain loop": [], "updater": []}
    for i in range(runs + 1):
        for name, iteration in (("plain loop", plain_iteration), ("updater", updater.update)):
            start = time.perf_counter()
            iteration()
            synchronize(device)
            if i > 0:  # the first of each warms up
                seconds[name].append(time.perf_counter() - start)
    ratios = [a / b for a, b in zip(seconds["plain loop"], seconds["updater"])]
    print(f"{net}, batch {batchsize}, on {describe(device)}")
    for name, values in seconds.items():
        print(f"{name}: {statistics.median(values):.3f} s an iteration, median of {runs}")
    print(f"plain loop / updater: {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
