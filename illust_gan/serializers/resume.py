"""A file in, a Trainer brought to its state: of a run of ours, of an old one, or net by net."""

from chainer import serializers

from illust_gan.errors import some
from illust_gan.nets.labelled_net import parse_names
from illust_gan.serializers.finding import find_nets, open_file
from illust_gan.serializers.load import contents, explaining, read_net, serialized
from illust_gan.serializers.reader import SnapshotError
from illust_gan.serializers.recognise import is_run

_ORDER = "updater/iterator:main/order"
# Only DCGANUpdater writes it; without it a Trainer's snapshot is another program's.
_OURS = "updater/seed"


def resume(file, trainer, *, chainer_version=None):
    """Bring a Trainer to the state that a run's snapshot holds.

    From a snapshot of another program, such as a training script of 2017, nets, optimisers and the
    number of iterations are taken, and the order of the pictures if there are as many; what only
    this package's runs have begins anew.

    Args:
        file (str or os.PathLike): ``snapshot_iter_1000`` of the same net. It is never unpickled.
        trainer (chainer.training.Trainer): As :func:`illust_gan.make_trainer` makes it.
        chainer_version (str): Of the Chainer that wrote the file; see
            :func:`illust_gan.load_generator`.

    Raises:
        SnapshotError: If the file is missing, broken, no run's snapshot, or another net's.
    """
    with open_file(file) as reader:
        found = find_nets(file, reader)
        if not is_run(reader.files):
            advice = ""
            if any(f.role == "gen" for f in found):
                advice = (
                    f"; to draw with this file: illust-gan generate {file}, to train on from it: "
                    f"illust-gan train --init-gen {file}"
                )
            raise SnapshotError(
                f"{file} {contents(reader.files, found)}; --resume wants the snapshot of a whole "
                f"run, such as snapshot_iter_1000{advice}"
            )
        _check_nets(file, {f.recipe.name for f in found}, trainer.updater.recipe.name)
        dataset = trainer.updater.get_iterator("main").dataset
        as_many = _ORDER in reader and reader.shape_of(_ORDER) == (len(dataset),)
        if _OURS not in reader:
            _take_over(file, reader, found, trainer, as_many, chainer_version)
            return
        if _ORDER in reader and not as_many:
            raise SnapshotError(
                f"{file} is of a run on {reader.shape_of(_ORDER)[0]} pictures, and {dataset.path} "
                f"holds {len(dataset)}; give --data with the pictures of that run"
            )
        _check_labels(file, reader, trainer.updater.gen, dataset)
        for role in ("gen", "dis"):
            _check_moments(file, reader, trainer.updater.get_optimizer(role), _moments_of(role))
        with explaining(file):
            serializers.NpzDeserializer(reader).load(trainer)


def _check_nets(file, nets, wanted):
    if nets != {wanted}:
        given = f"a run of {' and '.join(sorted(nets))}" if nets else "a run of some other net"
        raise SnapshotError(
            f"{file} is {given}, and this run is --net {wanted}; "
            "give the same --net or another --resume file"
        )


def _check_labels(file, reader, gen, dataset):
    """Refuse labels of other names, or in another order, than the data set has."""
    name = "updater/model:gen/label_names"
    wanted = getattr(gen, "label_names", ())
    if not wanted or name not in reader:
        return
    with explaining(file):
        found = parse_names(str(reader[name]))
    if list(wanted) != found:
        raise SnapshotError(
            f"{file} is of a run with the labels {some(list(map(str, found)))}, and {dataset.path} "
            f"has {some(wanted)}; give --data with the labels of that run"
        )


def _take_over(file, reader, found, trainer, as_many, chainer_version):
    for role in ("gen", "dis"):
        fitting = [f for f in found if f.role == role]
        if not fitting:
            raise SnapshotError(
                f"{file} {contents(reader.files, found)}; a run to go on with has both nets"
            )
        net, _ = read_net(file, reader, fitting[0], chainer_version)
        _copy(file, net, getattr(trainer.updater, role))
        if _moments_of(role) + "t" in reader:
            _read_optimizer(file, reader, trainer.updater.get_optimizer(role), _moments_of(role))
    with explaining(file):
        trainer.updater.iteration = int(reader["updater/iteration"])
        if as_many:
            serializers.NpzDeserializer(reader, path="updater/iterator:main/").load(
                trainer.updater.get_iterator("main")
            )


def load_initial(
    trainer, *, gen=None, dis=None, gen_optimizer=None, dis_optimizer=None, chainer_version=None
):
    """Begin a Trainer's run with nets, and states of their optimisers, from files of any Chainer.

    Args:
        trainer (chainer.training.Trainer): As :func:`illust_gan.make_trainer` makes it.
        gen, dis (str or os.PathLike): Snapshots that hold the net, or what TensorFlow trained; the
            initial weights stay if omitted.
        gen_optimizer, dis_optimizer (str or os.PathLike): What
            ``serializers.save_hdf5(file, optimizer)`` or ``save_npz`` wrote.
        chainer_version (str): Of the Chainer that wrote the nets; see
            :func:`illust_gan.load_generator`.

    Raises:
        SnapshotError: If a file is missing, broken, or does not fit.
    """
    updater = trainer.updater
    for role, file in (("gen", gen), ("dis", dis)):
        if file is None:
            continue
        with open_file(file) as reader:
            all_found = find_nets(file, reader)
            found = [f for f in all_found if (f.role, _net_of(f)) == (role, updater.recipe.name)]
            if not found:
                raise SnapshotError(
                    f"{file} {contents(reader.files, all_found)}; --init-{role} wants "
                    f"{updater.recipe.name}'s {'generator' if role == 'gen' else 'discriminator'}"
                )
            net, _ = read_net(file, reader, found[0], chainer_version)
        _copy(file, net, getattr(updater, role))
    for role, file in (("gen", gen_optimizer), ("dis", dis_optimizer)):
        if file is not None:
            load_optimizer(file, updater.get_optimizer(role))


def _net_of(found):
    # The run's recipe may have numbers of its own.
    return None if found.recipe is None else found.recipe.name


def load_optimizer(file, optimizer):
    """Load an optimiser's state, as ``save_hdf5`` or ``save_npz`` of any Chainer wrote it.

    Args:
        file (str or os.PathLike): It is never unpickled.
        optimizer (chainer.Optimizer): Set up for the net that it was saved with.

    Raises:
        SnapshotError: If the file is missing, broken, or another net's or kind's.
    """
    with open_file(file) as reader:
        if "t" not in reader:
            raise SnapshotError(
                f"{file} {contents(reader.files, find_nets(file, reader))}; wanted the state of "
                "an optimiser, as serializers.save_hdf5(file, optimizer) writes it"
            )
        _read_optimizer(file, reader, optimizer)


def _moments_of(role):
    return f"updater/optimizer:{role}/"


def _read_optimizer(file, reader, optimizer, prefix=""):
    _check_moments(file, reader, optimizer, prefix)
    with explaining(file):
        serializers.NpzDeserializer(reader, path=prefix).load(optimizer)


def _check_moments(file, reader, optimizer, prefix):
    """Refuse moments of other shapes than the parameters', which Chainer takes as they are."""
    for name, param in optimizer.target.namedparams():
        for moment in ("m", "v"):
            key = f"{prefix}{name[1:]}/{moment}"
            if key in reader and reader.shape_of(key) not in (param.shape, ()):
                raise SnapshotError(
                    f"{file} does not fit: its {key} is {reader.shape_of(key)} where {param.shape} "
                    "is wanted; give the optimiser's state that was saved with this net"
                )


def _copy(file, net, to):
    names = getattr(to, "label_names", None)
    arrays, wanted = serialized(net), serialized(to)
    for name in sorted(arrays.keys() & wanted.keys()):
        if arrays[name].shape != wanted[name].shape:
            raise SnapshotError(
                f"{file} does not fit: its {name} is {arrays[name].shape} where "
                f"{wanted[name].shape} is wanted; give a net as wide as the run's"
            )
    with explaining(file):
        serializers.NpzDeserializer(arrays).load(to)
    if names is not None:
        # They are the data set's, whatever the file calls them.
        to.label_names = names
