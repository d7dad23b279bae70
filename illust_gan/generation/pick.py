"""Faces by their numbers, as ``illust-gan generate`` counts them."""

import operator

import numpy as np

from illust_gan.errors import UserError, printable
from illust_gan.nets.latent import draw_z

#: One more than the highest number of a face.
MOST_FACES = 1_000_000

_CHUNK = 4096


def check_faces(faces, name="faces"):
    """Return numbers of faces as a tuple of int.

    Args:
        faces (str or sequence of int): ``"3,17,42"`` or ``[3, 17, 42]``.
        name (str): What the message calls them, such as a flag.

    Returns:
        tuple of int: At least one, each from 0 to :data:`MOST_FACES` - 1.

    Raises:
        UserError: If there is none, or one that is no face.

    Example:
        >>> check_faces("3,17,42")
        (3, 17, 42)
    """
    parts = faces.split(",") if isinstance(faces, str) else list(faces)
    if not parts:
        raise UserError(f"{name} names no face; give one or more, such as 3,17,42")
    return tuple(check_face(part, name) for part in parts)


def check_face(face, name="face"):
    """Return the number of one face as an int.

    Args:
        face (str or int): Its number.
        name (str): What the message calls it, such as a flag.

    Raises:
        UserError: If it is no face.

    Example:
        >>> check_face("17")
        17
    """
    try:
        number = int(face) if isinstance(face, str) else operator.index(face)
    except (TypeError, ValueError):
        number = -1
    if not 0 <= number < MOST_FACES:
        raise UserError(
            f"{name} names a face {printable(str(face))!r}; wanted whole numbers from 0 to "
            f"{MOST_FACES - 1}, as faces on a sheet of illust-gan generate are counted row by row"
        )
    return number


def pick_z(faces, n_hidden=100, *, seed=0):
    """Return the z of the faces that have these numbers under this seed.

    Face number i of seed s is ``illust_gan.generate(gen, i + 1, seed=s)[i]``. Those before it are
    drawn a chunk at a time and forgotten, so a high number takes time but no memory.

    Args:
        faces (str or sequence of int): As for :func:`check_faces`.
        n_hidden (int): Length of one z.
        seed (int): 0 to 2**32 - 1.

    Returns:
        numpy.ndarray: float32 (K, n_hidden), on [-1, 1].

    Raises:
        UserError: If one of them is no face.

    Example:
        >>> z = draw_z(43, rng=np.random.RandomState(7))
        >>> bool((pick_z([42, 3], seed=7) == z[[42, 3]]).all())
        True
    """
    faces = np.array(check_faces(faces))
    picked = np.empty((len(faces), n_hidden), np.float32)
    rng = np.random.RandomState(seed)
    for start in range(0, int(faces.max()) + 1, _CHUNK):
        rows = draw_z(_CHUNK, n_hidden, rng=rng)
        here = (faces >= start) & (faces < start + _CHUNK)
        picked[here] = rows[faces[here] - start]
    return picked
