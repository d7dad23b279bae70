"""The articles' losses in PyTorch, of D's outputs for generated and for real pictures."""

import functools

import torch
import torch.nn.functional as F


def sigmoid_losses(y_fake, y_real):
    """Return G's and D's loss of Rezoolab's article."""
    return sigmoid_loss_gen(y_fake), sigmoid_loss_dis(y_fake, y_real)


def sigmoid_loss_gen(y_fake):
    return F.binary_cross_entropy_with_logits(y_fake, torch.ones_like(y_fake))


def sigmoid_loss_dis(y_fake, y_real):
    loss = F.binary_cross_entropy_with_logits(y_fake, torch.zeros_like(y_fake))
    return loss + F.binary_cross_entropy_with_logits(y_real, torch.ones_like(y_real))


def softmax_losses(y_fake, y_real, real=0):
    """Return G's and D's loss of Maccha's article, where class 0 is "real"."""
    reals = torch.full((len(y_fake),), real, device=y_fake.device)
    loss_gen = F.cross_entropy(y_fake, reals)
    return loss_gen, F.cross_entropy(y_fake, 1 - reals) + F.cross_entropy(y_real, reals)


LOSSES = {
    "rezoolab": sigmoid_losses,
    "maccha": softmax_losses,
    "sugyan": functools.partial(softmax_losses, real=1),
}
# G's and D's where each is of outputs of its own.
LOSSES_IN_TURN = {"kim": (sigmoid_loss_gen, sigmoid_loss_dis)}
