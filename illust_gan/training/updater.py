"""One iteration: both nets learn from one minibatch."""

import chainer
import numpy as np
from chainer import training

from illust_gan.datasets.pixels import to_float
from illust_gan.nets.latent import draw_z


def as_array(batch, device):
    """Send a minibatch to a device as one array.

    Args:
        batch (:ref:`ndarray` or list of :ref:`ndarray`): An array of examples, which is sent as
            it is, or a list of them, which Chainer's ``concat_examples`` puts together.
        device (chainer.backend.Device): Where it is wanted; if None, it stays where it is.

    Returns:
        :ref:`ndarray`: The examples along the first axis.
    """
    if isinstance(batch, chainer.get_array_types()):
        return chainer.dataset.to_device(device, batch)
    return chainer.dataset.concat_examples(batch, device)


class DCGANUpdater(training.updaters.StandardUpdater):
    """Trains a generator and a discriminator as the two articles do.

    One iteration draws z, judges the pictures G(z) and those of the data set, and then updates
    first the generator, then the discriminator. One D(G(z)) serves both losses (2015's loops,
    mattya/chainer-DCGAN ``DCGAN.py``). Gradients are taken only where someone uses them: the
    generator's loss goes back through D to the pictures without touching D's weights, and the
    discriminator's loss stops at D's first weights without a gradient of the pictures.

    All that an iteration draws by chance (z, and which pictures are mirrored) follows from
    ``seed`` and the iteration's number alone. So a resumed run repeats the numbers of an
    unbroken one, and no other use of NumPy's random state can disturb them.

    The losses are reported as ``gen/loss`` and ``dis/loss``.

    Args:
        iterator (chainer.dataset.Iterator): Hands out pictures, as a list or as one array: uint8
            (H, W, 3) as :class:`~illust_gan.PackedDataset` gives them, which are scaled to
            (pixel - 128)/128, or float32 (3, H, W), which are taken as they are.
        optimizer (dict): ``{"gen": optimizer, "dis": optimizer}``, set up for their nets.
        recipe (illust_gan.nets.recipe.Recipe): Its losses and its mirroring are used.
        seed (int): Start of the random numbers, 0 to 2**32 - 1.
        converter (callable): ``(batch, device)`` → array of pictures.
        device: Device to which nets and pictures are sent; the generator's if omitted.

    .. seealso:: Goodfellow et al., "Generative Adversarial Nets" (2014), algorithm 1; Radford et
        al., "Unsupervised Representation Learning with DCGANs" (2015).
    """

    def __init__(self, iterator, optimizer, recipe, *, seed=0, converter=as_array, device=None):
        if device is None:
            device = optimizer["gen"].target.device
        super().__init__(iterator, optimizer, converter=converter, device=device)
        self.recipe = recipe
        self.seed = seed
        self.gen = optimizer["gen"].target
        self.dis = optimizer["dis"].target

    def update_core(self):
        """Do one iteration."""
        rng = np.random.RandomState([self.seed, self.iteration])
        iterator = self.get_iterator("main")
        pictures = self.converter(iterator.next(), self.device)
        z = self.device.send(self.draw_z(len(pictures), rng))
        x_real = self._scale(pictures, rng)

        x_fake = self.gen(z)
        # A leaf of its own cuts D's graph from G's: gradients cross here by hand.
        judged = chainer.Variable(x_fake.array)
        y_fake = self.dis(judged)
        y_real = self.dis(x_real)
        loss_gen = self.recipe.loss_gen(y_fake)
        loss_dis = self.recipe.loss_dis(y_fake, y_real)
        chainer.report({"loss": loss_gen}, self.gen)
        chainer.report({"loss": loss_dis}, self.dis)

        (g_pictures,) = chainer.grad([loss_gen], [judged])
        _set_gradients(self.gen, [x_fake], [g_pictures])
        self.get_optimizer("gen").update()

        _set_gradients(self.dis, [loss_dis])
        self.get_optimizer("dis").update()

        if self.auto_new_epoch and iterator.is_new_epoch:
            for optimizer in self.get_all_optimizers().values():
                optimizer.new_epoch(auto=True)

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


def _set_gradients(net, outputs, grad_outputs=None):
    """Give each parameter its gradient, and None to those that the outputs do not depend on."""
    params = list(net.params())
    for param, grad in zip(params, chainer.grad(outputs, params, grad_outputs)):
        param.grad_var = grad
