"""How an article trained its two nets, as data."""

import dataclasses
from collections.abc import Callable

import chainer


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
    """All that an article says of its training besides the nets themselves.

    Attributes:
        name (str): What ``--net`` calls it.
        article (str): Title and source.
        Generator, Discriminator (type): The two chains.
        size (int): Edge of the square pictures, in pixels.
        n_hidden (int): Length of z, whose entries are uniform on [-1, 1].
        std (float): Standard deviation of the initial weights; None if they are not normal.
        batchsize (int): Pictures in a minibatch.
        alpha (float): Step size of both nets' Adam.
        beta1 (float): First moment's decay of both nets' Adam.
        weight_decay (float): Rate of both nets' weight decay; 0 for none.
        mirror (bool): Whether each picture is mirrored left to right with probability 1/2.
        loss_gen (callable): ``y_fake`` → loss (see :mod:`illust_gan.nets.losses`).
        loss_dis (callable): ``y_fake, y_real`` → loss.
        gen_updates (int): How often the generator is updated for each time the discriminator is.
            With 1, the generator goes first and one D(G(z)) serves both; with more, the
            discriminator does, and each update of the generator takes a D(G(z)) of its own.
    """

    name: str
    article: str
    Generator: type
    Discriminator: type
    size: int
    n_hidden: int
    std: float | None
    batchsize: int
    alpha: float
    beta1: float
    weight_decay: float
    mirror: bool
    loss_gen: Callable
    loss_dis: Callable
    gen_updates: int = 1

    def make_optimizer(self, net):
        """Return the article's optimiser, set up for one of its nets.

        Args:
            net (chainer.Chain): Generator or discriminator.

        Returns:
            chainer.optimizers.Adam: With the weight decay as a hook, if there is one.
        """
        optimizer = chainer.optimizers.Adam(alpha=self.alpha, beta1=self.beta1).setup(net)
        if self.weight_decay:
            optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(self.weight_decay))
        return optimizer
