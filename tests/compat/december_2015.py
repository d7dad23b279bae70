"""The two DCGANs as one wrote them in December 2015, for Chainer 1.5.

Scripts of ``test_chainer1.py`` import this; it cannot be imported without
``illust_gan.compat.chainer1``. The layers are those of the articles, the words are these tests'.
"""

import math

import chainer
import chainer.functions as F
import chainer.links as L
import numpy
from chainer import (  # noqa: F401 - what scripts of the time imported
    Function,
    FunctionSet,
    Variable,
    cuda,
    function,
    gradient_check,
    optimizers,
    serializers,
    utils,
)
from chainer.utils import type_check


class ELU(function.Function):
    """Chainer 1.5 had no ELU yet; one wrote it oneself."""

    def __init__(self, alpha=1.0):
        self.alpha = numpy.float32(alpha)

    def check_type_forward(self, in_types):
        type_check.expect(in_types.size() == 1)
        (x_type,) = in_types
        type_check.expect(x_type.dtype == numpy.float32)

    def forward_cpu(self, x):
        y = x[0].copy()
        negative = x[0] < 0
        y[negative] = self.alpha * (numpy.exp(y[negative]) - 1)
        return (y,)

    def forward_gpu(self, x):
        kernel = cuda.elementwise(
            "T x, T alpha", "T y", "y = x >= 0 ? x : alpha * (exp(x) - 1)", "elu_fwd"
        )
        return (kernel(x[0], self.alpha),)

    def backward_cpu(self, x, gy):
        gx = gy[0].copy()
        negative = x[0] < 0
        gx[negative] *= self.alpha * numpy.exp(x[0][negative])
        return (gx,)

    def backward_gpu(self, x, gy):
        kernel = cuda.elementwise(
            "T x, T gy, T alpha", "T gx", "gx = x >= 0 ? gy : gy * alpha * exp(x)", "elu_bwd"
        )
        return (kernel(x[0], gy[0], self.alpha),)


def elu(x, alpha=1.0):
    return ELU(alpha=alpha)(x)


def wscale(n_in, std):
    return std * math.sqrt(4 * 4 * n_in)


class MacchaGenerator(chainer.Chain):
    def __init__(self, nz=100, width=512, size=6):
        self.width, self.size = width, size
        n = [width // 2**i for i in range(4)]
        super(MacchaGenerator, self).__init__(
            l0z=L.Linear(nz, size * size * n[0], wscale=0.02 * math.sqrt(nz)),
            dc1=L.Deconvolution2D(n[0], n[1], 4, stride=2, pad=1, wscale=wscale(n[0], 0.02)),
            dc2=L.Deconvolution2D(n[1], n[2], 4, stride=2, pad=1, wscale=wscale(n[1], 0.02)),
            dc3=L.Deconvolution2D(n[2], n[3], 4, stride=2, pad=1, wscale=wscale(n[2], 0.02)),
            dc4=L.Deconvolution2D(n[3], 3, 4, stride=2, pad=1, wscale=wscale(n[3], 0.02)),
            bn0l=L.BatchNormalization(size * size * n[0]),
            bn0=L.BatchNormalization(n[0]),
            bn1=L.BatchNormalization(n[1]),
            bn2=L.BatchNormalization(n[2]),
            bn3=L.BatchNormalization(n[3]),
        )

    def __call__(self, z, test=False):
        h = F.relu(self.bn0l(self.l0z(z), test=test))
        h = F.reshape(h, (z.data.shape[0], self.width, self.size, self.size))
        h = F.relu(self.bn1(self.dc1(h), test=test))
        h = F.relu(self.bn2(self.dc2(h), test=test))
        h = F.relu(self.bn3(self.dc3(h), test=test))
        return self.dc4(h)


class MacchaDiscriminator(chainer.Chain):
    def __init__(self, width=64, size=6):
        n = [width * 2**i for i in range(4)]
        n_last = size * size * n[3]
        super(MacchaDiscriminator, self).__init__(
            c0=L.Convolution2D(3, n[0], 4, stride=2, pad=1, wscale=wscale(3, 0.02)),
            c1=L.Convolution2D(n[0], n[1], 4, stride=2, pad=1, wscale=wscale(n[0], 0.02)),
            c2=L.Convolution2D(n[1], n[2], 4, stride=2, pad=1, wscale=wscale(n[1], 0.02)),
            c3=L.Convolution2D(n[2], n[3], 4, stride=2, pad=1, wscale=wscale(n[2], 0.02)),
            l4l=L.Linear(n_last, 2, wscale=0.02 * math.sqrt(n_last)),
            bn0=L.BatchNormalization(n[0]),
            bn1=L.BatchNormalization(n[1]),
            bn2=L.BatchNormalization(n[2]),
            bn3=L.BatchNormalization(n[3]),
        )

    def __call__(self, x, test=False):
        h = elu(self.c0(x))
        h = elu(self.bn1(self.c1(h), test=test))
        h = elu(self.bn2(self.c2(h), test=test))
        h = elu(self.bn3(self.c3(h), test=test))
        return self.l4l(h)


class RezoolabGenerator(chainer.Chain):
    def __init__(self):
        up = {"stride": 2, "pad": 1}
        super(RezoolabGenerator, self).__init__(
            fc5=L.Linear(100, 512 * 4 * 4, wscale=0.01 * math.sqrt(100)),
            norm5=L.BatchNormalization(512 * 4 * 4),
            conv4=L.Deconvolution2D(512, 256, 4, wscale=wscale(512, 0.01), **up),
            norm4=L.BatchNormalization(256),
            conv3=L.Deconvolution2D(256, 128, 4, wscale=wscale(256, 0.01), **up),
            norm3=L.BatchNormalization(128),
            conv2=L.Deconvolution2D(128, 64, 4, wscale=wscale(128, 0.01), **up),
            norm2=L.BatchNormalization(64),
            conv1=L.Deconvolution2D(64, 3, 4, wscale=wscale(64, 0.01), **up),
        )

    def __call__(self, z, test=False):
        h = F.relu(self.norm5(self.fc5(z), test))
        h = F.reshape(h, (z.data.shape[0], 512, 4, 4))
        h = F.relu(self.norm4(self.conv4(h), test), use_cudnn=False)
        h = F.relu(self.norm3(self.conv3(h), test), True)
        h = F.relu(self.norm2(self.conv2(h), test))
        return F.tanh(self.conv1(h), use_cudnn=True)


class RezoolabDiscriminator(chainer.Chain):
    def __init__(self):
        down = {"stride": 2, "pad": 1, "use_cudnn": True}
        super(RezoolabDiscriminator, self).__init__(
            conv1=L.Convolution2D(3, 64, 4, wscale=wscale(3, 0.01), **down),
            conv2=L.Convolution2D(64, 128, 4, wscale=wscale(64, 0.01), **down),
            norm2=L.BatchNormalization(128),
            conv3=L.Convolution2D(128, 256, 4, wscale=wscale(128, 0.01), **down),
            norm3=L.BatchNormalization(256),
            conv4=L.Convolution2D(256, 512, 4, wscale=wscale(256, 0.01), **down),
            norm4=L.BatchNormalization(512),
            fc5=L.Linear(512 * 4 * 4, 1, wscale=0.01 * math.sqrt(512 * 4 * 4)),
        )

    def __call__(self, x, test=False):
        h = F.leaky_relu(self.conv1(x))
        h = F.leaky_relu(self.norm2(self.conv2(h), test=test))
        h = F.leaky_relu(self.norm3(self.conv3(h), test=test))
        h = F.leaky_relu(self.norm4(self.conv4(h), test=test))
        return self.fc5(h)


NETS = {
    "maccha": (MacchaGenerator, MacchaDiscriminator),
    "rezoolab": (RezoolabGenerator, RezoolabDiscriminator),
}


def make_optimizers(net, gen, dis):
    o_gen = optimizers.Adam(alpha=0.0002 if net == "maccha" else 0.0001, beta1=0.5)
    o_dis = optimizers.Adam(alpha=0.0002 if net == "maccha" else 0.0001, beta1=0.5)
    o_gen.setup(gen)
    o_dis.setup(dis)
    if net == "maccha":
        o_gen.add_hook(chainer.optimizer.WeightDecay(0.00001))
        o_dis.add_hook(chainer.optimizer.WeightDecay(0.00001))
    return o_gen, o_dis


def softmax_losses(y_fake, y_real):
    n = y_fake.data.shape[0]
    zeros = Variable(numpy.zeros(n, dtype=numpy.int32))
    ones = Variable(numpy.ones(n, dtype=numpy.int32))
    loss_gen = F.softmax_cross_entropy(y_fake, zeros)
    loss_dis = F.softmax_cross_entropy(y_fake, ones, use_cudnn=False)
    loss_dis += F.softmax_cross_entropy(y_real, zeros)
    return loss_gen, loss_dis


def sigmoid_losses(y_fake, y_real):
    n = y_fake.data.shape[0]
    zeros = Variable(numpy.zeros((n, 1), dtype=numpy.int32))
    ones = Variable(numpy.ones((n, 1), dtype=numpy.int32))
    loss_gen = F.sigmoid_cross_entropy(y_fake, ones, use_cudnn=True)
    loss_dis = F.sigmoid_cross_entropy(y_fake, zeros) + F.sigmoid_cross_entropy(y_real, ones)
    return loss_gen, loss_dis


LOSSES = {"maccha": softmax_losses, "rezoolab": sigmoid_losses}


def train(net, gen, dis, o_gen, o_dis, batches):
    """Train on pairs of z and pixels (0 to 255); return both losses of each iteration."""
    log = []
    for z, pixels in batches:
        x_real = Variable((pixels.astype(numpy.float32) - 128) / 128)
        y_fake = dis(gen(Variable(z)))
        y_real = dis(x_real)
        loss_gen, loss_dis = LOSSES[net](y_fake, y_real)

        o_gen.zero_grads()
        loss_gen.backward()
        o_gen.update()

        o_dis.zero_grads()
        loss_dis.backward()
        o_dis.update()
        log.append((float(loss_gen.data), float(loss_dis.data)))
    return log
