"""Convolution and its two gradients by NumPy: a product of matrices for each tap of the kernel."""

import numpy as np


def _taps(size, out_shape, geometry):
    """Give each tap of a kernel with where it meets the padded image.

    Args:
        size (tuple of int): Height and width of the kernel.
        out_shape (tuple of int): Of the convolution, 4 axes.
        geometry (dict): Lists ``stride`` and ``dilation``, of two numbers each.

    Yields:
        tuple: Row and column of the tap, and a pair of slices of the padded image.
    """
    for i in range(size[0]):
        for j in range(size[1]):
            parts = []
            for k, at in enumerate((i, j)):
                step, start = geometry["stride"][k], at * geometry["dilation"][k]
                parts.append(slice(start, start + step * (out_shape[k + 2] - 1) + 1, step))
            yield i, j, (slice(None), slice(None), *parts)


def _padding(geometry):
    return [(0, 0), (0, 0), *zip(geometry["pre_padding"], geometry["post_padding"])]


def _groups(a, W, n):
    """Return the channels of ``a`` and the kernels that belong to each of ``n`` groups."""
    return list(zip(np.split(a, n, 1), np.split(W, n, 0)))


def fprop(x, W, out_shape, geometry):
    """Return the convolution, of shape ``out_shape``, in the dtype of ``x``."""
    if x.shape[1] != W.shape[1]:
        parts = _groups(x, W, x.shape[1] // W.shape[1])
        shape = (out_shape[0], len(parts[0][1]), *out_shape[2:])
        return np.concatenate([fprop(a, b, shape, geometry) for a, b in parts], 1)
    padded = np.pad(x, _padding(geometry))
    y = np.zeros((out_shape[0], *out_shape[2:], out_shape[1]), x.dtype)
    for i, j, where in _taps(W.shape[2:], out_shape, geometry):
        y += np.tensordot(padded[where], W[:, :, i, j], (1, 1))
    return y.transpose(0, 3, 1, 2)


def dgrad(gy, W, image_shape, geometry):
    """Return the gradient with respect to an image of shape ``image_shape``."""
    if image_shape[1] != W.shape[1]:
        parts = _groups(gy, W, image_shape[1] // W.shape[1])
        shape = (image_shape[0], W.shape[1], *image_shape[2:])
        return np.concatenate([dgrad(a, b, shape, geometry) for a, b in parts], 1)
    padding = _padding(geometry)
    padded = np.zeros([n + sum(pad) for n, pad in zip(image_shape, padding)], gy.dtype)
    for i, j, where in _taps(W.shape[2:], gy.shape, geometry):
        padded[where] += np.tensordot(gy, W[:, :, i, j], (1, 0)).transpose(0, 3, 1, 2)
    return padded[tuple([slice(pad[0], pad[0] + n) for n, pad in zip(image_shape, padding)])]


def wgrad(x, gy, W_shape, geometry):
    """Return the gradient with respect to a kernel of shape ``W_shape``."""
    if x.shape[1] != W_shape[1]:
        n = x.shape[1] // W_shape[1]
        parts = zip(np.split(x, n, 1), np.split(gy, n, 1))
        shape = (W_shape[0] // n, *W_shape[1:])
        return np.concatenate([wgrad(a, b, shape, geometry) for a, b in parts], 0)
    padded = np.pad(x, _padding(geometry))
    gW = np.zeros(W_shape, x.dtype)
    for i, j, where in _taps(W_shape[2:], gy.shape, geometry):
        gW[:, :, i, j] = np.tensordot(gy, padded[where], ((0, 2, 3), (0, 2, 3)))
    return gW


def out_dim(image, W, geometry):
    """Return the shape of the convolution of an image of one shape by a kernel of another."""
    sizes = []
    for k in (0, 1):
        padding = geometry["pre_padding"][k] + geometry["post_padding"][k]
        extent = geometry["dilation"][k] * (W[k + 2] - 1) + 1
        sizes.append((image[k + 2] + padding - extent) // geometry["stride"][k] + 1)
    return [image[0], W[0], *sizes]


def check(name, image, W, out, geometry):
    """Raise as cuDNN does if the three shapes do not belong together."""
    if image[1] % W[1] or W[0] % (image[1] // W[1]) or list(out) != out_dim(image, W, geometry):
        raise RuntimeError(
            f"CUDNN_STATUS_BAD_PARAM: {name} of image {image}, filter {W} and output {out}"
        )
