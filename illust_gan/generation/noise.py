"""Noise on z, whose faces are then the neighbours of z's face."""

import math

import numpy as np

from illust_gan.errors import UserError

# RandomState(seed) itself draws the faces' z. Noise from the same stream would be the z of face 0,
# and the first neighbour of that face would be the face again, with more contrast.
_STREAM = 1


def check_strength(strength, name="strength"):
    """Return the strength of noise as a float.

    Args:
        strength (float): At least 0, and finite.
        name (str): What the message calls it, such as a flag.

    Returns:
        float: The same.

    Raises:
        UserError: If it is negative, infinite or NaN.

    Example:
        >>> check_strength(1)
        1.0
    """
    if not (math.isfinite(strength) and strength >= 0):
        raise UserError(
            f"{name} is {strength}; wanted a number from 0 on, such as 0.25: the most by which "
            "noise moves each of z's numbers"
        )
    return float(strength)


def draw_noise(n, n_hidden=100, *, seed=0):
    """Draw noise that has nothing to do with the faces of the same seed.

    Args:
        n (int): How many rows. The first k do not depend on n.
        n_hidden (int): Length of a row.
        seed (int): 0 to 2**32 - 1.

    Returns:
        numpy.ndarray: float32 (n, n_hidden), uniform on [-1, 1].

    Example:
        >>> draw_noise(2, 100).shape
        (2, 100)
    """
    rng = np.random.RandomState([seed, _STREAM])
    return rng.uniform(-1.0, 1.0, (n, n_hidden)).astype(np.float32)


def add_noise(z, noise, strength):
    """Return ``clip(z + strength · noise, -1, 1)``: G has seen nothing outside of the cube.

    Args:
        z (numpy.ndarray): float32 (N, n_hidden) or (n_hidden,), on [-1, 1].
        noise (numpy.ndarray): float32, of :func:`draw_noise`, broadcast against z.
        strength (float or numpy.ndarray): Broadcast against both.

    Returns:
        numpy.ndarray: float32, on [-1, 1].

    Example:
        >>> add_noise(np.float32([0.5, -0.5]), np.float32([1, 1]), 0.75).tolist()
        [1.0, 0.25]
    """
    return np.clip(z + np.float32(strength) * noise, -1, 1).astype(np.float32)
