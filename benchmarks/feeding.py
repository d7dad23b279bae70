"""A minibatch from the packed file to the net's input: this project's way beside the plain one.

Both read the same file, in turn (A B A B …), so that a busy machine disturbs both alike. The plain
way is Chainer's: SerialIterator, concat_examples, and the scaling formula as one would write it.
Half of the pictures are mirrored. The file lies in the system's cache, as it does from the second
epoch on.

    python benchmarks/feeding.py --step 3
"""

import statistics
import tempfile
import time

import illust_gan  # first: it makes the import of Chainer work
import chainer
import click
import numpy as np
from chainer.dataset import concat_examples
from chainer.iterators import SerialIterator
from illust_gan.datasets.packed_iterator import PackedIterator
from illust_gan.datasets.pixels import to_float
from illust_gan.datasets.writer import write_packed
from updater import describe

SIZES = (64, 96)
N_PICTURES = 6000


def plain_to_float(pixels, flips):
    """Scale and mirror with the same result to the bit."""
    x = pixels.transpose(0, 3, 1, 2)
    x = np.where(flips[:, None, None, None], x[:, :, :, ::-1], x)
    x = np.ascontiguousarray(x, dtype=np.float32)
    x -= 128
    x /= 128
    return x


def make_noise(path, size):
    rng = np.random.RandomState(0)
    pictures = (rng.randint(0, 256, (size, size, 3), np.uint8) for _ in range(N_PICTURES))
    return write_packed(path, size, pictures, sources=[], settings={})


def time_in_turn(ways, runs):
    """Return the seconds of each call, by name."""
    seconds = {name: [] for name in ways}
    for i in range(runs + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            if i > 0:  # the first of each warms up
                seconds[name].append(time.perf_counter() - start)
    return seconds


def time_feeding(dataset, batchsize, runs):
    flips = np.random.RandomState(0).randint(2, size=batchsize).astype(bool)
    chainers = SerialIterator(dataset, batchsize)
    mine = PackedIterator(dataset, batchsize)
    ways = {
        "plain way": lambda: plain_to_float(concat_examples(chainers.next()), flips),
        "this project": lambda: to_float(mine.next(), flips),
        "of it, reading": mine.next,
    }
    return time_in_turn(ways, runs)


def time_steps(dataset, batchsize, n):
    """Return the median seconds of rezoolab's iterations."""
    with tempfile.TemporaryDirectory() as out:
        trainer = illust_gan.make_trainer(
            "rezoolab", dataset, out, length=(n, "iteration"), batchsize=batchsize
        )
        seconds = time_in_turn({"step": trainer.updater.update}, n)
    return statistics.median(seconds["step"])


@click.command()
@click.option("-b", "--batchsize", default=128, type=click.IntRange(2), show_default=True)
@click.option("--runs", default=301, type=click.IntRange(3), show_default=True)
@click.option(
    "--step", default=0, type=click.IntRange(0), help="Iterations of rezoolab to time as well."
)
def main(batchsize, runs, step):
    """Print pictures per second of both, and the share of an iteration that feeding takes."""
    print(f"batch {batchsize}, {N_PICTURES} pictures, on {describe(chainer.get_device('@numpy'))}")
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            dataset = make_noise(f"{folder}/noise", size)
            seconds = time_feeding(dataset, batchsize, runs)
            step_seconds = time_steps(dataset, batchsize, step) if step and size == 64 else None
        print(f"\n{size}×{size}, medians of {runs}")
        for name, values in seconds.items():
            median = statistics.median(values)
            rate = batchsize / median
            print(f"{name}: {1000 * median:.2f} ms a minibatch, {rate:,.0f} pictures/s")
        ratios = [a / b for a, b in zip(seconds["plain way"], seconds["this project"])]
        print(f"plain way / this project: {statistics.median(ratios):.2f}")
        feeding = statistics.median(seconds["this project"])
        if step_seconds is not None:
            print(
                f"an iteration of rezoolab: {step_seconds:.2f} s, median of {step}; feeding is "
                f"{feeding / step_seconds:.2%} of it, and {feeding:.2%} of one of 1 s"
            )


if __name__ == "__main__":
    main()
