"""One iteration on a GPU: what it reads lies at fixed places, and all it draws is drawn there.

So an iteration is the same work on the same memory each time, and can be captured as a CUDA graph
(:mod:`illust_gan.training.step_graph`). It is done on a stream of its own, which CUDA keeps in
order with the default stream: extensions see the weights as an iteration left them.

z is uniform on [-1, 1] and, with the coins that mirror pictures, follows from the seed and the
iteration's number by Philox, wherever iterations are repeated from.
"""

import warnings
import weakref

import chainer
import numpy as np

from illust_gan.functions.cuda import cudnn, philox, pictures
from illust_gan.functions.switch import config
from illust_gan.nets.article_net import from_signed
from illust_gan.nets.beside import one_hot
from illust_gan.training.feed import Feed
from illust_gan.training.step_graph import CaptureError, StepGraph


class DeviceStep:
    """Does the iterations of a :class:`~illust_gan.DCGANUpdater` whose nets are on a GPU.

    Args:
        updater (illust_gan.DCGANUpdater): Its nets, optimisers, recipe and seed are used.
        draw_z (callable): Draws z on the host, as :meth:`~illust_gan.DCGANUpdater.draw_z`; None to
            have it drawn on the GPU.
        converter (callable): ``(batch, device)`` → array of pictures; None to copy them by
            :class:`~illust_gan.training.feed.Feed`.
        graph (bool): Whether to capture iterations.
    """

    def __init__(self, updater, draw_z, converter, graph):
        import cupy

        self.updater = updater
        self.draw_z = draw_z
        self.converter = converter
        self.graph = graph
        self.device = updater.device.device
        self.xp = cupy
        with self.device:
            self.stream = cupy.cuda.Stream()
            # CUDA gives the handle to another stream, and CuPy its memory, while work is under way.
            weakref.finalize(self, self.stream.synchronize).atexit = False
            self.feed = Feed(self.stream)
            self.feed_labels = Feed(self.stream) if updater.recipe.has_labels else None
            self.iteration = cupy.zeros(1, np.int64)
        self._next_iteration = 0
        self._step_graph = self._watched = None
        self.z = self.labels = None

    def __call__(self, batch):
        """Do one iteration.

        Args:
            batch: What the iterator has handed out.

        Returns:
            tuple of chainer.Variable: The generator's and the discriminator's loss. Their arrays
            may be written over by the next iteration.
        """
        with self.device:
            self._take(batch)
            if not self.graph or not cudnn.is_there():
                with self.stream:
                    return self._compute()
            try:
                return self._take_graph()()
            except CaptureError as error:
                warnings.warn(
                    f"iterations are done kernel by kernel, as one could not be captured: {error}",
                    stacklevel=2,
                )
                self.graph, self._step_graph, self._watched = False, None, None
                with self.stream:
                    return self._compute()

    def _take(self, batch):
        """Bring pictures, the iteration's number and a z from the host to their places."""
        updater = self.updater
        if updater.iteration != self._next_iteration:
            self.iteration.fill(updater.iteration)
        self._next_iteration = updater.iteration + 1
        if self.converter is not None:
            batch = self.converter(batch, updater.device)
        elif not isinstance(batch, (tuple, *chainer.get_array_types())):
            batch = chainer.dataset.concat_examples(batch)
        batch, labels = updater.parts(batch)
        self.pictures = self.feed(batch)
        if labels is not None:
            self.labels = self.feed_labels(labels)
        shape = (len(batch), updater.gen.n_hidden)
        if self.z is None or self.z.shape != shape:
            self.z = self.xp.empty(shape, np.float32)
            self.flips = self.xp.empty(len(batch), np.uint8)
        if self.draw_z is not None:
            rng = np.random.RandomState([updater.seed, updater.iteration])
            self.z.set(self.draw_z(len(batch), rng))

    def _compute(self):
        """Do the iteration's work; nothing here may read a number back or wait."""
        updater = self.updater
        if self.draw_z is None:
            philox.uniform(self.z, updater.seed, self.iteration)
        flips = None
        if updater.recipe.mirror:
            flips = self.flips
            philox.flips(flips, updater.seed, self.iteration)
        x_real = from_signed(updater.dis, self._scale(flips))
        label = () if self.labels is None else (one_hot(self.labels, updater.gen.y_dim),)
        philox.advance(self.iteration)
        return updater.learn(self.z, x_real, *label)

    def _scale(self, flips):
        if self.pictures.dtype == np.uint8:
            return pictures.to_float(self.pictures, flips=flips)
        if flips is None:
            return self.pictures
        is_flipped = flips.reshape(-1, 1, 1, 1) != 0
        return self.xp.where(is_flipped, self.pictures[:, :, :, ::-1], self.pictures)

    def _take_graph(self):
        if self._watched is None or not self._watched.is_same() or not self._step_graph.is_same():
            optimizers = list(self.updater.get_all_optimizers().values())
            self._step_graph = StepGraph(self._compute, self.stream, optimizers)
            self._watched = _Watched(self)
        return self._step_graph


class _Watched:
    """What an iteration reads besides weights and moments, and must stay for a graph to be right.

    Args:
        step (DeviceStep): Whose iteration it is.
    """

    def __init__(self, step):
        self.step = step
        self.settings = self._settings()
        self.given = step.pictures, step.labels, step.z
        links = [link for net in (step.updater.gen, step.updater.dis) for link in net.links()]
        # Running statistics, held so that their memory stays the graph's.
        self.persistents = [
            (vars(link), name, vars(link)[name]) for link in links for name in link._persistent
        ]

    def is_same(self):
        """Return whether all is what it was, and where it was."""
        step = self.step
        return (
            all(a is b for a, b in zip(self.given, (step.pictures, step.labels, step.z)))
            and all(names[name] is value for names, name, value in self.persistents)
            and self._settings() == self.settings
        )

    def _settings(self):
        updater = self.step.updater
        return config.precision, chainer.config.train, updater.seed, updater.recipe
