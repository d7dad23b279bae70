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
        size (int): Edge of the square pictures that the article drew, in pixels.
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
        has_labels (bool): Whether both nets are given a label beside each z and each picture.
        multiple (int): Of which the edge has to be a multiple where it can be another than
            ``size``; None if it cannot.
        most (int): The longest edge then.
        size_arguments (callable): Edge → arguments of both nets that are of this size.
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
    has_labels: bool = False
    multiple: int | None = None
    most: int = 256
    size_arguments: Callable = lambda size: {}

    def draws(self, size):
        """Return whether the nets can be of this size.

        Args:
            size (int): Edge of the pictures.
        """
        if self.multiple is None:
            return size == self.size
        return size <= self.most and size % self.multiple == 0

    @property
    def sizes(self):
        """str: Which sizes there are, in words."""
        if self.multiple is None:
            return f"{self.size}×{self.size}"
        return f"multiples of {self.multiple} up to {self.most}, such as {self.size}×{self.size}"

    def make_nets(self, size=None, *, label_names=(), std=None, rng=None):
        """Return both nets with the article's initial weights.

        Args:
            size (int): Edge of the pictures; the article's if omitted.
            label_names (tuple of str): Of nets with labels, what the labels are called; the
                article's if omitted. Other nets pass over them.
            std (float): Standard deviation of the initial weights; the article's if omitted.
            rng (numpy.random.RandomState): Source of the initial weights; NumPy's global one if
                omitted.

        Returns:
            tuple of chainer.Chain: Generator and discriminator of pictures in RGB.
        """
        arguments = {"std": self.std if std is None else std, "rng": rng}
        arguments |= self.size_arguments(self.size if size is None else size)
        if label_names and self.has_labels:
            arguments["y_dim"] = len(label_names)
        gen, dis = self.Generator(**arguments), self.Discriminator(**arguments)
        if label_names and self.has_labels:
            gen.label_names = label_names
        return gen, dis

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
