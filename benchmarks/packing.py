"""Packing a folder of mixed pictures, beside decoding them and nothing else.

Both work on the same files with as many processes, in turn (A B A B …), so that a busy machine
disturbs both alike. Decoding alone is ``Image.open(path).convert("RGB")``. The memory is that of
all processes of the packing together, looked at twenty times a second.

    python benchmarks/packing.py --n 5000 --size 64
"""

import concurrent.futures
import multiprocessing
import os
import statistics
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from pathlib import Path

import illust_gan  # first: it makes the import of Chainer work
import chainer
import click
from PIL import Image
from updater import describe

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.datasets.packing.mixed import mix


def decode(path):
    """Decode one file, if it can be decoded."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path) as image:
            image.convert("RGB")
    except Exception:
        return False
    return True


def decode_all(paths, workers):
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(workers, context) as pool:
        return sum(pool.map(decode, paths, chunksize=16))


class PeakMemory(threading.Thread):
    """Looks at this process and its children until it is stopped."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peak = 0
        self._done = threading.Event()

    def run(self):
        while not self._done.wait(0.05):
            children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
            self.peak = max(self.peak, sum(map(resident, ["self", *children])))

    def stop(self):
        self._done.set()
        self.join()
        return self.peak


def resident(process):
    """Return the megabytes of a process that are not files, or 0 if it is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1000


@click.command()
@click.option("--n", default=5000, type=click.IntRange(100), show_default=True)
@click.option("--size", default=64, type=click.IntRange(1, 4096), show_default=True)
@click.option("--runs", default=3, type=click.IntRange(1), show_default=True)
@click.option("--workers", default=len(os.sched_getaffinity(0)), show_default=True)
def main(n, size, runs, workers):
    """Print both rates, their ratio and the memory that packing takes."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "mixed")
        expected = mix(source, n)
        paths = sorted(path for path in source.rglob("*") if path.is_file())
        megabytes = sum(path.stat().st_size for path in paths) / 1e6
        machine = describe(chainer.get_device("@numpy"))
        print(f"{len(paths)} files, {megabytes:.0f} MB, on {machine}; {workers} processes")
        rates = {"decoding alone": [], "packing": []}
        peaks = []
        for _ in range(runs):
            start = time.perf_counter()
            decode_all(paths, workers)
            rates["decoding alone"].append(n / (time.perf_counter() - start))
            memory = PeakMemory()
            memory.start()
            start = time.perf_counter()
            dataset = illust_gan.pack(
                source, Path(folder, "set"), size, workers=workers, overwrite=True
            )
            rates["packing"].append(n / (time.perf_counter() - start))
            peaks.append(memory.stop())
        words = Counter(entry["word"] for entry in dataset.manifest["left_out"])
        print(f"packed {len(dataset)}, left out {dict(words)}", end="")
        # At larger sizes more of the pictures are too small.
        print(", as it should be" if words == expected else "")
        print(f"the set has {dataset.path.stat().st_size / 1e6:.0f} MB")
    for name, values in rates.items():
        print(f"{name}: {statistics.median(values):.0f} pictures/s, median of {runs}")
    ratios = [b / a for a, b in zip(*rates.values())]
    print(f"packing / decoding alone: {statistics.median(ratios):.2f}")
    print(f"memory of all processes at most: {max(peaks):.0f} MB")


if __name__ == "__main__":
    main()
