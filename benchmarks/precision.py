"""The same training twice, with products in float32 and in bf16: losses as a plot, and sheets.

Where the processor has no AVX512-BF16, the factors of the products are rounded to bf16 all the
same, by a build of the kernels which computes with them in float32 instructions; it is compiled
here, and slower than float32.

    illust-gan dataset avatars toon-head-64.npy --size 64 --styles toon-head --n 2000
    python benchmarks/precision.py toon-head-64.npy --out precision
"""

import contextlib
import json
import pathlib
import subprocess
import tempfile

import illust_gan  # first: it makes the import of Chainer work
import click
import matplotlib.pyplot as plt
import numpy as np
from illust_gan.functions import library, switch

SMOOTHED_OVER = 25  # iterations
COLOURS = {"float32": "#1f77b4", "bf16": "#d62728"}


def emulated_kernels():
    """Compile the kernels with rounded factors for a processor with AVX2 alone."""
    flags = "-std=gnu11 -O3 -march=x86-64-v3 -ffp-contract=fast -fPIC -shared -pthread"
    # As in setup.py.
    patterns = ("direct_*.c", "layout.c", "pool.c", "winograd_*.c")
    sources = sorted(str(path) for name in patterns for path in library.FOLDER.glob(name))
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/emulated.so"
        command = ["cc", *flags.split(), "-DREAL=float", "-DVECTOR_BYTES=32", "-DBF16"]
        subprocess.run([*command, *sources, "-lm", "-o", path], check=True)
        return library.Kernels(path)


def processor_has_bf16():
    try:
        return bool(library.find_build("bf16"))
    except library.LibraryError:
        return False


@contextlib.contextmanager
def products_in(precision):
    """Compute products so, by the processor or by emulation, and say which."""
    if precision == "float32" or processor_has_bf16():
        with illust_gan.config.using(precision=precision):
            yield "by the processor"
        return
    # The setting itself is refused here.
    switch._loaded["bf16"] = emulated_kernels()
    switch._loaded["bf16"].pool_set_threads(illust_gan.config.threads)
    vars(illust_gan.config)["precision"] = precision
    try:
        yield "by emulation"
    finally:
        illust_gan.config.precision = "float32"


def train(data, out, **settings):
    trainer = illust_gan.make_trainer(
        "rezoolab",
        illust_gan.PackedDataset(data),
        out,
        snapshot_interval=settings["length"],
        sheet_interval=(100, "iteration"),
        log_interval=(1, "iteration"),
        progress=False,
        **settings,
    )
    trainer.run()


def smoothed(values):
    return np.convolve(values, np.full(SMOOTHED_OVER, 1 / SMOOTHED_OVER), "valid")


def plot(logs, path, title):
    plt.rcParams.update({"font.size": 11})
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharex=True)
    for axis, (key, name) in zip(axes, (("gen/loss", "generator"), ("dis/loss", "discriminator"))):
        for precision, log in logs.items():
            losses = np.array([entry[key] for entry in log])
            iterations = np.arange(1, len(losses) + 1)
            colour = COLOURS[precision]
            axis.plot(iterations, losses, color=colour, alpha=0.25, linewidth=0.6)
            middle = iterations[SMOOTHED_OVER // 2 : len(losses) - SMOOTHED_OVER // 2]
            axis.plot(middle, smoothed(losses), color=colour, linewidth=1.8, label=precision)
        axis.set_title(f"loss of the {name}")
        axis.set_xlabel("iteration")
        axis.set_yscale("log")
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("sigmoid cross entropy")
    axes[0].legend(loc="lower right", title="products in")
    figure.suptitle(title)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


@click.command()
@click.argument("data", type=click.Path(exists=True))
@click.option("--out", required=True, type=click.Path(), help="Folder for both runs and the plot.")
@click.option("--iterations", default=500, type=click.IntRange(SMOOTHED_OVER), show_default=True)
@click.option("-b", "--batchsize", default=32, type=click.IntRange(2), show_default=True)
@click.option("--alpha", default=4e-4, show_default=True)
@click.option("--init-std", "std", default=0.02, show_default=True)
@click.option("--seed", default=0, show_default=True)
def main(data, out, iterations, **settings):
    """Train twice and draw losses.png; a run that is there already is not repeated."""
    out = pathlib.Path(out)
    rounded = {}
    for precision in COLOURS:
        with products_in(precision) as rounded[precision]:
            if not (out / precision / f"snapshot_iter_{iterations}").exists():
                train(data, out / precision, length=(iterations, "iteration"), **settings)
    logs = {name: json.loads((out / name / "log").read_text()) for name in COLOURS}
    batch = f"minibatches of {settings['batchsize']}"
    plot(logs, out / "losses.png", f"rezoolab, {batch}; factors rounded to bf16 {rounded['bf16']}")
    for name, log in logs.items():
        last = {key: np.mean([e[key] for e in log[-100:]]) for key in ("gen/loss", "dis/loss")}
        means = ", ".join(f"{key} {value:.3f}" for key, value in last.items())
        print(f"{name}: means of the last 100 iterations: {means}; {log[-1]['elapsed_time']:.0f} s")


if __name__ == "__main__":
    main()
