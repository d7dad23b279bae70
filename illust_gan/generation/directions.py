"""Directions in z along which faces change in one way, and what is done with them."""

import dataclasses
import hashlib
import math

import numpy as np
from chainer import backend

from illust_gan.errors import UserError
from illust_gan.generation.sample import draw
from illust_gan.generation.sheet import sheet
from illust_gan.nets import NAMES, RECIPES
from illust_gan.serializers.load import serialized

# 120 megapixels at 96×96, and a gigabyte while they are laid out.
_MOST_FACES = 13_000


@dataclasses.dataclass(frozen=True, eq=False)
class Directions:
    """Unit vectors in the z of one generator, each with a name.

    Attributes:
        names (tuple of str): K names, no two alike.
        vectors (numpy.ndarray): float32 (K, n_hidden), each of length 1.
        spreads (numpy.ndarray): float32 (K,), how strongly the generator's first layer answers:
            the standard deviation of its normalised outputs, as a vector, when z moves along the
            direction as far as random z do. Directions of a small one hardly change a face.
        net (str): ``"rezoolab"`` or ``"maccha"``.
        method (str): How they were found, in words.
        sha256 (str): Of the generator's weights, from :func:`weights_sha256`.
    """

    names: tuple
    vectors: np.ndarray
    spreads: np.ndarray
    net: str
    method: str
    sha256: str

    def __len__(self):
        return len(self.names)

    def __getitem__(self, name):
        """Return the vector of a name, or raise UserError with the names that there are."""
        if name not in self.names:
            shown = ", ".join(self.names[:20]) + (", …" if len(self.names) > 20 else "")
            raise UserError(f"there is no direction {name}; there are {shown}")
        return self.vectors[self.names.index(name)]


def net_name(net, role="generator"):
    """Return the name of the net that a generator or discriminator is of, as ``--net`` takes it.

    Args:
        net (chainer.Chain): Of :mod:`illust_gan.nets`.
        role (str): ``"generator"`` or ``"discriminator"``.

    Raises:
        UserError: If it is none of them.

    Example:
        >>> from illust_gan.nets import maccha
        >>> net_name(maccha.Generator())
        'maccha'
    """
    for name, recipe in RECIPES.items():
        if isinstance(net, getattr(recipe, role.capitalize())):
            return name
    raise UserError(f"{type(net).__name__} is no {role} of {NAMES}")


def weights_sha256(gen):
    """Return the SHA-256 of a generator's weights and statistics, in hexadecimal.

    It is the same whichever file they came from and on whatever device they are.
    """
    digest = hashlib.sha256()
    for name, array in sorted(serialized(gen).items()):
        # How many minibatches the statistics have seen changes no face, nor what labels are called,
        # and not all files know.
        if not name.endswith("/N") and name != "label_names":
            array = np.ascontiguousarray(array, "<f4")
            digest.update(f"{name} {array.shape}\n".encode())
            digest.update(array.tobytes())
    return digest.hexdigest()


def check_directions(directions, gen, name="the directions", snapshot="the generator"):
    """Raise an error unless directions were found for this very generator.

    Args:
        directions (Directions): What is to be used.
        gen (chainer.Chain): What is to draw.
        name, snapshot (str): What the message calls the two, such as the paths of their files.

    Raises:
        UserError: If they belong to another net, another length of z or other weights.
    """
    net, theirs = net_name(gen), directions.vectors.shape[1]
    if (directions.net, theirs) != (net, gen.n_hidden):
        made_for = f"{directions.net} with z of {theirs}"
        given = f"of {net} with z of {gen.n_hidden}"
    else:
        sha256 = weights_sha256(gen)
        if directions.sha256 == sha256:
            return
        made_for = f"{net} with the weights {directions.sha256[:12]}…"
        given = f"of {net} with other weights, {sha256[:12]}…"
    raise UserError(
        f"{name} was made for a generator of {made_for}, and {snapshot} is one {given}; make "
        "directions of that one with illust-gan directions find or fit"
    )


def apply_direction(z, direction, strength):
    """Move z along a direction.

    The result may leave [-1, 1], where training never went: random z have a length of
    √(n_hidden / 3), 5.8 of 100 numbers, so a strength of 3 is half of that and still draws faces.

    Args:
        z (:ref:`ndarray`): float32 (N, n_hidden), NumPy or CuPy; it is left as it is.
        direction (numpy.ndarray): (n_hidden,), of length 1.
        strength (float): How far; negative for the other way.

    Returns:
        :ref:`ndarray`: float32 (N, n_hidden), z + strength · direction, where z is.

    Raises:
        UserError: If the strength is no finite number, or the lengths differ.

    Example:
        >>> apply_direction(np.zeros((1, 3), np.float32), np.array([0, 1, 0]), 2).tolist()
        [[0.0, 2.0, 0.0]]
    """
    check_strength(strength)
    if direction.shape != z.shape[1:]:
        raise UserError(f"a direction of shape {direction.shape} does not fit z of {z.shape}")
    step = np.asarray(strength * direction, np.float32)
    return z + backend.get_device_from_array(z).send(step)


def check_strength(strength, flag="strength"):
    """Raise UserError unless a strength is a finite number.

    Args:
        strength (float): What was given.
        flag (str): Where it was given.
    """
    if not math.isfinite(strength):
        raise UserError(f"{flag} is {strength}; wanted a finite number, such as 3 or -3")


def direction_sheet(gen, directions, z, *, strength=3.0, columns=7):
    """Show what each direction does to one face.

    Args:
        gen (chainer.Chain): A generator, on any device.
        directions (Directions): Of this generator.
        z (numpy.ndarray): float32 (n_hidden,), the face.
        strength (float): The rows go from minus this to this.
        columns (int): Faces in a row, 2 or more; of an odd number the middle one is the face.

    Returns:
        PIL.Image.Image: A row for each direction, in their order.

    Raises:
        UserError: If the strength is no finite number or there are too few columns.
    """
    check_strength(strength)
    if columns < 2:
        raise UserError(f"a sheet of directions wants 2 columns or more; given {columns}")
    if len(directions) * columns > _MOST_FACES:
        raise UserError(
            f"{len(directions)} directions in {columns} columns are more than {_MOST_FACES:,} "
            "faces; give fewer columns, or a file of fewer directions"
        )
    z = np.asarray(z, np.float32)[None]
    strengths = np.linspace(-strength, strength, columns)
    rows = [apply_direction(z, vector, s) for vector in directions.vectors for s in strengths]
    return sheet(draw(gen, np.concatenate(rows)), columns=columns)


def join_directions(several):
    """Put the directions of one generator together.

    Args:
        several (sequence of Directions): One or more, all of the same weights.

    Returns:
        Directions: All of them, in order.

    Raises:
        UserError: If they are of different generators, or two have the same name.
    """
    first = several[0]
    for other in several[1:]:
        if (other.net, other.sha256) != (first.net, first.sha256):
            raise UserError(
                f"directions of different generators cannot be joined: of {first.net} (weights "
                f"{first.sha256[:12]}) and of {other.net} (weights {other.sha256[:12]})"
            )
    names = [name for part in several for name in part.names]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UserError(f"two directions have the name {twice[0]}; give one of them another")
    return dataclasses.replace(
        first,
        names=tuple(names),
        vectors=np.concatenate([part.vectors for part in several]),
        spreads=np.concatenate([part.spreads for part in several]),
        method="; ".join(dict.fromkeys(part.method for part in several)),
    )
