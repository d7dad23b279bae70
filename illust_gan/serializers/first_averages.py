"""Moving averages that a program never updated, and what a generator draws by in their place."""

import chainer
import numpy as np

from illust_gan.errors import notice
from illust_gan.nets import sugyan
from illust_gan.nets.latent import draw_z

_FIRST = {"avg_mean": 0, "avg_var": 1}
# sugyan's averages forget what they began with so quickly that an 800th part of it is left.
_MINIBATCHES, _BATCHSIZE = 4, 64


def never_updated(net):
    """Return whether no moving average of a net has moved, as in what sugyan's program saved.

    ``tf.contrib.layers.batch_norm`` leaves it to the program to run the operations that update
    them, and that of August 2016 does not: it always draws by the statistics of its minibatch.
    """
    links = [link for link in net.children() if hasattr(link, "avg_var")]
    return all(
        np.all(getattr(link, name) == first) for link in links for name, first in _FIRST.items()
    )


def mend_first_averages(file, net):
    """Give a net averages to draw by, if it has none, and say so.

    sugyan's generator gets the statistics of 256 pictures of its own, from z that are always the
    same. A discriminator has no pictures here, and is left as it is.

    Args:
        file (str or os.PathLike): What the message calls it.
        net (chainer.Chain): As it was read, on the CPU.
    """
    if not never_updated(net):
        return
    if not isinstance(net, sugyan.Generator):
        notice(
            f"the moving averages in {file} were never updated, so it wants the statistics of a "
            "minibatch: call it under chainer.using_config('train', True)"
        )
        return
    rng = np.random.RandomState(0)
    with chainer.using_config("train", True), chainer.no_backprop_mode():
        for _ in range(_MINIBATCHES):
            net(draw_z(_BATCHSIZE, net.n_hidden, rng=rng))
    for link in net.children():
        if isinstance(link, sugyan.Normalization):
            # Training begins them anew.
            link.N[...] = 0
    notice(
        f"the moving averages in {file} were never updated, as its program draws by the statistics "
        f"of a minibatch; those of {_MINIBATCHES * _BATCHSIZE} z were taken in their place"
    )
