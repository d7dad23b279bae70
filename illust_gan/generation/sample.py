"""Faces from a seed."""

import chainer
import numpy as np
from tqdm import tqdm

from illust_gan.datasets.pixels import to_pixels
from illust_gan.nets.article_net import to_signed
from illust_gan.nets.latent import draw_z

_CHUNK = 16


def generate(gen, n=16, *, seed=0):
    """Draw faces in test mode.

    The same seed gives the same faces on the same machine, and more of them only add to the
    first: ``generate(gen, 64)`` begins with ``generate(gen, 16)``, to the bit. NumPy's global
    random state is left alone.

    Args:
        gen (chainer.Chain): A generator of :mod:`illust_gan.nets`, on any device.
        n (int): How many faces.
        seed (int): 0 to 2**32 - 1.

    Returns:
        numpy.ndarray: uint8 (n, H, W, 3), RGB; (n, H, W, 1) from a generator of one channel.

    Example:
        >>> from illust_gan.nets import rezoolab
        >>> faces = generate(rezoolab.Generator(rng=np.random.RandomState(0)), n=3)
        >>> faces.shape, faces.dtype
        ((3, 64, 64, 3), dtype('uint8'))
    """
    return draw(gen, draw_z(n, gen.n_hidden, rng=np.random.RandomState(seed)))


def draw(gen, z, *, progress=False):
    """Draw the faces of given z in test mode: batch normalisation uses its moving averages.

    They are computed sixteen at a time, the last ones beside rows of zeros. A matrix product may
    round differently when its size changes, and so a face must not depend on how many others are
    drawn with it.

    Args:
        gen (chainer.Chain): A generator, on any device.
        z (numpy.ndarray): float32 (N, n_hidden), on [-1, 1].
        progress (bool): Show a bar and the time that remains, if it takes more than a second.

    Returns:
        numpy.ndarray: uint8 (N, H, W, C).

    Example:
        >>> from illust_gan.nets import rezoolab
        >>> gen = rezoolab.Generator(rng=np.random.RandomState(0))
        >>> z = draw_z(2, rng=np.random.RandomState(5))
        >>> bool((draw(gen, z) == generate(gen, 2, seed=5)).all())
        True
    """
    faces = []
    bar = tqdm(total=len(z), desc="drawing", unit="face", delay=1, disable=not progress)
    with bar, chainer.using_config("train", False), chainer.no_backprop_mode():
        # Of no z, too, one chunk is drawn: it has the shape.
        for start in range(0, max(len(z), 1), _CHUNK):
            chunk = np.zeros((_CHUNK, z.shape[1]), np.float32)
            part = z[start : start + _CHUNK]
            chunk[: len(part)] = part
            x = to_signed(gen, gen(gen.device.send(chunk)).array)
            # As bytes, they are the sooner on the host.
            faces.append(chainer.get_device("@numpy").send(to_pixels(x))[: len(part)])
            bar.update(len(part))
    return np.concatenate(faces)
