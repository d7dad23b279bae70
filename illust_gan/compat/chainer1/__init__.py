"""Chainer 1's names and arguments back in Chainer 7.8.1, for notebooks of December 2015.

Opt in before the old code runs::

    import illust_gan.compat.chainer1

What Chainer 2 to 7 removed and code of Chainer 1.5 uses then works, each thing in a file of its own
here which names the file of Chainer 1.5.1 that it restores. Nothing is imported under a new name:
old code goes on importing ``chainer``.

New code may run beside the old. A piece speaks up only where Chainer 7 would raise an error: at an
argument that it refuses (``wscale``, ``test``, ``train``, ``use_cudnn``, ``volatile``) or a name
that it lacks (``FunctionSet``, ``zero_grads``). The one exception is :mod:`.leaky_relu`: its
gradient where the input is exactly 0 becomes the one that Chainer 7 documents.

Where Chainer 7 gives a call of Chainer 1.5 another meaning without an error, it keeps the other
meaning:

- ``L.BatchNormalization`` called without ``test=`` is Chainer 7's: see :mod:`.batch_normalization`.
- ``L.Deconvolution2D`` without ``wscale`` and ``initialW`` draws its weights by Chainer 7's rule,
  whose fan-in is kh·kw·C_out, not C_in.
- ``use_cudnn`` by position is taken where Chainer 7 has no argument there; in ``F.convolution_2d``,
  ``F.max_pooling_2d``, ``F.softmax`` and the two cross entropies give it by keyword. So with
  ``wscale`` by position: a float is taken for it, an int for ``nobias``.
- ``len(variable)`` is the length of its first axis, not the number of its elements.
- ``F.sigmoid_cross_entropy`` divides by the number of labels, not by that of rows; with one column,
  as in the articles, the two are one.
- ``optimizer.update(lossfun)`` clears gradients to None, not to zeros.
- Snapshots are read and written as by Chainer 7; an ``avg_var`` holds eps if the link was trained
  with ``test=``, as in the files of Chainer 1.5.

Chainer's own warnings about old names (``zerograds``, ``cuda.get_device``,
``optimizer.WeightDecay``) stay: Python shows them only to those who ask.
"""

import chainer

from illust_gan.compat.chainer1 import (
    batch_normalization,
    function_set,
    functions,
    leaky_relu,
    optimizer,
    variable,
    weights,
)

PIECES = (batch_normalization, function_set, functions, leaky_relu, optimizer, variable, weights)

_MARK = "_illust_gan_chainer1"

# The mark is Chainer's, so that a second import under any name changes nothing twice.
if not hasattr(chainer, _MARK):
    for piece in PIECES:
        piece.restore()
    setattr(chainer, _MARK, True)
