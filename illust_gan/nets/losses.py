"""The articles' losses.

Each is a pair of functions of the discriminator's outputs, before any squashing, on generated
pictures (``y_fake``) and on pictures from the data set (``y_real``). The generator's loss is the
non-saturating one of Goodfellow et al., "Generative Adversarial Nets" (2014), section 3: it asks
for generated pictures to be taken for real, in place of maximising the discriminator's error.
"""

import chainer.functions as F


def sigmoid_loss_gen(y_fake):
    """Generator's loss of Rezoolab's article: sigmoid cross entropy against 1, "real".

    Args:
        y_fake (chainer.Variable): Logits of generated pictures, float (N, 1).

    Returns:
        chainer.Variable: Mean over the minibatch, shape ().
    """
    return F.sigmoid_cross_entropy(y_fake, _labels(y_fake, 1, y_fake.shape))


def sigmoid_loss_dis(y_fake, y_real):
    """Discriminator's loss of Rezoolab's article: sigmoid cross entropy with 1 for real.

    Args:
        y_fake (chainer.Variable): Logits of generated pictures, float (N, 1).
        y_real (chainer.Variable): Logits of the data set's pictures, float (N, 1).

    Returns:
        chainer.Variable: Sum of both means, shape ().
    """
    return F.sigmoid_cross_entropy(
        y_fake, _labels(y_fake, 0, y_fake.shape)
    ) + F.sigmoid_cross_entropy(y_real, _labels(y_real, 1, y_real.shape))


def softmax_loss_gen(y_fake, real=0):
    """Generator's loss of Maccha's article: softmax cross entropy against the class of real ones.

    Args:
        y_fake (chainer.Variable): Two logits for each generated picture, float (N, 2).
        real (int): Class of the data set's pictures, 0 or 1; the other is that of generated ones.

    Returns:
        chainer.Variable: Mean over the minibatch, shape ().
    """
    return F.softmax_cross_entropy(y_fake, _labels(y_fake, real, y_fake.shape[:1]))


def softmax_loss_dis(y_fake, y_real, real=0):
    """Discriminator's loss of Maccha's article: softmax cross entropy over two classes.

    Args:
        y_fake (chainer.Variable): Two logits for each generated picture, float (N, 2).
        y_real (chainer.Variable): Two logits for each picture of the data set, float (N, 2).
        real (int): As for :func:`softmax_loss_gen`.

    Returns:
        chainer.Variable: Sum of both means, shape ().
    """
    return F.softmax_cross_entropy(
        y_fake, _labels(y_fake, 1 - real, y_fake.shape[:1])
    ) + F.softmax_cross_entropy(y_real, _labels(y_real, real, y_real.shape[:1]))


def _labels(y, label, shape):
    return y.xp.full(shape, label, dtype="i")
