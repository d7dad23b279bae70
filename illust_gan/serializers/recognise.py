"""Which net is it? An answer from the names in a file alone."""

import dataclasses

from illust_gan.nets import RECIPES
from illust_gan.nets.recipe import Recipe

# (net, role, names that it has, names that only its counterpart has)
_MARKS = (
    ("rezoolab", "gen", ("fc5/W", "norm5/gamma", "conv4/W"), ()),
    ("rezoolab", "dis", ("fc5/W", "norm4/gamma", "conv4/W"), ("norm5/gamma",)),
    ("maccha", "gen", ("l0z/W", "bn0l/gamma", "dc1/W"), ()),
    ("maccha", "dis", ("l4l/W", "c0/W", "bn1/gamma"), ()),
    ("sugyan", "gen", ("reshape/W", "reshape_bn/beta", "conv4/W"), ()),
    ("sugyan", "dis", ("classify/W", "conv0_bn/beta", "conv3/W"), ()),
    ("kim", "gen", ("g_h0_lin/W", "g_bn3/gamma", "g_h4/W"), ()),
    ("kim", "dis", ("d_h3_lin/W", "d_bn3/gamma", "d_h0_conv/W"), ()),
    ("kim-conditional", "gen", ("g_h1_lin/W", "g_bn0/gamma", "g_h3/W"), ()),
    ("kim-conditional", "dis", ("d_h2_lin/W", "d_bn1/gamma", "d_h0_conv/W"), ()),
)


@dataclasses.dataclass(frozen=True)
class Found:
    """A net in a file.

    Attributes:
        recipe (Recipe): Of the article it belongs to.
        role (str): ``"gen"`` or ``"dis"``.
        prefix (str): What stands before its layers' names: ``""`` in a model's file,
            ``"updater/model:gen/"`` in a Trainer's snapshot.
    """

    recipe: Recipe
    role: str
    prefix: str

    def __str__(self):
        return f"{self.recipe.name}'s {'generator' if self.role == 'gen' else 'discriminator'}"


def recognise(names):
    """Find the nets that a file holds.

    Args:
        names (iterable of str): Names of its arrays.

    Returns:
        list of Found: Generators before discriminators, ``model:gen/`` before other prefixes.

    Example:
        >>> names = ["a/l0z/W", "a/bn0l/gamma", "a/dc1/W", "a/dc1/b"]
        >>> print(recognise(names)[0], "under", recognise(names)[0].prefix)
        maccha's generator under a/
    """
    names = set(names)
    found = []
    for net, role, present, absent in _MARKS:
        mark = present[0]
        for prefix in (name[: -len(mark)] for name in names if name.endswith(mark)):
            # Optimisers keep their moments under the same layers' names, one level deeper
            # (fc5/W/m), and so never end in a mark.
            if all(prefix + name in names for name in present) and not any(
                prefix + name in names for name in absent
            ):
                found.append(Found(RECIPES[net], role, prefix))
    return sorted(
        found, key=lambda f: (f.role != "gen", not f.prefix.endswith("model:gen/"), f.prefix)
    )


def is_run(names):
    """Return whether these are the names of a whole Trainer's snapshot, which can be resumed."""
    return "updater/iteration" in names
