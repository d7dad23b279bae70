"""Convolutions that pad as TensorFlow does, as products of arrays on a GPU.

Where the picture's edge is even, one more pixel lacks after it than before it. For an H100, cuDNN
9.28 plans that as well as equal padding: in TF32 and 16 bits all sums of 16 pictures go by tensor
cores, nearly all by the same engines. As 6×6 with zeros in the first row and column, which would be
padded equally, a third of those of 16 bits would go without. In float32 it has other engines than
those it prefers where padding is equal.
"""

from illust_gan.functions.cuda import products

WHERE = "illust_gan.nets.same_padding"
WHAT = "layers whose convolution pads as TensorFlow does, on a GPU"


def mend(module):
    """Let the layers' fast path know the link."""
    products.make_known(module.SameConvolution2D, _product)


def _product(link, shape):
    return products.Convolution(link, shape, pad=link.padding(shape), cover_all=True)
