"""Putting Chainer's Trainer together."""

import dataclasses
import os
import sys

import chainer
import numpy as np
from chainer import training
from chainer.training import extensions

from illust_gan.datasets.errors import DatasetError
from illust_gan.datasets.packed_iterator import PackedIterator
from illust_gan.functions.cuda.loss_scale import LossScale
from illust_gan.functions.cuda.optimizer import set_loss_scale
from illust_gan.functions.switch import config
from illust_gan.nets import RECIPES
from illust_gan.serializers.writer import AtomicWriter
from illust_gan.training.extensions import FiniteLoss, Sheet, StopSignal
from illust_gan.training.order_sampler import SeededOrderSampler
from illust_gan.training.triggers import IntervalOrEnd, StopTrigger
from illust_gan.training.updater import DCGANUpdater

_LOSSES = ("gen/loss", "dis/loss")
_COLUMNS = ("epoch", "iteration", *_LOSSES, "elapsed_time", "remaining_time")


def make_trainer(
    net,
    dataset,
    out,
    *,
    length,
    batchsize=None,
    alpha=None,
    gen_updates=None,
    std=None,
    seed=0,
    device="@numpy",
    graph=True,
    snapshot_interval=(1, "epoch"),
    sheet_interval=(1, "epoch"),
    log_interval=(10, "iteration"),
    n_retains=3,
    progress=None,
):
    """Make a Trainer which trains one article's pair of nets.

    It is an ordinary :class:`chainer.training.Trainer`: extend it, and call its ``run``.

    Args:
        net (str): A name of :data:`illust_gan.nets.RECIPES`, such as ``"rezoolab"``.
        dataset (illust_gan.PackedDataset): Pictures of a size that the net can have, and labels if
            it is to know them; also one side of its ``split``, or a copy on a device that its
            ``to_device`` made.
        out (str or os.PathLike): The run's folder.
        length (tuple): ``(number, "iteration")`` or ``(number, "epoch")``.
        batchsize (int): Pictures in a minibatch; the recipe's if omitted.
        alpha (float): Step size of both Adams; the recipe's if omitted.
        gen_updates (int): How often the generator is updated for each time the discriminator is;
            the recipe's if omitted.
        std (float): Standard deviation of the initial weights; the recipe's if omitted.
        seed (int): Start of all random numbers, 0 to 2**32 - 1. NumPy's global random state is
            neither used nor changed.
        device: As ``chainer.get_device`` takes it: ``"@numpy"``, ``"@cupy:0"``.
        graph (bool): Whether a GPU may repeat iterations as one CUDA graph (see
            :class:`DCGANUpdater`).
        snapshot_interval, sheet_interval, log_interval (tuple): How often.
        n_retains (int): Snapshots to keep; the oldest go first.
        progress (bool): Whether to print the log and, on a terminal, a progress bar with the time
            that remains; only on a terminal if omitted.

    Returns:
        chainer.training.Trainer: Its updater is a :class:`DCGANUpdater`; extensions are LogReport,
        PlotReport, PrintReport, ProgressBar, snapshot, :class:`~illust_gan.training.extensions.
        Sheet`, ``FiniteLoss`` and ``StopSignal``.

    Raises:
        DatasetError: If the pictures are of another size than the net draws, fewer than a
            minibatch, without labels that it needs, or on another device.
    """
    recipe = RECIPES[net]
    if gen_updates is not None:
        recipe = dataclasses.replace(recipe, gen_updates=gen_updates)
    batchsize = recipe.batchsize if batchsize is None else batchsize
    check_dataset(dataset, recipe, batchsize)
    device = chainer.get_device(device)
    _check_device(dataset, device)

    rng = np.random.RandomState(seed)
    gen, dis = recipe.make_nets(dataset.size, label_names=dataset.label_names, std=std, rng=rng)
    device.use()
    gen.to_device(device)
    dis.to_device(device)
    optimizer = {"gen": recipe.make_optimizer(gen), "dis": recipe.make_optimizer(dis)}
    if alpha is not None:
        for adam in optimizer.values():
            adam.hyperparam.alpha = alpha

    iterator = PackedIterator(
        dataset,
        batchsize,
        shuffle=None,
        order_sampler=SeededOrderSampler(seed),
        labels=recipe.has_labels,
    )
    on_gpu = isinstance(device, chainer.backend.GpuDevice)
    if on_gpu and config.precision == "float16":
        for adam in optimizer.values():
            set_loss_scale(adam, LossScale())
    updater = DCGANUpdater(iterator, optimizer, recipe, seed=seed, device=device, graph=graph)
    stop_signal = StopSignal()
    stop_trigger = StopTrigger(length, stop_signal)
    trainer = training.Trainer(updater, stop_trigger, out=os.fspath(out))
    trainer.extend(stop_signal)
    n_iterations = -(-length[0] * len(dataset) // batchsize) if length[1] == "epoch" else length[0]

    def each(interval):
        return IntervalOrEnd(interval, stop_trigger)

    looks = (log_interval, sheet_interval, snapshot_interval) if on_gpu else ()
    trainer.extend(FiniteLoss([each(interval) for interval in looks]))

    def each_log():
        # An entry is the mean since the one before. Where a signal stops the run there is none:
        # the snapshot keeps the mean so far, and the resumed run writes the unbroken one's log.
        return IntervalOrEnd(log_interval, stop_trigger.reached)

    trainer.extend(
        extensions.LogReport(_LOSSES, trigger=each_log(), postprocess=_remaining_time(n_iterations))
    )
    trainer.extend(
        extensions.PlotReport(_LOSSES, "iteration", trigger=each_log(), filename="loss.png")
    )
    trainer.extend(Sheet(gen, seed=seed), trigger=each(sheet_interval))
    trainer.extend(
        extensions.snapshot(writer=AtomicWriter(n_retains=n_retains)),
        trigger=each(snapshot_interval),
    )
    terminal = sys.stdout.isatty()
    if terminal if progress is None else progress:
        stream = sys.stdout if terminal else _PlainStream(sys.stdout)
        trainer.extend(extensions.PrintReport(_COLUMNS, out=stream), trigger=each_log())
        if terminal:
            trainer.extend(extensions.ProgressBar(length, update_interval=1))
    return trainer


def check_dataset(dataset, recipe, batchsize):
    """Raise :class:`DatasetError` unless a net can be trained on these pictures.

    Args:
        dataset (illust_gan.PackedDataset): The pictures.
        recipe (illust_gan.nets.recipe.Recipe): The net's.
        batchsize (int): Pictures in a minibatch.
    """
    has_labels = dataset.labels is not None
    if not recipe.draws(dataset.size):
        fitting = [r for r in RECIPES.values() if r.draws(dataset.size)]
        other = [f"--net {r.name}" for r in fitting if has_labels or not r.has_labels]
        raise DatasetError(
            f"{dataset.path} holds pictures of {dataset.size}×{dataset.size}, and --net "
            f"{recipe.name} draws {recipe.sizes}; "
            + (f"train {' or '.join(other)}, or " if other else "")
            + f"make a data set with --size {recipe.size}"
        )
    if recipe.has_labels and not has_labels:
        raise DatasetError(
            f"{dataset.path} has no labels, which --net {recipe.name} learns from; pack the "
            "pictures with `illust-gan dataset pack FOLDER OUT --labels folder`, or train --net kim"
        )
    if len(dataset) < batchsize:
        raise DatasetError(
            f"{dataset.path} holds {len(dataset)} pictures to train on, fewer than one minibatch "
            f"of {batchsize}; add pictures, or give a smaller --batchsize"
        )


def _check_device(dataset, device):
    held = chainer.backend.get_device_from_array(getattr(dataset, "pixels", None))
    if held is not None and held.xp is not np and held != device:
        raise DatasetError(
            f"the pictures of {dataset.path} are on {held}, and the nets are to be on {device}; "
            f"copy them with to_device('{device.name}'), or train on {held}"
        )


def _remaining_time(n_iterations):
    def add(stats):
        left = max(n_iterations - stats["iteration"], 0)
        stats["remaining_time"] = left * stats["elapsed_time"] / max(stats["iteration"], 1)

    return add


class _PlainStream:
    """Keeps out of files and pipes what only terminals understand.

    ``training/extensions/print_report.py`` of Chainer writes "erase to the end of the screen"
    before each line, wherever it writes to.
    """

    def __init__(self, out):
        self._out = out

    def write(self, text):
        self._out.write(text.replace("\033[J", ""))

    def flush(self):
        self._out.flush()
