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

    def __repr__(self):
        n = sum(param.size for param in self.params() if param.is_initialized)
        picture = f"{self.channels}×{self.size}×{self.size}"
        what = f"z of {self.n_hidden} → {picture}" if hasattr(self, "n_hidden") else picture
        return (
            f"<{type(self).__name__} of {self.article}: {what}, {n:,} parameters, "
            f"eps {self.eps:g}, on {self.device}>"
        )
