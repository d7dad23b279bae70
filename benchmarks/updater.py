"""One training iteration: this project's updater beside the articles' plain loop.

Both run on the same Chainer, in turn (A B A B …), so that a busy machine disturbs both alike. The
plain loop computes every gradient: D's weights from G's loss, and the pictures' from D's loss.

    python benchmarks/updater.py --net rezoolab --batchsize 64 --device -1

With --beside-chainer, a third one takes turns with them: the updater on Chainer's own functions.
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
from illust_gan.nets.article_net import from_signed
from illust_gan.nets.beside import one_hot


class PlainLoop:
    """The articles' loop, nothing left out."""

    def __init__(self, recipe, device):
        self.recipe = recipe
        self.gen, self.dis = recipe.make_nets(rng=np.random.RandomState(0))
        self.gen.to_device(device)
        self.dis.to_device(device)
        self.optimizers = [recipe.make_optimizer(net) for net in (self.gen, self.dis)]

    def __call__(self, z, x_real, *label):
        if self.recipe.gen_updates > 1:
            self._learn_in_turn(z, x_real, label)
            return
        y_fake, y_real = self.dis(self.gen(z, *label), *label), self.dis(x_real, *label)
        loss_dis = self.recipe.loss_dis(y_fake, y_real)
        self._update(self.optimizers[0], self.recipe.loss_gen(y_fake))
        self._update(self.optimizers[1], loss_dis)

    def _learn_in_turn(self, z, x_real, label):
        y_fake, y_real = self.dis(self.gen(z, *label), *label), self.dis(x_real, *label)
        self._update(self.optimizers[1], self.recipe.loss_dis(y_fake, y_real))
        for _ in range(self.recipe.gen_updates):
            y_fake = self.dis(self.gen(z, *label), *label)
            self._update(self.optimizers[0], self.recipe.loss_gen(y_fake))

    def _update(self, optimizer, loss):
        self.gen.cleargrads()
        self.dis.cleargrads()
        loss.backward()
        optimizer.update()


def slowly(updater):
    """Return an updater's iteration by Chainer's own functions."""

    def iteration():
        with illust_gan.config.using(fast=False):
            updater.update()

    return iteration


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
@click.option("--beside-chainer", is_flag=True, help="Run the updater with config.fast False, too.")
@device_option
def main(net, batchsize, runs, beside_chainer, device):
    """Print seconds per iteration of each and the ratios of those that followed each other."""
    recipe = RECIPES[net]
    device = chainer.get_device(check_device(device))
    device.use()
    rng = np.random.RandomState(0)
    pixels = rng.randint(0, 256, (batchsize, recipe.size, recipe.size, 3), np.uint8)

    plain = PlainLoop(recipe, device)
    z = rng.uniform(-1, 1, (batchsize, recipe.n_hidden)).astype("f")
    labels = rng.randint(plain.gen.y_dim, size=batchsize) if recipe.has_labels else None
    examples = list(pixels) if labels is None else list(zip(pixels, labels))

    def plain_iteration():
        x_real = from_signed(plain.dis, to_float(device.send(pixels)))
        label = () if labels is None else (one_hot(device.send(labels), plain.gen.y_dim),)
        plain(device.send(z), x_real, *label)

    def make_updater():
        optimizers = dict(zip(("gen", "dis"), PlainLoop(recipe, device).optimizers))
        iterator = chainer.iterators.SerialIterator(examples, batchsize)
        return illust_gan.DCGANUpdater(iterator, optimizers, recipe, device=device)

    contenders = {"plain loop": plain_iteration, "updater": make_updater().update}
    if beside_chainer:
        contenders["updater on Chainer's functions"] = slowly(make_updater())
    seconds = {name: [] for name in contenders}
    for i in range(runs + 1):
        for name, iteration in contenders.items():
            start = time.perf_counter()
            iteration()
            synchronize(device)
            if i > 0:  # the first of each warms up
                seconds[name].append(time.perf_counter() - start)
    n = illust_gan.config.threads
    threads = f"{n} thread{'s' if n > 1 else ''}"
    load = f"load {os.getloadavg()[0]:.1f}"
    print(f"{net}, batch {batchsize}, {threads}, on {describe(device)}, {load}")
    for name, values in seconds.items():
        print(f"{name}: {statistics.median(values):.3f} s an iteration, median of {runs}")
    mine = seconds.pop("updater")
    for name, values in seconds.items():
        ratios = [a / b for a, b in zip(values, mine)]
        print(f"{name} / updater: {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
