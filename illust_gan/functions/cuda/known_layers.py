"""Which layers a GPU's fast path knows, and may take unseen."""

import chainer
import numpy as np

from illust_gan.functions import switch
from illust_gan.functions.cuda import cudnn
from illust_gan.functions.cuda.products import product_of
from illust_gan.functions.known_norms import is_known

_TYPES = ("float32", "float16", "bfloat16")


def fitting_product(array, link, norm):
    """Return the product that a layer's link is, if the fast path can do the layer.

    Args:
        array (cupy.ndarray): Its input.
        link (chainer.Link): With weights.
        norm (chainer.links.BatchNormalization): What follows, or None.

    Returns:
        From :func:`illust_gan.functions.cuda.products.product_of`; None where there is no fast
        path, or somebody looks between link and normalisation.
    """
    if _is_observed(link, norm) or not switch.config.fast or not cudnn.is_there():
        return None
    if link.W.array is None or not all(map(_is_usual_parameter, link.params())):
        return None
    product = product_of(link, array.shape)
    if product is None or str(array.dtype) not in _TYPES or not product.fits(array, link.W.array):
        return None
    # Of one example there are no statistics; Chainer says so.
    if array.size == 0 or (norm is not None and chainer.config.train and len(array) == 1):
        return None
    return product if norm is None or _is_usual(norm) else None


def _is_usual(norm):
    return (
        is_known(norm)
        and norm.axis in (None, (0,), (0, 2, 3))
        and norm.avg_mean is not None
        and all(map(_is_usual_parameter, norm.params()))
        and norm.avg_mean.flags.c_contiguous
        and norm.avg_var.flags.c_contiguous
    )


def _is_usual_parameter(param):
    return param.dtype == np.float32 and param.array.flags.c_contiguous


def _is_observed(link, norm):
    return bool(
        chainer.is_debug()
        or chainer._get_link_hooks()
        or link._n_local_link_hooks
        or (norm is not None and norm._n_local_link_hooks)
        or chainer.config.schedule_func is not None
    )
