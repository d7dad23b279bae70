"""A train step by this project's public names."""

import dataclasses
import gc
import tempfile

import illust_gan
import chainer
import numpy as np
from cupy_counts import free_blocks, graphs, kernels_in, memory, synchronize
from gpu_benchmark.minibatch import given
from illust_gan.functions.cuda.loss_scale import LossScale
from illust_gan.functions.cuda.optimizer import set_loss_scale
from illust_gan.nets import RECIPES

# A trainer replays its graph from the fourth iteration on.
COMPARED = 6


class SameMinibatch(chainer.dataset.Iterator):
    """Hands out the same pictures for ever, as one array."""

    is_new_epoch = False

    def __init__(self, pixels):
        self.pixels = pixels

    def next(self):
        return self.pixels


class GivenZ(illust_gan.DCGANUpdater):
    """An updater whose generated pictures always begin with the same z."""

    z = None

    def draw_z(self, n, rng):
        """Return what was given."""
        return self.z


class Training:
    """The updater of ``make_trainer``, on a data set in the device's memory.

    Args:
        job (dict): See ``child.py``.
        device (chainer.backend.Device): Where.
    """

    def __init__(self, job, device):
        self.job = job
        self.device = device
        self.dataset = illust_gan.PackedDataset(job["pictures"]).to_device(device)
        self.folder = tempfile.TemporaryDirectory()
        self.trainer = None

    def check(self):
        """Return both losses of two iterations on the given minibatch, in plain steps."""
        recipe = RECIPES[self.job["net"]]
        gen, dis = recipe.Generator(), recipe.Discriminator()
        for net, path in ((gen, self.job["gen"]), (dis, self.job["dis"])):
            chainer.serializers.load_npz(path, net)
            net.to_device(self.device)
        z, indexes = given(self.job)
        optimizers = {"gen": recipe.make_optimizer(gen), "dis": recipe.make_optimizer(dis)}
        if illust_gan.config.precision == "float16":
            # As make_trainer does, which begins higher and leaves steps out until the scale fits.
            for optimizer in optimizers.values():
                set_loss_scale(optimizer, LossScale(2.0**10))
        updater = GivenZ(
            SameMinibatch(self.dataset.take(indexes)),
            optimizers,
            dataclasses.replace(recipe, mirror=False),
            device=self.device,
            graph=False,
        )
        updater.z = z
        reporter = chainer.Reporter()
        reporter.add_observer("gen", gen)
        reporter.add_observer("dis", dis)
        return [self._losses(updater, reporter) for _ in range(2)]

    def replayed(self):
        """Return the first losses of a trainer that replays its graph, and of one that does not.

        Both draw the same minibatches: what an iteration draws follows from seed and iteration.

        Raises:
            RuntimeError: If the first has captured none, which the project but warns of.
        """
        if not self.job["graph"] or self.device.xp is np:
            return None
        both = []
        for graph in (True, False):
            trainer = self._make_trainer(graph)
            both.append([self._losses(trainer.updater, trainer.reporter) for _ in range(COMPARED)])
            if graph and not graphs():
                raise RuntimeError("no CUDA graph has been captured")
            del trainer
        return both

    def step(self):
        """Do one iteration."""
        if self.trainer is None:
            self.trainer = self._make_trainer(self.job["graph"])
        with self.trainer.reporter.scope({}):
            self.trainer.updater.update()

    def _make_trainer(self, graph):
        # The one before holds memory and a graph until it is collected.
        gc.collect()
        free_blocks(self.device)
        return illust_gan.make_trainer(
            self.job["net"],
            self.dataset,
            self.folder.name,
            length=(1, "iteration"),
            batchsize=self.job["batchsize"],
            device=self.device,
            graph=graph,
            progress=False,
        )

    @staticmethod
    def _losses(updater, reporter):
        losses = {}
        with reporter.scope(losses):
            updater.update()
        values = (losses[name] for name in ("gen/loss", "dis/loss"))
        return [float(getattr(value, "array", value)) for value in values]

    def synchronize(self):
        """Wait for the device."""
        synchronize(self.device)

    def memory(self):
        """Return CuPy's own count, in megabytes."""
        return memory(self.device)

    def kernels(self):
        """Return how many kernels the captured step has."""
        if not self.job["graph"] or self.device.xp is np:
            return None
        return sum(kernels_in(graph) for graph in graphs())
