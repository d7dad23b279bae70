"""A walk through faces and back to the first, as frames of a film."""

import numbers

import numpy as np

from illust_gan.errors import UserError
from illust_gan.generation.pick import check_faces, pick_z
from illust_gan.generation.sample import draw

INTERPOLATIONS = ("spherical", "linear")

#: Of a whole walk; they are all in memory, 276 MB of them at 96×96.
MOST_FRAMES = 10_000


def walk(gen, faces=(0, 1, 2, 3), *, seed=0, frames=24, interpolation="spherical", progress=False):
    """Draw the frames of a walk through faces and from the last back to the first.

    The first frame comes after the last without a jump, so the film can be shown in a loop.

    Args:
        gen (chainer.Chain): A generator of :mod:`illust_gan.nets`, on any device.
        faces (str or sequence of int): Numbers of K faces, two different ones at least, as
            :func:`illust_gan.generate` draws them from ``seed``.
        seed (int): 0 to 2**32 - 1.
        frames (int): From one face to the next, the one counted and the other not.
        interpolation (str): ``"spherical"`` or ``"linear"``, see :func:`walk_z`.
        progress (bool): Show a bar and the time that remains, if it takes more than a second.

    Returns:
        numpy.ndarray: uint8 (K · frames, H, W, C). Frame ``i · frames`` is face i of ``faces``.

    Raises:
        UserError: If there are not two different faces, no frames or too many, or if
            ``interpolation`` is another.

    Example:
        >>> from illust_gan.nets import rezoolab
        >>> gen = rezoolab.Generator(rng=np.random.RandomState(0))
        >>> walk(gen, [3, 17, 42], frames=4).shape
        (12, 64, 64, 3)
    """
    faces = check_walk(faces, frames)
    z = walk_z(pick_z(faces, gen.n_hidden, seed=seed), frames, interpolation)
    return draw(gen, z, progress=progress)


def check_walk(faces, frames, names=("faces", "frames")):
    """Return the faces of a walk as a tuple of int, if it is one.

    Args:
        faces (str or sequence of int): Their numbers.
        frames (int): From one to the next.
        names (tuple of str): What messages call the two, such as flags.

    Raises:
        UserError: As :func:`walk` does.

    Example:
        >>> check_walk("3,17", 24)
        (3, 17)
    """
    faces = check_faces(faces, names[0])
    if len(set(faces)) < 2:
        raise UserError(
            f"{names[0]} names one face, {faces[0]}; a walk wants two or more different ones, "
            "such as 3,17,42"
        )
    if len(faces) > MOST_FRAMES:
        raise UserError(f"{names[0]} names {len(faces)} faces; wanted {MOST_FRAMES} at most")
    most = MOST_FRAMES // len(faces)
    if not isinstance(frames, numbers.Integral) or not 1 <= frames <= most:
        raise UserError(
            f"{names[1]} is {frames}; wanted 1 to {most} from one face to the next, with "
            f"{len(faces)} faces"
        )
    return faces


def walk_z(stops, frames=24, interpolation="spherical"):
    """Interpolate between z, from each to the next and from the last to the first.

    A step from a to b at time t in [0, 1) is eased in and out by s = 3t² - 2t³: it rests at each
    face and does not jerk.

    ``"linear"`` is (1 - s) a + s b. It stays in the cube [-1, 1]ⁿ that the z of both nets are
    uniform on, but in many dimensions nearly all of these have nearly the same length, √(n / 3),
    and are nearly at right angles; halfway between two, z is 1/√2 as long, and so a face from a
    part of the cube that G has hardly seen.

    ``"spherical"`` therefore turns the direction along the great circle from a/|a| to b/|b|
    (slerp; White, «Sampling Generative Networks», 2016, arXiv:1609.04468) and interpolates the
    length linearly from |a| to |b|. So lengths are as usual all the way, but a number of z may
    leave [-1, 1], as the sphere bulges out of the cube; it is clipped.

    Args:
        stops (numpy.ndarray): float32 (K, n_hidden), on [-1, 1].
        frames (int): From one to the next.
        interpolation (str): One of the two.

    Returns:
        numpy.ndarray: float32 (K · frames, n_hidden), on [-1, 1]; row ``i · frames`` is
        ``stops[i]`` to the bit.

    Raises:
        UserError: If ``interpolation`` is another.

    Example:
        >>> walk_z(np.eye(2, dtype=np.float32), 2).astype(float).round(3).tolist()
        [[1.0, 0.0], [0.707, 0.707], [0.0, 1.0], [0.707, 0.707]]
        >>> walk_z(np.eye(2, dtype=np.float32), 2, "linear")[1].tolist()
        [0.5, 0.5]
    """
    if interpolation not in INTERPOLATIONS:
        raise UserError(
            f"interpolation is {interpolation!r}; wanted one of {', '.join(INTERPOLATIONS)}"
        )
    step = _slerp if interpolation == "spherical" else _lerp
    t = np.arange(frames) / frames
    s = (t * t * (3 - 2 * t))[:, None]
    stops = np.asarray(stops, np.float64)
    legs = [step(a, b, s) for a, b in zip(stops, np.roll(stops, -1, axis=0))]
    z = np.concatenate(legs).astype(np.float32)
    z[::frames] = stops
    return np.clip(z, -1, 1)


def _lerp(a, b, s):
    return (1 - s) * a + s * b


def _slerp(a, b, s):
    length_a, length_b = np.linalg.norm(a), np.linalg.norm(b)
    if not length_a or not length_b:
        return _lerp(a, b, s)
    unit_a, unit_b = a / length_a, b / length_b
    angle = np.arccos(np.clip(unit_a @ unit_b, -1, 1))
    if np.sin(angle) < 1e-6:
        # Of one direction there is nothing to turn, and of opposite ones no great circle is
        # nearer than another.
        return _lerp(a, b, s)
    direction = (np.sin((1 - s) * angle) * unit_a + np.sin(s * angle) * unit_b) / np.sin(angle)
    return _lerp(length_a, length_b, s) * direction
