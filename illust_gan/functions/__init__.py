"""Chainer's functions, fast: the same mathematics with compiled kernels, for the CPU and GPUs.

Nothing here is called by name. When Chainer's modules are imported, the modules listed below put
their kernels under Chainer's own classes, so that ``F.relu`` and ``L.Deconvolution2D`` are fast in
any script which imports this package. Chainer's own code stays behind each of them as the plain
path: for what the kernels do not cover, where there are none for the machine, and where
``illust_gan.config.fast`` is False.
"""

_HERE = __name__

# Modules of Chainer, and of ours with functions and links like Chainer's: the files that speed
# them up.
FAST_PATHS = {
    name: tuple(f"{_HERE}.{file}" for file in files)
    for name, files in {
        "chainer.function_node": ("unrecorded",),
        "chainer.functions.activation.elu": ("elu",),
        "chainer.functions.activation.leaky_relu": ("leaky_relu",),
        "chainer.functions.activation.relu": ("relu",),
        "chainer.functions.connection.convolution_2d": ("convolution_2d", "cuda.convolution_2d"),
        "chainer.functions.connection.deconvolution_2d": (
            "deconvolution_2d",
            "cuda.deconvolution_2d",
        ),
        "chainer.functions.connection.linear": ("linear",),
        "chainer.functions.loss.sigmoid_cross_entropy": (
            "sigmoid_cross_entropy",
            "cuda.sigmoid_cross_entropy",
        ),
        "chainer.functions.loss.softmax_cross_entropy": (
            "softmax_cross_entropy",
            "cuda.softmax_cross_entropy",
        ),
        "chainer.functions.math.sum": ("sum",),
        "chainer.functions.normalization.batch_normalization": (
            "batch_normalization",
            "cuda.batch_normalization",
        ),
        "chainer.optimizer": ("cuda.optimizer",),
        "chainer.optimizer_hooks.weight_decay": ("weight_decay",),
        "chainer.optimizers.adam": ("adam",),
        "chainer.reporter": ("cuda.reporter",),
        "illust_gan.nets.activations": ("leaky_relu_of_2015",),
        "illust_gan.nets.beside": ("cuda.beside",),
        "illust_gan.nets.layers": ("normalized_relu", "cuda.layer"),
        "illust_gan.nets.same_padding": ("cuda.same_padding",),
        "illust_gan.nets.sugyan": ("known_norms",),
    }.items()
}
