"""Which nets are these variables of? An answer from their names, and then the net itself."""

import collections
import dataclasses

import chainer
import numpy as np

from illust_gan.errors import printable, some
from illust_gan.nets import RECIPES, sugyan
from illust_gan.serializers.first_averages import never_updated
from illust_gan.serializers.no_dice import NoDice
from illust_gan.serializers.reader import SnapshotError
from illust_gan.serializers.tensorflow_nets import KINDS, Kind
from illust_gan.serializers.tensorflow_reader import Variables

# Of a net's names, in what looks like it. The nets have names in common, and files have many nets.
_LEAST_SHARE = 0.5
_MOST_LIKELY = 2 * len(KINDS)
# Few weights can be those of a net whose pictures take all memory.
_LARGEST = 1024
_MOST_SLASHES = max(name.count("/") for kind in KINDS for name in kind.names)


@dataclasses.dataclass(frozen=True)
class TensorFlowFound:
    """A net of TensorFlow's in a file, as :class:`.recognise.Found` is one of Chainer's.

    Attributes:
        kind (Kind): What it is.
        prefix (str): What stands before its variables' names: ``""``, or a scope.
        variables (Variables): The file's.
    """

    kind: Kind
    prefix: str
    variables: Variables

    def __str__(self):
        return str(self.kind)

    @property
    def role(self):
        """str: ``"gen"`` or ``"dis"``."""
        return self.kind.role

    @property
    def recipe(self):
        """Recipe: The net's, as :data:`illust_gan.nets.RECIPES` has it; None if it has none."""
        Net = self.kind.Net
        return next((r for r in RECIPES.values() if Net in (r.Generator, r.Discriminator)), None)

    def read(self, size=None):
        """Make the net, and fill it with the variables.

        Args:
            size (int): Edge of the picture, where the variables tell it rounded up only.

        Returns:
            chainer.Chain: On the CPU.

        Raises:
            SnapshotError: If variables are missing, broken, or do not fit together.
        """
        arguments, expected = _measure(self.variables, self.kind, self.prefix, size)
        # The arrays are read, and so known to be as large as they say, before the net is made.
        arrays = {v.path: v.turn(self.variables[self.prefix + n]) for n, v in expected.items()}
        net = self.kind.Net(**arguments, rng=NoDice())
        for path, array in arrays.items():
            link, name = path.split("/")
            target = getattr(net[link], name)
            np.copyto(target.array if isinstance(target, chainer.Parameter) else target, array)
        if not never_updated(net):
            for link in net.children():
                if isinstance(link, sugyan.Normalization):
                    # Training goes on with the averages, and does not begin them anew.
                    link.N[...] = sugyan.SETTLED
        return net


def recognise_variables(variables):
    """Find the nets that TensorFlow's variables are of.

    Args:
        variables (Variables): Of a file or checkpoint.

    Returns:
        list of TensorFlowFound: The most likely generator and the most likely discriminator, if
        there is one with half of its variables or more.
    """
    names = variables.names
    counts = collections.Counter(
        (kind, prefix)
        for name in names
        for prefix, rest in _split(name)
        for kind in KINDS
        if rest in kind.names
    )

    def share(key):
        return counts[key] / len(key[0].names)

    def likeness(key):
        return counts[key] / (len(key[0].names) + len(_unknown(names, *key)))

    likely = sorted((key for key in counts if share(key) >= _LEAST_SHARE), key=share)
    likely = sorted(likely[-_MOST_LIKELY:], key=lambda key: (-likeness(key), len(key[1])))
    best = [next((key for key in likely if key[0].role == role), None) for role in ("gen", "dis")]
    return [TensorFlowFound(*key, variables) for key in best if key is not None]


def _split(name):
    """Yield ways to part a name into a prefix, empty or up to a slash, and what follows."""
    yield "", name
    at = len(name)
    for _ in range(_MOST_SLASHES + 1):
        at = name.rfind("/", 0, at)
        if at < 0:
            return
        yield name[: at + 1], name[at + 1 :]


def _measure(variables, kind, prefix, size):
    """Return the net's arguments, and its variables by name, if they are all there and fit."""
    file = variables.file
    faults = []
    missing = sorted(prefix + n for n in kind.names if prefix + n not in variables.names)
    if missing:
        faults.append(f"lacks {some(missing)}")
    if surplus := _unknown(variables.names, kind, prefix):
        faults.append(f"has {some(surplus)} besides")

    def axis(name, i, n):
        shape = variables.shape_of(prefix + name)
        if len(shape) != n:
            raise _unfit(file, kind, [f"{prefix}{name} is {shape} where {n} axes are wanted"])
        return shape[i]

    arguments, expected = {}, {}
    if not missing:
        arguments = kind.arguments(axis)
        expected = kind.variables(**arguments)
        faults += [
            f"{prefix}{name} is {shape} where {v.shape} is wanted"
            for name, v in expected.items()
            if (shape := variables.shape_of(prefix + name)) != v.shape
        ][:3]
        widths = [n for value in arguments.values() for n in np.ravel(value)]
        if not faults and (min(widths) < 1 or _edge(arguments) > _LARGEST):
            told = ", ".join(f"{name} {value}" for name, value in arguments.items())
            faults.append(f"its shapes tell {told}, which is no net of faces")
    if faults:
        raise _unfit(file, kind, faults)
    if size is not None:
        _set_size(file, kind, arguments, size)
    return arguments, expected


def _unknown(names, kind, prefix):
    """Return the names in the net's scope that are not its variables', nor an optimiser's."""
    known = tuple(f"{prefix}{name}/" for name in kind.names)
    return sorted(
        name
        for name in names
        if name.startswith(prefix + kind.scope)
        and name.removeprefix(prefix) not in kind.names
        # Adam's moments of g_h1/w are g_h1/w/Adam and g_h1/w/Adam_1.
        and not name.startswith(known)
    )


def _edge(arguments):
    return arguments["size"] if "size" in arguments else 16 * arguments["f_size"]


def _set_size(file, kind, arguments, size):
    most = _edge(arguments)
    least = most - 15 if kind.rounds_up else most
    if not least <= size <= most:
        wanted = f"{least} to {most}" if least < most else most
        raise SnapshotError(
            f"size is {size}, but the variables of {kind} in {file} are for {wanted}; leave it "
            f"away for {most}"
        )
    if "size" in arguments:
        arguments["size"] = size


def _unfit(file, kind, faults):
    return SnapshotError(
        f"{file} looks like {kind} but does not fit it: {printable('; '.join(faults), 1000)}; it "
        f"needs all variables of this very net{kind.note}"
    )
