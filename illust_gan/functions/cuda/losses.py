"""Sigmoid and softmax cross entropy of a minibatch, and their gradients: one launch each.

A block does the whole sum, which is the fastest for the thousands of logits that a discriminator
has, and not for millions.
"""

import numpy as np

from illust_gan.functions.cuda.module import kernel, launch

KERNELS = {"losses": [{"X": dtype} for dtype in ("float32", "float16", "bfloat16")]}

_THREADS = 512  # as in source/losses.cu


def sigmoid_cross_entropy(x, t, ignore_label=-1, normalize=True):
    """Return the mean of the sigmoid cross entropy, as Chainer's function of this name does.

    Args:
        x (cupy.ndarray): Logits, C-contiguous and of any shape; float32, float16 or bfloat16.
        t (cupy.ndarray or int): Labels 0 or 1, C-contiguous int32 of the shape of ``x``, or the
            one label of all.
        ignore_label (int): Logits with this label are left out.
        normalize (bool): Whether to divide by the number of logits with another label, in place
            of ``len(x)``.

    Returns:
        (cupy.ndarray, cupy.ndarray): The loss, and what was divided by, 1 or more; float32 ().

    Raises:
        ValueError: If the labels have another type or shape.
    """
    labels = _labels(x, t, x.shape)
    return _loss("sigmoid_loss", x, (*labels, x.size, ignore_label), normalize)


def sigmoid_cross_entropy_gradient(x, t, gy, count, ignore_label=-1):
    """Return the gradient of :func:`sigmoid_cross_entropy` by its logits.

    Args:
        x, t, ignore_label: As there.
        gy (cupy.ndarray): float32 (), or of one number, as a loss scale is.
        count (cupy.ndarray): As it was returned there.

    Returns:
        cupy.ndarray: Of the shape and type of ``x``; 0 where a logit was left out.
    """
    sizes = (*_labels(x, t, x.shape), x.size, ignore_label)
    return _gradient("sigmoid_gradient", x, sizes, gy, count, x.size)


def softmax_cross_entropy(x, t, ignore_label=-1, normalize=True):
    """Return the mean of the softmax cross entropy, as Chainer's function of this name does.

    Args:
        x (cupy.ndarray): Logits (N, classes), C-contiguous; float32, float16 or bfloat16.
        t (cupy.ndarray or int): Classes, C-contiguous int32 (N,), or the one class of all. The
            loss is NaN if a label is neither a class nor ``ignore_label``.
        ignore_label (int): Rows with this label are left out.
        normalize (bool): Whether to divide by the number of rows with another label, in place of
            N.

    Returns:
        (cupy.ndarray, cupy.ndarray): The loss, and what was divided by, 1 or more; float32 ().

    Raises:
        ValueError: If the labels have another type or shape.
    """
    sizes = (*_labels(x, t, x.shape[:1]), *x.shape, ignore_label)
    return _loss("softmax_loss", x, sizes, normalize)


def softmax_cross_entropy_gradient(x, t, gy, count, ignore_label=-1):
    """Return the gradient of :func:`softmax_cross_entropy` by its logits.

    Args:
        x, t, ignore_label: As there.
        gy (cupy.ndarray): float32 (), or of one number, as a loss scale is.
        count (cupy.ndarray): As it was returned there.

    Returns:
        cupy.ndarray: Of the shape and type of ``x``; 0 in rows that were left out.
    """
    sizes = (*_labels(x, t, x.shape[:1]), *x.shape, ignore_label)
    return _gradient("softmax_gradient", x, sizes, gy, count, len(x))


def _loss(name, x, sizes, normalize):
    import cupy

    loss, count = cupy.empty((), np.float32), cupy.empty((), np.float32)
    given = 0 if normalize else max(1, len(x))
    launch(kernel("losses", name, X=x.dtype), 1, _THREADS, x, *sizes, given, loss, count)
    return loss, count


def _gradient(name, x, sizes, gy, count, n_threads):
    import cupy

    gx = cupy.empty(x.shape, x.dtype)
    if gx.size:
        blocks = -(-n_threads // 128)
        launch(kernel("losses", name, X=x.dtype), blocks, 128, x, *sizes, gy, count, gx)
    return gx


def _labels(x, t, shape):
    """Return the array and the constant of which the kernels take one."""
    if not x.flags.c_contiguous:
        raise ValueError(f"logits of shape {x.shape} have strides {x.strides}; wanted C-contiguous")
    if isinstance(t, int):
        return None, t
    if t.dtype != np.int32 or t.shape != shape or not t.flags.c_contiguous:
        raise ValueError(
            f"labels are {t.dtype} {t.shape} of logits {x.shape}; wanted int32 {shape}, "
            "C-contiguous"
        )
    return t, 0
