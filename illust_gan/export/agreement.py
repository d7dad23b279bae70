"""Whether an ONNX model draws what Chainer draws."""

import chainer
import numpy as np

from illust_gan.export.errors import ExportError
from illust_gan.functions.switch import config
from illust_gan.nets.article_net import to_signed
from illust_gan.nets.latent import draw_z

BOUND = 1e-5
"""float: Largest difference from Chainer's pictures, whose values are meant for [-1, 1]. Trained
generators differ by 1e-6, since their float32 sums have another order; a step of 8-bit pictures is
780 times the bound."""

HALF_BOUND = 4e-3
"""float: The same where weights are stored as float16: half a step of 8-bit pictures. Trained
generators differ by 1e-3."""

_BATCH_SIZES = (1, 2, 5, 16)
_ERRORS_ONLY = 3


def check_agreement(packages, data, gen, *, half=False):
    """Check a model: by ONNX's rules, and by drawing with onnxruntime and Chainer from the same z.

    z are drawn as the articles draw them, in batches of several sizes. Where pictures go beyond
    [-1, 1], as maccha's may, differences are divided by their largest value.

    Args:
        packages (tuple): onnx and onnxruntime.
        data (bytes): The model, as it lies in its file.
        gen (chainer.Chain): What it was made of, on the CPU.
        half (bool): Whether :data:`HALF_BOUND` is the bound, and not :data:`BOUND`.

    Returns:
        float: The largest difference.

    Raises:
        ExportError: If the model breaks ONNX's rules or differs by more.
    """
    onnx, onnxruntime = packages
    try:
        onnx.checker.check_model(data, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ExportError(f"the model breaks ONNX's rules, and is not kept: {error}") from error
    session = _open(onnxruntime, data)
    bound = HALF_BOUND if half else BOUND
    largest = 0.0
    for z in _probes(gen.n_hidden):
        wanted = _draw(gen, z)
        (drawn,) = session.run(["picture"], {"z": z})
        if not np.isfinite(wanted).all():
            raise ExportError(
                "the generator's pictures hold NaN or infinity, so no model is kept; "
                "illust-gan inspect says which of its arrays do"
            )
        if drawn.shape != wanted.shape:
            raise ExportError(
                f"the model draws pictures of shape {drawn.shape} where Chainer's are "
                f"{wanted.shape}, and is not kept"
            )
        difference = float(np.abs(drawn - wanted).max() / max(1, np.abs(wanted).max()))
        # NaN is not within any bound.
        if not difference <= bound:
            reason = (
                "float16 is too coarse for these weights, so leave --half away"
                if half
                else "these pictures hang on float32's rounding, as early in training from large "
                f"weights, or onnxruntime {onnxruntime.__version__} computes something else"
            )
            raise ExportError(
                f"the model's pictures differ from Chainer's by {difference:.1e} where at most "
                f"{bound:.0e} is wanted, and it is not kept; {reason}"
            )
        largest = max(largest, difference)
    return largest


def _open(onnxruntime, data):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = config.threads
    options.log_severity_level = _ERRORS_ONLY
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def _probes(n_hidden):
    rng = np.random.RandomState(0)
    for n in _BATCH_SIZES:
        yield draw_z(n, n_hidden, rng=rng)


def _draw(gen, z):
    with (
        chainer.using_config("train", False),
        chainer.no_backprop_mode(),
        config.using(precision="float32"),
    ):
        return to_signed(gen, gen(z).array)
