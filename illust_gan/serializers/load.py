"""A file in, a net out."""

import contextlib

from chainer import serializers

from illust_gan.errors import UserError, printable, some
from illust_gan.nets import NAMES
from illust_gan.serializers.eras import Era, find_era
from illust_gan.serializers.finding import find_nets, open_file
from illust_gan.serializers.first_averages import mend_first_averages
from illust_gan.serializers.no_dice import NoDice
from illust_gan.serializers.reader import SnapshotError
from illust_gan.serializers.sizes import as_arguments, read_sizes
from illust_gan.serializers.tensorflow_recognise import TensorFlowFound

# What a snapshot may lack: only this package writes it.
_OPTIONAL = {"eps", "label_names"}
# By the kind of an array's type, those that a file may have it in.
_KINDS = {"f": "f", "i": "iu", "U": "U"}
# The edge of Kim's picture, where it is no multiple of 16: the arrays fit others too.
SIZE_NOTE = "size"
_ROLES = {"gen": ("generator", "drawing"), "dis": ("discriminator", "judging")}


def load_generator(file, *, chainer_version=None):
    """Load a generator, of any Chainer or TensorFlow, finding out by itself which net it is.

    Args:
        file (str or os.PathLike): ``.npz`` or ``.h5`` of a generator, or the snapshot of a whole
            run (``snapshot_iter_1000``); or what :func:`illust_gan.load_tensorflow_generator`
            takes. It is never unpickled.
        chainer_version (str): Of the Chainer that wrote the file, such as ``"1.5"``; concluded
            from the file if omitted, as ``illust-gan inspect`` tells (see
            :mod:`illust_gan.serializers.eras`).

    Returns:
        chainer.Chain: The ``Generator`` of a file of :mod:`illust_gan.nets`, on the CPU, with the
        latent size and the numbers of channels that the file tells. Its repr says what it is.

    Raises:
        SnapshotError: If the file is missing, broken, or holds no generator.
    """
    return load_net(file, "gen", chainer_version)[0]


def load_discriminator(file, *, chainer_version=None):
    """Load a discriminator, of any Chainer or TensorFlow.

    Args:
        file, chainer_version: As for :func:`load_generator`.

    Returns:
        chainer.Chain: The ``Discriminator`` of a file of :mod:`illust_gan.nets`, on the CPU.

    Raises:
        SnapshotError: If the file is missing, broken, or holds no discriminator.
    """
    return load_net(file, "dis", chainer_version)[0]


def load_net(file, role, chainer_version=None):
    """Load a net, and say what it was recognised as.

    Args:
        file, chainer_version: As for :func:`load_generator`.
        role (str): ``"gen"`` or ``"dis"``.

    Returns:
        tuple: The net; in words, what it is and which Chainer's rule it was read by.

    Raises:
        SnapshotError: If the file is missing, broken, or holds no such net.
    """
    with open_file(file) as reader:
        found = find_nets(file, reader)
        fitting = [f for f in found if f.role == role]
        if not fitting:
            noun, verb = _ROLES[role]
            raise SnapshotError(
                f"{file} {contents(reader.files, found)}; {verb} wants a {noun} "
                f"(illust-gan inspect {file} says more)"
            )
        net, era = read_net(file, reader, fitting[0], chainer_version)
    if isinstance(fitting[0], TensorFlowFound):
        mend_first_averages(file, net)
    why = f" ({era.why})" if era.chainer_version else ""
    return net, f"{fitting[0]} of {era.writer}{why}"


def read_net(file, reader, found, chainer_version=None, *, size=None):
    """Make the net that was recognised in a snapshot.

    Args:
        file (str or os.PathLike): What messages call the snapshot.
        reader (NpzReader or CheckpointReader): From
            :func:`~illust_gan.serializers.finding.open_file`.
        found (Found or TensorFlowFound): From
            :func:`~illust_gan.serializers.finding.find_nets`.
        chainer_version (str): See :func:`load_generator`.
        size (int): Of a net of TensorFlow's; see :func:`illust_gan.load_tensorflow_generator`.

    Returns:
        tuple: The net, and the :class:`~illust_gan.serializers.eras.Era` it was read by.

    Raises:
        SnapshotError: If shapes or types of the arrays are not the net's.
        UserError: If ``chainer_version`` is given for a net of TensorFlow's.
    """
    if isinstance(found, TensorFlowFound):
        if chainer_version is not None:
            raise UserError(
                f"chainer_version {printable(str(chainer_version))} is given, but {file} holds "
                f"{found} of TensorFlow; leave it away"
            )
        net = found.read(size)
        return net, Era(None, net.eps, False, "by the names of its variables", "TensorFlow")
    names = [name for name in reader.files if name.startswith(found.prefix)]
    shapes = {name[len(found.prefix) :]: reader.shape_of(name) for name in names}
    net = _make(file, found, shapes, _noted_size(reader, found.prefix, shapes))
    expected = serialized(net)
    _compare(file, found, expected, shapes)
    arrays = {}
    for name, like in expected.items():
        if name in shapes:
            dtype = reader.dtype_of(found.prefix + name)
            if dtype.kind not in _KINDS[like.dtype.kind]:
                raise SnapshotError(
                    f"{file} looks like {found}, but its {name} is {dtype} where {like.dtype} is "
                    "wanted; it needs a file of this very net"
                )
            arrays[name] = reader[found.prefix + name]
    with explaining(file):
        era = find_era(reader, found.prefix, chainer_version)
        serializers.NpzDeserializer(arrays).load(net)
        era.apply(net)
    return net, era


def _noted_size(reader, prefix, shapes):
    name = prefix + SIZE_NOTE
    is_noted = shapes.get(SIZE_NOTE) == () and reader.dtype_of(name).kind in "iu"
    return int(reader[name]) if is_noted else None


def _make(file, found, shapes, noted_size):
    sizes = read_sizes(found.recipe.name, found.role, shapes)
    if noted_size is not None and "size" in sizes:
        told, most, _ = sizes["size"]
        # Told by the arrays it is rounded up to a multiple of 16.
        if not told - 16 < noted_size <= told:
            raise SnapshotError(
                f"{file} looks like {found}, but notes a size of {noted_size} where its arrays are "
                f"for {told - 15} to {told}; convert the original again"
            )
        sizes["size"] = noted_size, most, SIZE_NOTE
    for name, (size, most, source) in sizes.items():
        if not 1 <= size <= most:
            raise SnapshotError(
                f"{file} looks like {found}, but its {source} is {shapes[source]}: {name} is "
                f"{size} where 1 to {most} is wanted"
            )
    cls = found.recipe.Generator if found.role == "gen" else found.recipe.Discriminator
    return cls(**as_arguments(sizes), rng=NoDice())


def _compare(file, found, expected, shapes):
    missing = sorted(expected.keys() - shapes.keys() - _OPTIONAL)
    surplus = sorted(shapes.keys() - expected.keys())
    other = [
        f"{name} is {shapes[name]} where {expected[name].shape} is wanted"
        for name in sorted(expected.keys() & shapes.keys())
        if tuple(shapes[name]) != expected[name].shape
    ]
    if missing or other:
        faults = []
        if missing:
            faults.append(f"lacks {some(missing)}")
        if surplus:
            faults.append(f"has {some(surplus)} besides")
        faults += other[:3]
        raise SnapshotError(
            f"{file} looks like {found} but does not fit it: {'; '.join(faults)}; "
            "it needs a file of this very net"
        )


def serialized(net):
    """Return what Chainer saves of an object.

    Args:
        net (chainer.Link): Or anything else that Chainer can serialize.

    Returns:
        dict: Names such as ``"fc5/W"`` to arrays.
    """
    serializer = serializers.DictionarySerializer()
    serializer.save(net)
    return serializer.target


def contents(names, found):
    """Say in words what a snapshot holds, to follow its name.

    Args:
        names (list of str): Of its arrays.
        found (list of Found or TensorFlowFound): What was recognised in it.
    """
    if found:
        nets = " and ".join(dict.fromkeys(map(str, found)))
        by_tensorflow = isinstance(found[0], TensorFlowFound)
        return f"holds {nets}" + (", of TensorFlow" if by_tensorflow else "")
    return f"holds no net of {NAMES}, but {len(names)} arrays: {some(sorted(names))}"


@contextlib.contextmanager
def explaining(file):
    """Turn what Chainer raises over a file that does not fit into a :class:`SnapshotError`."""
    try:
        yield
    except KeyError as error:
        raise SnapshotError(
            f"{file} lacks {printable(str(error.args[0]))}; it was cut short or written by another "
            "program"
        ) from error
    except UserError as error:
        if str(file) in str(error):
            raise
        raise SnapshotError(f"{file}: {error}") from error
    except (TypeError, ValueError, OverflowError) as error:
        raise SnapshotError(f"{file} does not fit: {error}") from error
