"""What a snapshot is, in words."""

import math
import os

import numpy as np

from illust_gan.errors import printable, some
from illust_gan.serializers.finding import find_nets, open_file
from illust_gan.serializers.first_averages import never_updated
from illust_gan.serializers.load import contents, explaining, read_net
from illust_gan.serializers.models import find_snapshot
from illust_gan.serializers.reader import SnapshotError
from illust_gan.serializers.recognise import is_run
from illust_gan.serializers.tensorflow_recognise import TensorFlowFound

# Each is made and filled to be looked at; a run has two, and one more with averaged weights.
_MOST_NETS = 4
_LONGEST = 1500
_KINDS = {"npz": ".npz archive", "hdf5": "HDF5", "checkpoint": "checkpoint"}


def describe(file, *, chainer_version=None):
    """Say what a snapshot is: kind, nets, era, health of the moving averages, iteration.

    Args:
        file (str or os.PathLike): Any ``.npz`` or HDF5 file, which is never unpickled; or a
            checkpoint of TensorFlow's.
        chainer_version (str): See :func:`illust_gan.load_generator`.

    Returns:
        list of tuple: ``(label, text)``, in the order to be read.

    Raises:
        UserError: If the file is missing, broken, or none of these.
    """
    file = find_snapshot(file)
    with open_file(file) as reader, explaining(file):
        found = find_nets(file, reader)
        size = sum(_n_bytes(reader, name) for name in reader.files)
        on_disk = reader.size if reader.kind == "checkpoint" else os.path.getsize(file)
        lines = [
            ("kind", f"{_KINDS[reader.kind]}, {_kind(reader.files, found)}"),
            ("size", f"{on_disk / 1e6:.1f} MB, {len(reader)} arrays of {size / 1e6:.1f} MB"),
        ]
        if reader.date is not None:
            lines.append(("written", f"{reader.date}"))
        for one in found[:_MOST_NETS]:
            lines += _net(file, reader, one, chainer_version)
        if "updater/iteration" in reader:
            lines.append(("iteration", f"{int(reader['updater/iteration'])}"))
        optimisers = [name[:-1].rstrip("/") for name in reader.files if _is_count(name)]
        for name in optimisers[:_MOST_NETS]:
            count = int(reader[f"{name}/t" if name else "t"])
            lines.append(("optimiser", f"{name or 'of one net'}, after {count} updates"))
        if not found:
            lines.append(("arrays", some(_listed(reader), 12)))
    # Prefixes and names in these lines are the file's own words.
    return [(label, printable(text, _LONGEST)) for label, text in lines]


def _kind(names, found):
    if is_run(names):
        return "snapshot of a whole Trainer (resume it with illust-gan train --resume)"
    if found:
        return contents(names, found).removeprefix("holds ")
    if "t" in names and any(name.endswith("/m") for name in names):
        return "state of an Adam optimiser (train on with --init-gen-optimizer)"
    if any(name.endswith("/W") for name in names):
        return "layers of Chainer, but of no net known here"
    return "arrays, but no net of Chainer"


def _net(file, reader, found, chainer_version):
    label = "generator" if found.role == "gen" else "discriminator"
    where = f", under {found.prefix}" if found.prefix else ""
    try:
        net, era = read_net(file, reader, found, chainer_version)
    except SnapshotError as error:
        return [(label, f"{found}{where}, broken: {error}")]
    picture = f"{net.channels}×{net.size}×{net.size}"
    takes = f"z of {net.n_hidden} → {picture}" if found.role == "gen" else picture
    if n_labels := getattr(net, "y_dim", 0):
        takes += f", {n_labels} labels"
    return [
        (label, f"{found}, {takes}, {sum(p.size for p in net.params()):,} parameters{where}"),
        ("written by", str(era)),
        ("weights", _finite({name[1:]: p.array for name, p in net.namedparams()})),
        ("averages", _averages(net, found)),
    ]


def _finite(arrays):
    broken = [name for name, array in arrays.items() if not np.isfinite(array).all()]
    if broken:
        return f"NaN or infinite in {some(sorted(set(broken)))}: this training had failed"
    return "finite"


def _averages(net, found):
    if isinstance(found, TensorFlowFound) and never_updated(net):
        return "never updated: its program draws by the statistics of a minibatch"
    links = dict(_normalizations(net))
    for array in ("avg_mean", "avg_var"):
        broken = [n for n, link in links.items() if not np.isfinite(getattr(link, array)).all()]
        if broken:
            return f"NaN or infinite in {array} of {some(broken)}: faces will be broken"
    fresh = [name for name, link in links.items() if not link.avg_mean.any()]
    if len(fresh) == len(links):
        return "never trained: in test mode it draws grey"
    # maccha's bn0, of both nets: declared, and used nowhere.
    return "trained" + (f", but for {some(fresh)}" if fresh else "")


def _normalizations(net):
    return ((link.name, link) for link in net.children() if hasattr(link, "avg_var"))


def _is_count(name):
    return name == "t" or (
        (name.startswith("updater/optimizer:") and name.count("/") == 2) and (name.endswith("/t"))
    )


def _listed(reader):
    return [f"{name} {reader.dtype_of(name)} {reader.shape_of(name)}" for name in reader.files]


def _n_bytes(reader, name):
    return math.prod(reader.shape_of(name)) * reader.dtype_of(name).itemsize
