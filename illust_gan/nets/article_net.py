"""What both articles' nets share: they know their eps, and say what they are."""

import contextlib
import math

import chainer
import chainer.links as L


class ArticleNet(chainer.Chain):
    """Chain whose snapshots also hold ``eps``, which Chainer keeps in the code alone.

    What a net draws in test mode depends on what batch normalisation adds to its variance: 1e-5 in
    the articles, 2e-5 by default in Chainer 1.14 and later. A snapshot with the number draws the
    same faces wherever it is loaded; one without is loaded as ever, and Chainer, which looks for
    the names it knows, passes over the number.
    """

    article = ""
    # Of a generator, the names of its first link and of the normalisation behind it; of a
    # discriminator, the name of its last link.
    first = last = None
    _labels = ""
    #: The lowest number of a picture, where the highest is 1.
    low = -1
    #: What the label is called that a generator draws; None if it knows no labels, or draws any.
    label_name = None

    @property
    def eps(self):
        """float: What batch normalisation adds to the variance; setting it sets all layers'."""
        return next(link.eps for link in self._normalizations())

    @eps.setter
    def eps(self, eps):
        if not (math.isfinite(eps) and 0 <= eps < 1):
            raise ValueError(f"eps is {eps}; wanted 0 or more, and less than 1")
        for link in self._normalizations():
            link.eps = eps

    def _normalizations(self):
        return (link for link in self.children() if isinstance(link, L.BatchNormalization))

    def serialize(self, serializer):
        """Serialize parameters, moving averages and eps."""
        super().serialize(serializer)
        # A snapshot of another program has none, and eps stays as it is.
        with contextlib.suppress(KeyError):
            self.eps = float(serializer("eps", self.eps))

    def first_input(self, z):
        """Return what the first layer of a generator is given.

        Args:
            z (array or chainer.Variable): float32 (N, n_hidden).

        Returns:
            array or chainer.Variable: float32 (N, inputs of the layer), z first.
        """
        return z

    def __repr__(self):
        n = sum(param.size for param in self.params() if param.is_initialized)
        picture = f"{self.channels}×{self.size}×{self.size}"
        what = f"z of {self.n_hidden} → {picture}" if hasattr(self, "n_hidden") else picture
        return (
            f"<{type(self).__name__} of {self.article}: {what}{self._labels}, {n:,} parameters, "
            f"eps {self.eps:g}, on {self.device}>"
        )


def to_signed(net, x):
    """Bring a net's pictures to [-1, 1], where those of most nets are.

    Args:
        net (chainer.Chain): A generator or discriminator; ``low`` says where its pictures are.
        x (array or chainer.Variable): Its pictures, float (N, C, H, W).

    Returns:
        array or chainer.Variable: ``x`` itself, or 2·x - 1.

    Example:
        >>> from illust_gan.nets import kim_conditional
        >>> to_signed(kim_conditional.Discriminator(), 0.25)
        -0.5
    """
    return x if getattr(net, "low", -1) == -1 else 2 * x - 1


def from_signed(net, x):
    """Bring pictures on [-1, 1] to where a net's pictures are; :func:`to_signed` the other way.

    Args:
        net, x: As there.

    Returns:
        array or chainer.Variable: ``x`` itself, or (x + 1) / 2, which is exact for pixels.
    """
    return x if getattr(net, "low", -1) == -1 else (x + 1) / 2
