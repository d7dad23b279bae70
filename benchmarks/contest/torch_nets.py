"""Rezoolab's and Maccha's nets as PyTorch modules, whose layers bear Chainer's names.

Layers, biases and the order of operations are those of ``illust_gan/nets/``. Activations work in
place, since neither they nor what comes before them need their input for the backward pass.
"""

import numpy as np
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

CHANNELS = (3, 64, 128, 256, 512)
# Linear layer, (de)convolutions and normalisations of each net, from its input on.
GENERATORS = {
    "rezoolab": ("fc5", "norm5", ("conv4", "conv3", "conv2", "conv1"), ("norm4", "norm3", "norm2")),
    "maccha": ("l0z", "bn0l", ("dc1", "dc2", "dc3", "dc4"), ("bn1", "bn2", "bn3")),
}
DISCRIMINATORS = {
    "rezoolab": (("conv1", "conv2", "conv3", "conv4"), ("norm2", "norm3", "norm4"), "fc5"),
    "maccha": (("c0", "c1", "c2", "c3"), ("bn1", "bn2", "bn3"), "l4l"),
}


def make_generator(job):
    """Return the generator of a job with the job's weights."""
    linear, norm0, deconvolutions, norms = GENERATORS[job["net"]]
    edge = job["size"] // 16
    net = nn.Sequential()
    net.add_module(linear, nn.Linear(job["n_hidden"], 512 * edge * edge))
    net.add_module(norm0, nn.BatchNorm1d(512 * edge * edge, eps=job["eps"]))
    net.append(nn.ReLU(inplace=True))
    net.append(nn.Unflatten(1, (512, edge, edge)))
    sizes = zip(CHANNELS[:0:-1], CHANNELS[-2::-1])
    for i, (name, (n_in, n_out)) in enumerate(zip(deconvolutions, sizes)):
        net.add_module(name, nn.ConvTranspose2d(n_in, n_out, 4, stride=2, padding=1))
        if i < len(norms):
            net.add_module(norms[i], nn.BatchNorm2d(n_out, eps=job["eps"]))
            net.append(nn.ReLU(inplace=True))
    if job["net"] == "rezoolab":
        net.append(nn.Tanh())
    return load_chainer(net, job["gen"])


def make_discriminator(job):
    """Return the discriminator of a job with the job's weights."""
    convolutions, norms, linear = DISCRIMINATORS[job["net"]]
    edge = job["size"] // 16
    net = nn.Sequential()
    for i, (name, n_in, n_out) in enumerate(zip(convolutions, CHANNELS, CHANNELS[1:])):
        net.add_module(name, nn.Conv2d(n_in, n_out, 4, stride=2, padding=1))
        if i > 0:
            net.add_module(norms[i - 1], nn.BatchNorm2d(n_out, eps=job["eps"]))
        rezoolab = job["net"] == "rezoolab"
        net.append(nn.LeakyReLU(0.2, inplace=True) if rezoolab else nn.ELU(inplace=True))
    net.append(nn.Flatten())
    net.add_module(linear, nn.Linear(512 * edge * edge, 1 if job["net"] == "rezoolab" else 2))
    return load_chainer(net, job["dis"])


def load_chainer(net, path):
    """Fill a net with the arrays of Chainer's file, whose shapes are the same, and return it."""
    words = {"weight": "W", "bias": "b"}
    norm_words = {
        "weight": "gamma",
        "bias": "beta",
        "running_mean": "avg_mean",
        "running_var": "avg_var",
    }
    with np.load(path) as arrays, torch.no_grad():
        for name, layer in net.named_children():
            is_norm = isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d)
            for word, chainers in (norm_words if is_norm else words).items():
                if getattr(layer, word, None) is not None:
                    getattr(layer, word).copy_(torch.from_numpy(arrays[f"{name}/{chainers}"]))
    return net


def fold_normalizations(gen):
    """Return a generator for test mode whose batch normalisations are part of its weights."""
    layers = []
    for layer in gen.eval():
        if isinstance(layer, nn.BatchNorm1d):
            layers[-1] = fuse_linear_bn_eval(layers[-1], layer)
        elif isinstance(layer, nn.BatchNorm2d):
            layers[-1] = fuse_conv_bn_eval(layers[-1], layer, transpose=True)
        else:
            layers.append(layer)
    return nn.Sequential(*layers)
