"""What TensorFlow trained in 2016, as nets of Chainer."""

import collections
import warnings

import chainer
import numpy as np

from illust_gan.errors import printable
from illust_gan.nets import sugyan
from illust_gan.serializers.load import NoDice, some
from illust_gan.serializers.reader import SnapshotError
from illust_gan.serializers.tensorflow_nets import KINDS
from illust_gan.serializers.tensorflow_reader import open_variables

_ROLES = {"gen": "generator", "dis": "discriminator"}
# Of a net's names, in what looks like it. The nets have names in common, and files have many nets.
_LEAST_SHARE = 0.5
_MOST_LIKELY = 2 * len(KINDS)
# Few weights can be those of a net whose pictures take all memory.
_LARGEST = 1024
_MOST_SLASHES = max(name.count("/") for kind in KINDS for name in kind.names)


def load_tensorflow_generator(file, *, size=None):
    """Load a generator that sugyan's or Taehoon Kim's program trained, finding out which it is.

    Widths, latent size and picture size are those that the variables tell. All of TensorFlow's
    names are known, with a scope before them or without; an optimiser's variables are passed over.
    From a checkpoint, three lines of TensorFlow write an ``.npz`` that will do::

        reader = tf.train.load_checkpoint("DCGAN.model-1000")
        names = reader.get_variable_to_shape_map()
        np.savez("variables.npz", **{name: reader.get_tensor(name) for name in names})

    Args:
        file (str or os.PathLike): ``.npz`` with an array for each variable, in TensorFlow's layout;
            or a checkpoint, where TensorFlow is installed. An ``.npz`` is never unpickled and is
            checked before memory is taken; what a checkpoint can do is up to TensorFlow.
        size (int): Edge of the picture, for Kim's net where it is no multiple of 16: the variables
            only tell it rounded up.

    Returns:
        chainer.Chain: :class:`illust_gan.nets.sugyan.Generator`,
        :class:`illust_gan.nets.kim.Generator` or
        :class:`illust_gan.nets.kim_conditional.Generator`, on the CPU.

    Raises:
        SnapshotError: If the file is missing or broken, holds no such generator, or one whose
            variables do not fit together.

    Example:
        >>> import pathlib, tempfile
        >>> n = 64 * 4 * 4
        >>> variables = {"g_h0_lin/Matrix": np.zeros((100, n)), "g_h0_lin/bias": np.zeros(n)}
        >>> for i, n in enumerate((64, 32, 16, 8)):
        ...     moments = {"beta": 0.0, "gamma": 1.0, "moving_mean": 0.1, "moving_variance": 0.9}
        ...     variables |= {f"g_bn{i}/{name}": np.full(n, v) for name, v in moments.items()}
        >>> for i, (n_in, n_out) in enumerate([(64, 32), (32, 16), (16, 8), (8, 3)], start=1):
        ...     variables[f"g_h{i}/w"] = np.zeros((5, 5, n_out, n_in))
        ...     variables[f"g_h{i}/biases"] = np.zeros(n_out)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = pathlib.Path(folder, "variables.npz")
        ...     np.savez(file, **variables)
        ...     gen = load_tensorflow_generator(file)
        >>> gen
        <Generator of Taehoon Kim's DCGAN: z of 100 → 3×64×64, 171,523 parameters, eps 1e-05, on \
@numpy>
    """
    return _load(file, "gen", size)


def load_tensorflow_discriminator(file, *, size=None):
    """Load a discriminator that sugyan's or Taehoon Kim's program trained.

    Args:
        file, size: As for :func:`load_tensorflow_generator`.

    Returns:
        chainer.Chain: ``Discriminator`` of :mod:`illust_gan.nets.sugyan`, of
        :mod:`illust_gan.nets.kim` or of :mod:`illust_gan.nets.kim_conditional`, on the CPU.

    Raises:
        SnapshotError: As for :func:`load_tensorflow_generator`.
    """
    return _load(file, "dis", size)


def _load(file, role, size):
    with open_variables(file) as variables:
        kind, prefix = _recognise(variables, role)
        arguments, expected = _measure(variables, kind, prefix, size)
        # The arrays are read, and so known to be as large as they say, before the net is made.
        arrays = {v.path: v.turn(variables[prefix + name]) for name, v in expected.items()}
    net = kind.Net(**arguments, rng=NoDice())
    for path, array in arrays.items():
        link, name = path.split("/")
        target = getattr(net[link], name)
        np.copyto(target.array if isinstance(target, chainer.Parameter) else target, array)
    for link in net.children():
        if isinstance(link, sugyan.Normalization):
            # Training goes on with the averages, and does not begin them anew.
            link.N[...] = sugyan.SETTLED
    _warn_of_first_averages(variables.file, arrays)
    return net


def _recognise(variables, role):
    """Return the kind of net that fits the names best, and the prefix before its names."""
    counts = collections.Counter(
        (kind, prefix)
        for name in variables.names
        for prefix, rest in _split(name)
        for kind in KINDS
        if rest in kind.names
    )

    def share(key):
        return counts[key] / len(key[0].names)

    def likeness(key):
        n_unknown = len(_unknown(variables.names, *key))
        return counts[key] / (len(key[0].names) + n_unknown)

    likely = sorted((key for key in counts if share(key) >= _LEAST_SHARE), key=share)
    found = sorted(likely[-_MOST_LIKELY:], key=lambda key: (-likeness(key), len(key[1])))
    fitting = [key for key in found if key[0].role == role]
    if fitting:
        return fitting[0]
    what = f"no {_ROLES[role]} of sugyan's or Kim's"
    if found:
        what += f", but {found[0][0]}"
    names = sorted(variables.names)
    raise SnapshotError(
        f"{variables.file} holds {what}: {len(names)} variables, {some(names)}; give one with the "
        "variables that the program trained, under the names that it gave them"
    )


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


def _warn_of_first_averages(file, arrays):
    """Warn if no moving average has moved, as in what sugyan's program saved.

    ``tf.contrib.layers.batch_norm`` leaves it to the program to run the operations that update
    them, and that of August 2016 does not: it always draws by the statistics of its minibatch.
    """
    firsts = {"avg_mean": 0, "avg_var": 1}
    averages = [
        (array, firsts[name])
        for path, array in arrays.items()
        if (name := path.rpartition("/")[2]) in firsts
    ]
    if all(np.all(array == first) for array, first in averages):
        warnings.warn(
            f"the moving averages in {file} were never updated, so its pictures want those of a "
            "minibatch: draw many at once under chainer.using_config('train', True)",
            stacklevel=4,
        )
