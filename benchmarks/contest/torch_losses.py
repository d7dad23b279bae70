"""Both articles' losses in PyTorch, of D's outputs for generated and for real pictures."""

import torch
import torch.nn.functional as F


def sigmoid_losses(y_fake, y_real):
    """Return G's and D's loss of Rezoolab's article."""
    ones = torch.ones_like(y_fake)
    loss_gen = F.binary_cross_entropy_with_logits(y_fake, ones)
    loss_dis = F.binary_cross_entropy_with_logits(y_fake, torch.zeros_like(y_fake))
    return loss_gen, loss_dis + F.binary_cross_entropy_with_logits(y_real, ones)


def softmax_losses(y_fake, y_real):
    """Return G's and D's loss of Maccha's article, where class 0 is "real"."""
    zeros = torch.zeros(len(y_fake), dtype=torch.long, device=y_fake.device)
    loss_gen = F.cross_entropy(y_fake, zeros)
    return loss_gen, F.cross_entropy(y_fake, zeros + 1) + F.cross_entropy(y_real, zeros)


LOSSES = {"rezoolab": sigmoid_losses, "maccha": softmax_losses}
