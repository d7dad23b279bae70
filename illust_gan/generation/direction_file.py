"""Directions in a file: an ``.npz`` without anything that could run."""

import os
import re

import numpy as np

from illust_gan.errors import UserError, printable
from illust_gan.files import replacing
from illust_gan.generation.directions import Directions
from illust_gan.nets import RECIPES
from illust_gan.serializers.models import find_directions
from illust_gan.serializers.reader import open_snapshot

MOST = 1000
"""int: The most directions in a file; each is a slider, a row of a sheet."""

_LONGEST_NAME = 64
_LONGEST_TEXT = 1000
_MOST_HIDDEN = 1024
_FIELDS = {"names", "vectors", "spreads", "net", "method", "sha256"}


def check_name(name):
    """Raise UserError unless a name can stand in a file and behind ``--set``.

    Example:
        >>> check_name("light hair")
    """
    if not (0 < len(name) <= _LONGEST_NAME and name.isprintable() and "=" not in name):
        raise UserError(
            f"a direction cannot have the name '{printable(name)}'; wanted 1 to {_LONGEST_NAME} "
            "printable characters without ="
        )


def save_directions(path, directions):
    """Save directions, whole or not at all; the same directions give the same bytes.

    Args:
        path (str or os.PathLike): Name of the file, ending in ``.npz``.
        directions (Directions): What to save.

    Raises:
        UserError: If a name cannot stand in a file, or there are more than :data:`MOST`.
        OSError: If it cannot be written.
    """
    if not 1 <= len(directions) <= MOST:
        raise UserError(f"{len(directions)} directions; a file holds 1 to {MOST}")
    for name in directions.names:
        check_name(name)
    with replacing(path) as f:
        np.savez(
            f,
            names=np.array(directions.names, np.str_),
            vectors=directions.vectors,
            spreads=directions.spreads,
            net=np.array(directions.net),
            method=np.array(directions.method[:_LONGEST_TEXT]),
            sha256=np.array(directions.sha256),
        )


def load_directions(path):
    """Load directions with distrust: sizes are looked at first, and nothing is unpickled.

    Whether they belong to a generator, :func:`~illust_gan.generation.directions.check_directions`
    says.

    Args:
        path (str or os.PathLike): From :func:`save_directions`; or the name of a model that comes
            along, for its own.

    Returns:
        Directions: What it holds.

    Raises:
        UserError: If the file is missing, broken, or no file of directions.
    """
    path = find_directions(path)
    if not os.path.isfile(path):
        what = "is no file" if os.path.exists(path) else "does not exist"
        raise UserError(f"{path} {what}; give one that illust-gan directions wrote")
    with open(path, "rb") as f:
        if f.read(2) != b"PK":
            raise UserError(
                f"{path} holds no directions; give a file that illust-gan directions wrote"
            )
    with open_snapshot(path) as reader:
        if set(reader.files) != _FIELDS:
            raise UserError(
                f"{path} holds no directions; give a file that illust-gan directions wrote"
            )
        _check_sizes(path, reader)
        names, net, method, sha256 = (
            reader[name].tolist() for name in ("names", "net", "method", "sha256")
        )
        vectors, spreads = (reader[name].astype(np.float32) for name in ("vectors", "spreads"))
    for name in names:
        check_name(name)
    lengths = np.linalg.norm(vectors, axis=1)
    if not (np.abs(lengths - 1) < 1e-3).all() or not np.isfinite(spreads).all():
        _refuse(path, "its vectors are not all of length 1")
    if len(set(names)) < len(names):
        _refuse(path, "two of its directions have the same name")
    if net not in RECIPES or not re.fullmatch("[0-9a-f]{64}", sha256):
        _refuse(path, f"it names {printable(net)}, which is no net, or no SHA-256")
    return Directions(tuple(names), vectors, spreads, net, printable(method, _LONGEST_TEXT), sha256)


def _check_sizes(path, reader):
    shapes = {name: reader.shape_of(name) for name in _FIELDS}
    types = {name: reader.dtype_of(name) for name in _FIELDS}
    k = shapes["vectors"][0] if len(shapes["vectors"]) == 2 else 0
    if not 1 <= k <= MOST or not 1 <= shapes["vectors"][1] <= _MOST_HIDDEN:
        _refuse(
            path,
            f"its vectors have shape {shapes['vectors']} where up to {MOST} of up to "
            f"{_MOST_HIDDEN} numbers are wanted",
        )
    if shapes["names"] != (k,) or shapes["spreads"] != (k,):
        _refuse(path, f"its names and spreads are not {k}, as its vectors are")
    for name in ("names", "net", "method", "sha256"):
        longest = _LONGEST_NAME if name != "method" else _LONGEST_TEXT
        # Four bytes a character.
        fits = types[name].kind == "U" and types[name].itemsize <= 4 * longest
        if not fits or (name != "names" and shapes[name] != ()):
            _refuse(path, f"its {name} is no short text")
    for name in ("vectors", "spreads"):
        if types[name].kind != "f":
            _refuse(path, f"its {name} are {types[name]}, no floating-point numbers")


def _refuse(path, why):
    raise UserError(f"{path} is refused: {why}; write it again with illust-gan directions")
