"""``illust-gan train``: a data set in, a run's folder out."""

import json
import os

import click
import matplotlib

from illust_gan.commands.device import check_device, device_option
from illust_gan.commands.precision import precision_option, use_precision
from illust_gan.datasets.packed import PackedDataset
from illust_gan.nets import RECIPES
from illust_gan.serializers.resume import load_initial
from illust_gan.serializers.resume import resume as load_state
from illust_gan.serializers.writer import save_npz
from illust_gan.training import options as run_options
from illust_gan.training.trainer import check_dataset, make_trainer

_NEWEST = "the newest"
_INITIAL = ("gen", "dis", "gen_optimizer", "dis_optimizer")


def _recipes(field):
    values = {name: getattr(recipe, field) for name, recipe in RECIPES.items()}
    values = ", ".join(f"{k} {'Glorot' if v is None else v}" for k, v in values.items())
    return f"  [default: {values}]"


@click.command()
@click.option("--net", type=click.Choice(list(RECIPES)), help="Which article's nets.")
@click.option("--data", type=click.Path(), help="Data set, as `illust-gan dataset` makes it.")
@click.option(
    "--held-out",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    metavar="SHARE",
    help="Keep this share of the pictures, such as 0.1, out of training, for metrics; they are "
    "the same in every run.  [default: none]",
)
@click.option(
    "--preload/--no-preload",
    default=None,
    help="Keep all the pictures in the device's memory instead of reading them from the file.  "
    "[default: no-preload]",
)
@click.option(
    "--out",
    type=click.Path(),
    help="Folder of the run.  [default: the next free results/NNN-NET-DATA]",
)
@click.option(
    "-b",
    "--batchsize",
    type=click.IntRange(2),
    help="Pictures in a minibatch." + _recipes("batchsize"),
)
@click.option("-e", "--epoch", type=click.IntRange(1), help="Length in epochs.  [default: 100]")
@click.option("--iterations", type=click.IntRange(1), help="Length in iterations instead.")
@device_option
@precision_option
@click.option(
    "--graph/--no-graph",
    default=None,
    help="On a GPU, repeat iterations as one CUDA graph, in which Python takes no part; or do them "
    "kernel by kernel.  [default: graph]",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    help="The same seed trains the same net.  [default: 0]",
)
@click.option(
    "--alpha",
    type=click.FloatRange(0, min_open=True),
    help="Step size of Adam." + _recipes("alpha"),
)
@click.option(
    "--gen-updates",
    type=click.IntRange(1, 100),
    help="How often the generator is updated for each time the discriminator is."
    + _recipes("gen_updates"),
)
@click.option(
    "--init-std",
    "std",
    type=click.FloatRange(0, min_open=True),
    help="Standard deviation of the initial weights." + _recipes("std"),
)
@click.option(
    "--init-gen",
    type=click.Path(),
    help="Begin with the generator in this snapshot, of any Chainer or TensorFlow.",
)
@click.option(
    "--init-dis",
    type=click.Path(),
    help="Begin with the discriminator in this snapshot.",
)
@click.option(
    "--init-gen-optimizer",
    type=click.Path(),
    help="… and with the state of the generator's optimiser in this file.",
)
@click.option(
    "--init-dis-optimizer",
    type=click.Path(),
    help="… and with the state of the discriminator's.",
)
@click.option(
    "--chainer-version",
    help="Of the Chainer that wrote these files.  [default: concluded from each]",
)
@click.option(
    "--resume",
    is_flag=False,
    flag_value=_NEWEST,
    metavar="[FILE]",
    help="Go on from a snapshot; without FILE from the newest whole one in --out.",
)
@click.option(
    "--snapshot-interval",
    type=click.IntRange(1),
    help="Iterations between snapshots; the last three are kept.  [default: 500]",
)
@click.option(
    "--sheet-interval",
    type=click.IntRange(1),
    help="Iterations between sheets of samples.  [default: 100]",
)
@click.option("--dry-run", is_flag=True, help="Print the resolved options and stop.")
def train(out, resume, dry_run, **given):
    """Train a generator and a discriminator on a data set.

    \b
    illust-gan train --net rezoolab --data data/avatars-64.npy
    illust-gan train --net maccha --data faces-96.npy -e 300 -d 0 --out results/mine
    illust-gan train --net kim-conditional --data pets-28.npy    # packed with --labels folder
    illust-gan train --resume --out results/mine

    Ctrl-C and SIGTERM save a snapshot before they end the run.
    """
    snapshot = folder = None
    if resume is not None:
        wanted = None if resume == _NEWEST else resume
        folder, snapshot, broken = run_options.find_run(out, wanted)
        for name, why in broken.items():
            # Not among the results: with --dry-run those are JSON.
            goal = os.path.basename(snapshot)
            click.echo(f"{name} is broken ({why}); going on from {goal}", err=True)
    going_on = folder is not None and folder.holds_run()
    options = run_options.resumed(folder, given) if going_on else run_options.new(given)
    folder = folder or run_options.new_folder(options, out)
    device = check_device(options["device"])
    use_precision(options["precision"], device)
    recipe = RECIPES[options["net"]]
    dataset, held = PackedDataset(options["data"]), ()
    if options["held_out"] is not None:
        dataset, held = dataset.split(options["held_out"])
    check_dataset(dataset, recipe, options["batchsize"])
    if not going_on:
        folder.check_free()
    if dry_run:
        click.echo(json.dumps({"out": folder.path, **options}, indent=2, ensure_ascii=False))
        return 0

    if options["preload"]:
        dataset = dataset.to_device(device)
    unit = "epoch" if options["iterations"] is None else "iteration"
    length = (options["epoch"] or options["iterations"], unit)
    trainer = make_trainer(
        options["net"],
        dataset,
        folder.path,
        length=length,
        batchsize=options["batchsize"],
        alpha=options["alpha"],
        gen_updates=options["gen_updates"],
        std=options["std"],
        seed=options["seed"],
        device=device,
        graph=options["graph"],
        snapshot_interval=(options["snapshot_interval"], "iteration"),
        sheet_interval=(options["sheet_interval"], "iteration"),
        progress=True,
    )
    version = options["chainer_version"]
    if snapshot is None:
        initial = {name: options[f"init_{name}"] for name in _INITIAL}
        load_initial(trainer, **initial, chainer_version=version)
    else:
        load_state(snapshot, trainer, chainer_version=version)
        click.echo(f"going on from {snapshot}")
    if going_on:
        folder.remove_parts()
        _set_later_snapshots_aside(folder, trainer.updater.iteration)
    folder.save_options(options)
    labelled = f" with {len(dataset.label_names)} labels" if recipe.has_labels else ""
    click.echo(
        f"training {recipe.name} on {len(dataset):,} pictures{labelled} of {dataset.path}"
        + (f", {len(held):,} held out: " if held else ": ")
        + f"{length[0]} {unit}s of batches of {options['batchsize']} on {device}; "
        f"everything goes to {folder.path}"
    )
    return _run(trainer, folder)


def _set_later_snapshots_aside(folder, iteration):
    names, aside = folder.set_aside_after(iteration)
    if names:
        click.echo(f"{', '.join(names)}: of later iterations, and now in {aside}")


def _run(trainer, folder):
    """Run to the end, say where things are, and return the exit code."""
    # Plots are files here, whatever screen there is.
    matplotlib.use("Agg")
    trainer.run(show_loop_exception_msg=False)

    iteration = trainer.updater.iteration
    stop_signal = trainer.get_extension("StopSignal").received
    last_sheet = trainer.get_extension("Sheet").last
    generator = os.path.join(folder.path, "generator.npz")
    save_npz(generator, trainer.updater.gen)
    if stop_signal is not None:
        click.echo(
            f"stopped by {stop_signal.name} at iteration {iteration}, and its state saved; "
            f"go on with: illust-gan train --resume --out {folder.path}"
        )
    elif last_sheet is None:
        click.echo(f"the run was at its end already, iteration {iteration}; give a greater length")
    else:
        click.echo(f"{iteration} iterations done; generator: {generator}")
    if last_sheet is not None:
        click.echo(f"last sheet: {last_sheet}")
    return 0 if stop_signal is None else 128 + stop_signal
