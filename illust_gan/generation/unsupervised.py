"""Directions that nobody had to name: SeFa and GANSpace, of a generator's first layer.

All that a face owes to z passes through the first layer, ``relu(norm(W z + b))``, and so its main
axes are those along which faces change most.
"""

import chainer
import chainer.functions as F
import numpy as np
from tqdm import tqdm

from illust_gan.errors import UserError
from illust_gan.generation.directions import Directions, net_name, weights_sha256
from illust_gan.generation.eigenvectors import leading_eigenvectors
from illust_gan.nets.latent import draw_z
from illust_gan.nets.layers import layer

# The variance of a number that is uniform on [-1, 1].
_VARIANCE = 1 / 3
_CHUNK = 256


def first_layer(gen):
    """Return a generator's first layer.

    Args:
        gen (chainer.Chain): A generator of :mod:`illust_gan.nets`.

    Returns:
        tuple: Its ``Linear`` and its ``BatchNormalization``.
    """
    net_name(gen)  # says so if it is none
    link, norm = gen.first
    return gen[link], gen[norm]


def first_matrix(gen):
    """Return the matrix by which the first layer's normalised outputs depend on z in test mode.

    Batch normalisation with fixed statistics multiplies each output by gamma / √(var + eps).

    Args:
        gen (chainer.Chain): A generator, on any device.

    Returns:
        numpy.ndarray: float64 (outputs, n_hidden).

    Example:
        >>> from illust_gan.nets import rezoolab
        >>> first_matrix(rezoolab.Generator(8)).shape
        (8192, 8)
    """
    link, norm = first_layer(gen)
    host = chainer.get_device("@numpy").send
    # Labels beside z are the same for all faces.
    W, var = (host(x).astype(float) for x in (link.W.array[:, : gen.n_hidden], norm.avg_var))
    gamma = 1.0 if norm.gamma is None else host(norm.gamma.array).astype(float)
    scale = gamma / np.sqrt(var + norm.eps)
    # Of a channel that is normalised as a whole, all pixels.
    return np.repeat(scale, len(W) // len(scale))[:, None] * W


def sefa(gen, n=10):
    """Find directions by SeFa: the eigenvectors of AᵀA, the largest eigenvalues first.

    A is :func:`first_matrix`; a step of length 1 changes A z most along the first of them. Shen and
    Zhou, «Closed-Form Factorization of Latent Semantics in GANs» (2021), equation 4. No face is
    drawn and nothing is random.

    Args:
        gen (chainer.Chain): A generator, on any device.
        n (int): How many, 1 to n_hidden.

    Returns:
        Directions: ``sefa-1``, ``sefa-2`` and so on, at right angles to each other.

    Raises:
        UserError: If there are not so many, or the weights are no finite numbers.

    Example:
        >>> from illust_gan.nets import rezoolab
        >>> found = sefa(rezoolab.Generator(8, rng=np.random.RandomState(0)), n=2)
        >>> found.names, found.vectors.shape
        (('sefa-1', 'sefa-2'), (2, 8))
    """
    _check_count(n, gen)
    A = _finite(first_matrix(gen))
    _, vectors = np.linalg.eigh(A.T @ A)
    return _numbered(gen, "sefa", vectors.T[::-1][:n], "SeFa of the first layer")


def ganspace(gen, n=10, *, samples=2000, seed=0, progress=False):
    """Find directions by GANSpace: principal components of the first layer's activations.

    For many z the activations behind ReLU are computed in test mode; each z is then explained by
    its principal components, least squares, and what a component adds to z is a direction.
    Härkönen and others, «GANSpace: Discovering Interpretable GAN Controls» (2020), section 2.2.

    Args:
        gen (chainer.Chain): A generator, on any device.
        n (int): How many, 1 to n_hidden.
        samples (int): How many z; more than n_hidden. Memory and time grow with its square.
        seed (int): Of these z.
        progress (bool): Show a bar for each step and the time that remains of it, if it takes more
            than a second.

    Returns:
        Directions: ``ganspace-1`` and so on, the components of the largest variances first.

    Raises:
        UserError: If there are not so many, or too few samples.
    """
    _check_count(n, gen)
    if samples <= gen.n_hidden:
        raise UserError(
            f"GANSpace was given {samples} samples; wanted more than z has numbers, {gen.n_hidden}"
        )
    z = draw_z(samples, gen.n_hidden, rng=np.random.RandomState(seed))
    y = _finite(_activations(gen, z, progress))
    y -= y.mean(axis=0)
    # Of the matrix of samples rather than of activations, which are several times as many. As many
    # components as z has numbers stand out from the rest, which ReLU alone has made.
    width = 3 * gen.n_hidden // 2
    variances, components = leading_eigenvectors(
        _products(y, progress), n, width, progress=progress
    )
    coordinates = components * np.sqrt(np.maximum(variances, 0))
    # Centred and at right angles, the coordinates can be regressed one by one.
    squares = np.maximum((coordinates**2).sum(axis=0), np.finfo(float).tiny)
    vectors = (coordinates / squares).T @ z
    method = f"GANSpace of the first layer, {samples} samples, seed {seed}"
    return _numbered(gen, "ganspace", vectors, method)


def as_directions(gen, names, vectors, method):
    """Make directions of vectors: of length 1, with their spreads.

    Args:
        gen (chainer.Chain): The generator that they were found for.
        names (sequence of str): Of K directions.
        vectors (numpy.ndarray): (K, n_hidden), of any lengths but 0.
        method (str): How they were found.

    Returns:
        Directions: K of them.

    Raises:
        UserError: If a vector has no length, as those of a generator that ignores z.
    """
    A, lengths = first_matrix(gen), np.linalg.norm(vectors, axis=1)
    if not (A.any() and np.isfinite(lengths).all() and lengths.min() > 0):
        raise UserError("no direction was found: the faces do not depend on z")
    vectors = vectors / lengths[:, None]
    spreads = np.sqrt(_VARIANCE) * np.linalg.norm(A @ vectors.T, axis=0)
    return Directions(
        names=tuple(names),
        vectors=vectors.astype(np.float32),
        spreads=spreads.astype(np.float32),
        net=net_name(gen),
        method=method,
        sha256=weights_sha256(gen),
    )


def _numbered(gen, name, vectors, method):
    """Make directions without a meaning: which way is forward is settled by the largest number."""
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1)[:, None], axis=1)
    names = [f"{name}-{i + 1}" for i in range(len(vectors))]
    return as_directions(gen, names, vectors * np.where(largest < 0, -1, 1), method)


def _activations(gen, z, progress):
    link, norm = first_layer(gen)
    parts = []
    bar = tqdm(total=len(z), desc="activations", unit="z", delay=1, disable=not progress)
    with bar, chainer.using_config("train", False), chainer.no_backprop_mode():
        for start in range(0, len(z), _CHUNK):
            x = gen.first_input(gen.device.send(z[start : start + _CHUNK]))
            y = _first_outputs(x, link, norm).array
            parts.append(chainer.get_device("@numpy").send(y))
            bar.update(len(y))
    return np.concatenate(parts)


def _first_outputs(x, link, norm):
    n_out, n_channels = link.W.shape[0], norm.avg_mean.size
    if n_out == n_channels:
        return layer(x, link, norm, F.relu)
    h = F.reshape(layer(x, link), (len(x), n_channels, n_out // n_channels))
    return F.reshape(F.relu(norm(h)), (len(x), n_out))


def _products(y, progress):
    """Return y yᵀ, float64 (N, N)."""
    n = len(y)
    gram = np.empty((n, n))
    pairs = n * (n + 1) // 2
    with tqdm(total=pairs, desc="products", unit="pair", delay=1, disable=not progress) as bar:
        for start in range(0, n, _CHUNK):
            stop = min(start + _CHUNK, n)
            gram[start:stop, :stop] = y[start:stop] @ y[:stop].T
            gram[:stop, start:stop] = gram[start:stop, :stop].T
            bar.update((start + 1 + stop) * (stop - start) // 2)
    return gram


def _check_count(n, gen):
    if not 1 <= n <= gen.n_hidden:
        raise UserError(
            f"{n} directions are wanted where z has {gen.n_hidden} numbers; give --n 1 "
            f"to {gen.n_hidden}"
        )


def _finite(array):
    if not np.isfinite(array).all():
        raise UserError("the generator's weights are not all finite; its training has diverged")
    return array
