"""Which Chainer wrote a snapshot, and what its batch statistics mean.

Chainer changed twice what it saves as ``avg_var`` and what it adds to it in test mode, and no
snapshot says which version wrote it (read in Chainer's repository, tags v1.5.1 to v7.8.1:
``functions/normalization/batch_normalization.py`` and ``links/normalization/…``):

- up to 1.13, eps = 1e-5 is added to the variance *before* it goes into the moving average, and
  nothing in test mode;
- from 1.14 on, eps = 2e-5 is added in test mode (by cuDNN; without it only from 1.21 on).

So a net of the first kind, loaded by today's Chainer, must lose eps once. The difference is 1e-5 in
a variance: where the variance is large it cannot be seen, in a discriminator's first layers it is
everything.
"""

import dataclasses
import datetime
import re

import numpy as np

from illust_gan.errors import UserError, printable

_FIRST_OF_SECOND_RULE = (1, 14)
# Chainer 1.14.0 and 1.21.0 were tagged on these days.
_SECOND_RULE_BEGAN = datetime.date(2016, 8, 23)
_SECOND_RULE_SETTLED = datetime.date(2017, 2, 14)
# One iteration with decay 0.9 brings a tenth of eps into an average that holds it.
_LEAST_WITH_EPS = 0.99e-6


class ChainerVersionError(UserError):
    """What was given as a version of Chainer is none."""


@dataclasses.dataclass(frozen=True)
class Era:
    """What a snapshot's ``avg_var`` means.

    Attributes:
        chainer_version (str): The version whose rule it is; None for a file of another program.
        eps (float): Of batch normalisation.
        holds_eps (bool): Whether ``avg_var`` already contains eps.
        why (str): What this was concluded from.
        program (str): Who wrote it, where it was not Chainer.
    """

    chainer_version: str | None
    eps: float
    holds_eps: bool
    why: str
    program: str = "illust-gan"

    @property
    def writer(self):
        """str: Who wrote it."""
        return f"Chainer {self.chainer_version}" if self.chainer_version else self.program

    def __str__(self):
        rule = "avg_var holds eps" if self.holds_eps else "eps is added in test mode"
        return f"{self.writer} (eps {self.eps:g}, {rule}): {self.why}"

    def apply(self, net):
        """Give a net that has just been loaded the meaning of this era.

        Args:
            net (illust_gan.nets.article_net.ArticleNet): Its ``avg_var`` are those of the file.
        """
        net.eps = self.eps
        if self.holds_eps:
            for link in net.children():
                if hasattr(link, "avg_var"):
                    link.avg_var -= link.avg_var.dtype.type(self.eps)


def by_version(chainer_version, why="as given"):
    """Return the era of a version of Chainer.

    Args:
        chainer_version (str): Such as ``"1.5"`` or ``"7.8.1"``.
        why (str): Where the version is known from.

    Raises:
        ChainerVersionError: If it is no version, or newer than Chainer's last.

    Example:
        >>> by_version("1.5.1").holds_eps, by_version("1.24").holds_eps, by_version("7").eps
        (True, False, 2e-05)
    """
    match = re.fullmatch(r"v?([1-7])(?:\.(\d{1,3}))?(?:\.\d{1,3}){0,2}", str(chainer_version))
    if match is None:
        raise ChainerVersionError(
            f"chainer_version {printable(str(chainer_version))} is no version of Chainer; "
            "give one of 1.5 to 7.8, such as 1.5 or 1.24"
        )
    first = (int(match[1]), int(match[2] or 0)) < _FIRST_OF_SECOND_RULE
    return Era(str(chainer_version), 1e-5 if first else 2e-5, first, why)


def find_era(reader, prefix="", chainer_version=None):
    """Find out which era's rule a net in a snapshot follows.

    Args:
        reader (NpzReader): The snapshot, from :func:`~illust_gan.serializers.reader.open_snapshot`.
        prefix (str): What stands before the net's layers.
        chainer_version (str): Of the Chainer that wrote it, for those who know.

    Returns:
        Era: With the reason in words.

    Raises:
        ChainerVersionError: If ``chainer_version`` is no version.
    """
    if chainer_version is not None:
        return by_version(chainer_version)
    if prefix + "eps" in reader:
        eps = float(reader[prefix + "eps"])
        return Era(None, eps, False, "it holds its eps, which only illust-gan writes")
    if prefix + "chainer_version" in reader:
        version = str(reader[prefix + "chainer_version"])
        return by_version(version, "noted when it was converted")
    averages = {
        name: reader[name]
        for name in reader.files
        if name.startswith(prefix) and name.endswith("/avg_var")
    }
    return _from_contents(reader, averages)


def _from_contents(reader, averages):
    # NaN compares as False, so a broken average proves nothing.
    trained = [a[a != 0] for a in averages.values() if a.dtype.kind == "f" and np.any(a != 0)]
    least = min((float(a.min()) for a in trained), default=np.inf)
    untouched = [name for name, a in averages.items() if a.size and np.all(a == 1)]
    if untouched:
        return by_version("7", f"{untouched[0]} begins at 1, as in Chainer 5 and later")
    if least < _LEAST_WITH_EPS:
        why = f"an avg_var of {least:.1e} is too small to hold eps, which it would up to 1.13"
        return by_version("1.24", why)
    if reader.date is not None and reader.date < _SECOND_RULE_BEGAN:
        return by_version("1.5", f"it was written on {reader.date}, before Chainer 1.14")
    if reader.date is not None and reader.date >= _SECOND_RULE_SETTLED:
        return by_version("1.24", f"it was written on {reader.date}, after Chainer 1.21")
    other = "if its faces look wrong, say which with --chainer-version"
    if reader.kind == "hdf5":
        return by_version("1.5", f"assumed, since it is HDF5, as the articles saved; {other}")
    return by_version("1.24", f"assumed, since it is .npz, which came with Chainer 1.6; {other}")
