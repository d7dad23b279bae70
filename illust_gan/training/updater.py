"""One iteration: both nets learn from one minibatch."""

import contextlib

import chainer
import numpy as np
from chainer import training

from illust_gan.datasets.pixels import to_float
from illust_gan.functions.cuda import weights
from illust_gan.functions.cuda.optimizer import loss_scale
from illust_gan.functions.switch import config
from illust_gan.nets.article_net import from_signed
from illust_gan.nets.beside import one_hot
from illust_gan.nets.latent import draw_z
from illust_gan.training.device_step import DeviceStep


def as_array(batch, device):
    """Send a minibatch to a device as one array.

    Args:
        batch (:ref:`ndarray`, tuple or list): An array of examples or a tuple of such arrays, which
            are sent as they are; or a list of examples, which Chainer's ``concat_examples`` puts
            together.
        device (chainer.backend.Device): Where it is wanted; if None, it stays where it is.

    Returns:
        :ref:`ndarray` or tuple of :ref:`ndarray`: The examples along the first axis.
    """
    if isinstance(batch, tuple):
        return tuple(chainer.dataset.to_device(device, array) for array in batch)
    if isinstance(batch, chainer.get_array_types()):
        return chainer.dataset.to_device(device, batch)
    return chainer.dataset.concat_examples(batch, device)


class DCGANUpdater(training.updaters.StandardUpdater):
    """Trains a generator and a discriminator as the two articles do.

    One iteration draws z, judges the pictures G(z) and those of the data set, and then updates
    first the generator, then the discriminator. One D(G(z)) serves both losses (2015's loops,
    mattya/chainer-DCGAN ``DCGAN.py``). Gradients are taken only where someone uses them: the
    generator's loss goes back through D to the pictures without touching D's weights, and the
    discriminator's loss stops at D's first weights without a gradient of the pictures. A recipe
    whose ``gen_updates`` is above 1 has the discriminator go first.

    All that an iteration draws by chance (z, and which pictures are mirrored) follows from
    ``seed`` and the iteration's number alone. So a resumed run repeats the numbers of an
    unbroken one, and no other use of NumPy's random state can disturb them. A GPU draws them
    itself, and so other ones than the CPU (see :mod:`~illust_gan.training.device_step`).

    The losses are reported as ``gen/loss`` and ``dis/loss``.

    Args:
        iterator (chainer.dataset.Iterator): Hands out pictures, as a list or as one array: uint8
            (H, W, 3) as :class:`~illust_gan.PackedDataset` gives them, which are scaled to
            (pixel - 128)/128, or float32 (3, H, W), which are taken as they are. For nets with
            labels, a pair of pictures and labels, int32 (N,), or a list of such pairs.
        optimizer (dict): ``{"gen": optimizer, "dis": optimizer}``, set up for their nets.
        recipe (illust_gan.nets.recipe.Recipe): Its losses and its mirroring are used.
        seed (int): Start of the random numbers, 0 to 2**32 - 1.
        converter (callable): ``(batch, device)`` → array of pictures; for nets with labels, a
            tuple of pictures and labels.
        device: Device to which nets and pictures are sent; the generator's if omitted.
        graph (bool): Whether a GPU may repeat iterations as one CUDA graph, in which Python takes
            no part.

    .. seealso:: Goodfellow et al., "Generative Adversarial Nets" (2014), algorithm 1; Radford et
        al., "Unsupervised Representation Learning with DCGANs" (2015).
    """

    def __init__(
        self, iterator, optimizer, recipe, *, seed=0, converter=as_array, device=None, graph=True
    ):
        if device is None:
            device = optimizer["gen"].target.device
        super().__init__(iterator, optimizer, converter=converter, device=device)
        self.recipe = recipe
        self.seed = seed
        self.gen = optimizer["gen"].target
        self.dis = optimizer["dis"].target
        self._device_step = None
        if isinstance(self.device, chainer.backend.GpuDevice):
            draws_itself = type(self).draw_z is DCGANUpdater.draw_z
            self._device_step = DeviceStep(
                self,
                draw_z=None if draws_itself else self.draw_z,
                converter=None if converter is as_array else converter,
                graph=graph,
            )

    def update_core(self):
        """Do one iteration."""
        iterator = self.get_iterator("main")
        batch = iterator.next()
        if self._device_step is not None and config.fast:
            loss_gen, loss_dis = self._device_step(batch)
        else:
            rng = np.random.RandomState([self.seed, self.iteration])
            pictures, labels = self.parts(self.converter(batch, self.device))
            z = self.device.send(self.draw_z(len(pictures), rng))
            label = () if labels is None else (one_hot(labels, self.gen.y_dim),)
            x_real = from_signed(self.dis, self._scale(pictures, rng))
            loss_gen, loss_dis = self.learn(z, x_real, *label)
        chainer.report({"loss": loss_gen}, self.gen)
        chainer.report({"loss": loss_dis}, self.dis)

        if self.auto_new_epoch and iterator.is_new_epoch:
            for optimizer in self.get_all_optimizers().values():
                optimizer.new_epoch(auto=True)

    def parts(self, batch):
        """Return pictures and labels of a minibatch; None for labels where the nets know none."""
        return batch if self.recipe.has_labels else (batch, None)

    def learn(self, z, x_real, y=None):
        """Let both nets learn from one minibatch.

        Args:
            z (:ref:`ndarray`): float32 (N, n_hidden), on the nets' device.
            x_real (:ref:`ndarray`): float32 (N, 3, H, W) on [-1, 1], there too; on [0, 1] for nets
                with labels.
            y (:ref:`ndarray`): float32 (N, y_dim), the pictures' labels, one-hot, for these nets;
                both the pictures drawn and those of the data set are judged beside them.

        Returns:
            tuple of chainer.Variable: The generator's and the discriminator's loss before it; of a
            generator that is updated several times, the loss before the last time.
        """
        label = () if y is None else (y,)
        if self.recipe.gen_updates > 1:
            return self._learn_in_turn(z, x_real, label)
        gen, dis = self.get_optimizer("gen"), self.get_optimizer("dis")
        # The generator's change in it, and are not used any more then.
        with weights.unchanged():
            x_fake = self.gen(z, *label)
            # A leaf of its own cuts D's graph from G's: gradients cross here by hand.
            judged = chainer.Variable(x_fake.array)
            y_fake = self.dis(judged, *label)
            y_real = self.dis(x_real, *label)
            loss_gen = self.recipe.loss_gen(y_fake)
            loss_dis = self.recipe.loss_dis(y_fake, y_real)

            (g_pictures,) = chainer.grad([loss_gen], [judged], _scaled_one(gen))
            _set_gradients(self.gen, [x_fake], [g_pictures])
            # What the generator remembers of its layers takes room.
            del x_fake
            gen.update()
            _set_gradients(self.dis, [loss_dis], _scaled_one(dis))
        dis.update()
        # And so do the discriminator's, as long as somebody keeps a loss.
        loss_gen.unchain()
        loss_dis.unchain()
        return loss_gen, loss_dis

    def _learn_in_turn(self, z, x_real, label):
        """Update the discriminator, then the generator several times from the same z.

        Each time it draws and is judged anew, as the nets have changed (carpedm20/
        DCGAN-tensorflow, ``model.py``, ``train``).
        """
        gen, dis = self.get_optimizer("gen"), self.get_optimizer("dis")
        with weights.unchanged():
            with chainer.no_backprop_mode():
                x_fake = self.gen(z, *label).array
            loss_dis = self.recipe.loss_dis(self.dis(x_fake, *label), self.dis(x_real, *label))
            _set_gradients(self.dis, [loss_dis], _scaled_one(dis))
        dis.update()
        loss_dis.unchain()
        for _ in range(self.recipe.gen_updates):
            with weights.unchanged():
                x_fake = self.gen(z, *label)
                judged = chainer.Variable(x_fake.array)
                loss_gen = self.recipe.loss_gen(self.dis(judged, *label))
                (g_pictures,) = chainer.grad([loss_gen], [judged], _scaled_one(gen))
                _set_gradients(self.gen, [x_fake], [g_pictures])
                del x_fake
            gen.update()
            loss_gen.unchain()
        return loss_gen, loss_dis

    def draw_z(self, n, rng):
        """Draw the z of one minibatch; override it for another distribution.

        Args:
            n (int): Pictures in the minibatch.
            rng (numpy.random.RandomState): Follows from the seed and the iteration.

        Returns:
            numpy.ndarray: float32 (n, n_hidden).
        """
        return draw_z(n, self.gen.n_hidden, rng=rng)

    def _scale(self, pictures, rng):
        flips = rng.randint(2, size=len(pictures)).astype(bool) if self.recipe.mirror else None
        if pictures.dtype == np.uint8:
            return to_float(pictures, flips)
        if flips is not None:
            pictures = pictures.copy()
            pictures[flips] = pictures[flips, :, :, ::-1]
        return pictures

    def serialize(self, serializer):
        """Serialize the iteration, both nets, both optimisers, the iterator and the seed."""
        super().serialize(serializer)
        self.seed = serializer("seed", self.seed)
        for name, optimizer in sorted(self.get_all_optimizers().items()):
            scale = loss_scale(optimizer)
            if scale is not None:
                # A run that went on in float16 only now has none.
                with contextlib.suppress(KeyError):
                    scale.state = serializer(f"loss_scale:{name}", scale.state)


def _scaled_one(optimizer):
    """Return what the gradient of a loss begins with: None for 1."""
    scale = loss_scale(optimizer)
    return None if scale is None else [chainer.Variable(scale.array.reshape(()))]


def _set_gradients(net, outputs, grad_outputs=None):
    """Give each parameter its gradient, and None to those that the outputs do not depend on."""
    params = list(net.params())
    for param, grad in zip(params, chainer.grad(outputs, params, grad_outputs)):
        param.grad_var = grad
