"""sugyan's and Kim's nets as PyTorch modules, which draw and judge pictures turned by 180°.

TensorFlow pads 5×5 with stride 2 by 1 pixel before and 2 after. PyTorch pads both sides alike, and
of a padding of 2 the last pixel is not reached where the picture's edge is even: 2 before and 1
after, which is TensorFlow's on a picture that is turned, with its kernels. So the layers are
PyTorch's own and nothing is padded or cut besides: of the same net all weights are turned once, and
so are the pictures, before and after what is timed.

Of sugyan's averages the decay is another than PyTorch's, which counts in training only.
"""

import torch
from contest import torch_nets
from contest.arithmetic import CHANNELS, GENERATOR_CHANNELS, KSIZE
from torch import nn

# Linear layer, (de)convolutions and normalisations of each net, from its input on.
GENERATORS = {
    "sugyan": (
        ("reshape", "reshape_bn"),
        ("conv1", "conv2", "conv3", "conv4"),
        ("conv1_bn", "conv2_bn", "conv3_bn"),
    ),
    "kim": (
        ("g_h0_lin", "g_bn0"),
        ("g_h1", "g_h2", "g_h3", "g_h4"),
        ("g_bn1", "g_bn2", "g_bn3"),
    ),
}
DISCRIMINATORS = {
    "sugyan": (
        ("conv0", "conv1", "conv2", "conv3"),
        ("conv0_bn", "conv1_bn", "conv2_bn", "conv3_bn"),
        "classify",
    ),
    "kim": (
        ("d_h0_conv", "d_h1_conv", "d_h2_conv", "d_h3_conv"),
        (None, "d_bn1", "d_bn2", "d_bn3"),
        "d_h3_lin",
    ),
}


def make_generator(job):
    """Return the generator of a job with the job's weights, turned."""
    (linear, norm0), deconvolutions, norms = GENERATORS[job["net"]]
    sugyan = job["net"] == "sugyan"
    edge = job["size"] // 16
    channels = GENERATOR_CHANNELS.get(job["net"], CHANNELS)[::-1]
    top = channels[0] * edge * edge
    net = nn.Sequential()
    net.add_module(linear, nn.Linear(job["n_hidden"], top, bias=not sugyan))
    if sugyan:
        net.add_module(norm0, without_gamma(nn.BatchNorm1d(top, eps=job["eps"])))
        net.append(nn.ReLU(inplace=True))
        net.append(nn.Unflatten(1, (channels[0], edge, edge)))
    else:
        net.append(nn.Unflatten(1, (channels[0], edge, edge)))
        net.add_module(norm0, nn.BatchNorm2d(channels[0], eps=job["eps"]))
        net.append(nn.ReLU(inplace=True))
    for i, (name, n_in, n_out) in enumerate(zip(deconvolutions, channels, channels[1:])):
        last = i == len(norms)
        options = {"stride": 2, "padding": 2, "output_padding": 1, "bias": last or not sugyan}
        net.add_module(name, nn.ConvTranspose2d(n_in, n_out, KSIZE[job["net"]], **options))
        if not last:
            norm = nn.BatchNorm2d(n_out, eps=job["eps"])
            net.add_module(norms[i], without_gamma(norm) if sugyan else norm)
            net.append(nn.ReLU(inplace=True))
    net.append(nn.Tanh())
    return turn(torch_nets.load_chainer(net, job["gen"]), top, edge)


def make_discriminator(job):
    """Return the discriminator of a job with the job's weights, turned."""
    convolutions, norms, linear = DISCRIMINATORS[job["net"]]
    sugyan = job["net"] == "sugyan"
    edge = job["size"] // 16
    top = CHANNELS[-1] * edge * edge
    net = nn.Sequential()
    for name, norm_name, n_in, n_out in zip(convolutions, norms, CHANNELS, CHANNELS[1:]):
        options = {"stride": 2, "padding": 2, "bias": not sugyan}
        net.add_module(name, nn.Conv2d(n_in, n_out, KSIZE[job["net"]], **options))
        if norm_name is not None:
            norm = nn.BatchNorm2d(n_out, eps=job["eps"])
            net.add_module(norm_name, without_gamma(norm) if sugyan else norm)
        net.append(nn.LeakyReLU(0.2, inplace=True))
    net.append(nn.Flatten())
    net.add_module(linear, nn.Linear(top, 2 if sugyan else 1))
    return turn(torch_nets.load_chainer(net, job["dis"]), top, edge)


def without_gamma(norm):
    """Take the weight from a normalisation, which then learns its bias alone, and return it."""
    norm.weight = None
    return norm


def turn(net, top, edge):
    """Turn a net's weights by 180° and return it.

    Args:
        net (torch.nn.Sequential): Its kernels are turned, and what a linear layer makes of z or is
            given of the last maps.
        top (int): Numbers in these maps, by which its axis is known.
        edge (int): Of these maps.
    """
    with torch.no_grad():
        for tensor in net.state_dict().values():
            if tensor.ndim == 4:
                tensor.copy_(tensor.flip(2, 3))
            for axis, length in enumerate(tensor.shape):
                if length == top:
                    maps = tensor.unflatten(axis, (-1, edge, edge)).flip(axis + 1, axis + 2)
                    tensor.copy_(maps.flatten(axis, axis + 2))
    return net


def fold_normalizations(gen):
    """Return a generator for test mode whose batch normalisations are part of its weights."""
    for layer in gen.eval():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) and layer.weight is None:
            # PyTorch's own folding of a linear layer wants one.
            layer.weight = nn.Parameter(torch.ones_like(layer.bias))
    linear, unflatten, norm, *rest = gen
    if isinstance(unflatten, nn.Unflatten):
        # Each channel's numbers are repeated for each of its places.
        n = linear.out_features // norm.num_features
        spread = nn.BatchNorm1d(linear.out_features, eps=norm.eps)
        for name, tensor in norm.state_dict().items():
            spread.state_dict()[name].copy_(tensor.repeat_interleave(n) if tensor.ndim else tensor)
        gen = nn.Sequential(linear, spread, unflatten, *rest).eval()
    return torch_nets.fold_normalizations(gen)
