"""A file in, a net out."""

import contextlib
import os

import numpy as np
from chainer import serializers

from illust_gan.compat.npz_reader import NpzReader
from illust_gan.errors import UserError
from illust_gan.nets import RECIPES
from illust_gan.serializers.recognise import is_run, recognise


class SnapshotError(UserError):
    """A file is not the snapshot that was wanted; the message says what it seems to be."""


def load_generator(file):
    """Load a generator from a snapshot, finding out by itself which net it is.

    Args:
        file (str or os.PathLike): ``.npz`` of a generator, or the snapshot of a whole run
            (``snapshot_iter_1000``). It is never unpickled.

    Returns:
        chainer.Chain: :class:`illust_gan.nets.rezoolab.Generator` or
        :class:`illust_gan.nets.maccha.Generator`, on the CPU, with the latent size and number of
        channels that the file tells.

    Raises:
        SnapshotError: If the file is missing, broken, or holds no generator.
    """
    with open_npz(file) as npz:
        found = recognise(npz.files)
        generators = [f for f in found if f.role == "gen"]
        if not generators:
            raise SnapshotError(f"{file} {_contents(npz.files, found)}; drawing wants a generator")
        return _load(file, npz, generators[0])


def resume(file, trainer):
    """Bring a Trainer to the state that a run's snapshot holds.

    Args:
        file (str or os.PathLike): ``snapshot_iter_1000`` of the same net. It is never unpickled.
        trainer (chainer.training.Trainer): As :func:`illust_gan.make_trainer` makes it.

    Raises:
        SnapshotError: If the file is missing, broken, no run's snapshot, or another net's.
    """
    with open_npz(file) as npz:
        found = recognise(npz.files)
        if not is_run(npz.files):
            advice = ""
            if any(f.role == "gen" for f in found):
                advice = f"; to draw with this file: illust-gan generate {file}"
            raise SnapshotError(
                f"{file} {_contents(npz.files, found)}; --resume wants the snapshot of a whole "
                f"run, such as snapshot_iter_1000{advice}"
            )
        wanted = trainer.updater.recipe
        nets = {f.recipe.name for f in found}
        if nets != {wanted.name}:
            given = f"a run of {' and '.join(sorted(nets))}" if nets else "a run of some other net"
            raise SnapshotError(
                f"{file} is {given}, and this run is --net {wanted.name}; "
                "give the same --net or another --resume file"
            )
        dataset = trainer.updater.get_iterator("main").dataset
        order = "updater/iterator:main/order"
        if order in npz and npz.shape_of(order) != (len(dataset),):
            raise SnapshotError(
                f"{file} is of a run on {npz.shape_of(order)[0]} pictures, and {dataset.path} "
                f"holds {len(dataset)}; give --data with the pictures of that run"
            )
        with _explaining(file):
            serializers.NpzDeserializer(npz).load(trainer)


def open_npz(file):
    """Open an ``.npz`` for reading without unpickling.

    Args:
        file (str or os.PathLike): Its path.

    Returns:
        illust_gan.compat.npz_reader.NpzReader: A mapping from names to arrays, to be closed.

    Raises:
        UserError: If it is missing, or not a whole ``.npz``.
    """
    if not os.path.exists(file):
        raise SnapshotError(f"{file} does not exist; give the path of a snapshot")
    if os.path.isdir(file):
        raise SnapshotError(
            f"{file} is a folder; give a file in it, such as generator.npz or snapshot_iter_1000"
        )
    with open(file, "rb") as f:
        start = f.read(8)
    if start == b"\x89HDF\r\n\x1a\n":
        raise SnapshotError(
            f"{file} is an HDF5 file; give an .npz, which in Chainer "
            "chainer.serializers.load_hdf5 and save_npz make of it"
        )
    if start[:2] != b"PK":
        raise SnapshotError(
            f"{file} is no snapshot: it is not an .npz archive; give a file that Chainer's "
            "save_npz or a Trainer wrote"
        )
    return NpzReader(file)


def _load(file, npz, found):
    wide = "dc4/W" if found.recipe.name == "maccha" else "conv1/W"
    first = "l0z/W" if found.recipe.name == "maccha" else "fc5/W"
    shapes = {
        name[len(found.prefix) :]: npz.shape_of(name)
        for name in npz.files
        if name.startswith(found.prefix)
    }
    gen = found.recipe.Generator(
        shapes[first][-1] if len(shapes[first]) == 2 else found.recipe.n_hidden,
        shapes[wide][1] if len(shapes.get(wide, ())) == 4 else 3,
    )
    _compare(file, found, gen, shapes)
    with _explaining(file):
        serializers.NpzDeserializer(npz, path=found.prefix).load(gen)
    return gen


def _compare(file, found, net, shapes):
    expected = {name: np.shape(array) for name, array in serialized(net).items()}
    missing = sorted(expected.keys() - shapes.keys())
    surplus = sorted(shapes.keys() - expected.keys())
    other = [
        f"{name} is {shapes[name]} where {expected[name]} is wanted"
        for name in sorted(expected.keys() & shapes.keys())
        if tuple(shapes[name]) != expected[name]
    ]
    if missing or other:
        faults = []
        if missing:
            faults.append(f"lacks {_some(missing)}")
        if surplus:
            faults.append(f"has {_some(surplus)} besides")
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


def _contents(names, found):
    if found:
        return "holds " + " and ".join(dict.fromkeys(map(str, found)))
    nets = " or ".join(RECIPES)
    return f"holds no net of {nets}, but {len(names)} arrays: {_some(sorted(names))}"


def _some(names, n=4):
    rest = f" and {len(names) - n} more" if len(names) > n else ""
    return ", ".join(names[:n]) + rest


@contextlib.contextmanager
def _explaining(file):
    try:
        yield
    except KeyError as error:
        raise SnapshotError(
            f"{file} lacks {error.args[0]}; it was cut short or written by another program"
        ) from error
    except UserError:
        raise
    except (TypeError, ValueError) as error:
        raise SnapshotError(f"{file} does not fit this run: {error}") from error
