"""From a picture back to z."""

import dataclasses
import math

import chainer
import chainer.functions as F
import numpy as np
from tqdm import tqdm

from illust_gan.datasets.errors import PictureError
from illust_gan.datasets.pictures import decode, read_picture
from illust_gan.datasets.pixels import to_float
from illust_gan.datasets.regular_file import open_regular
from illust_gan.errors import UserError
from illust_gan.generation.directions import net_name
from illust_gan.generation.one_label import with_label
from illust_gan.generation.sample import draw
from illust_gan.nets.article_net import from_signed, to_signed
from illust_gan.nets.labelled_net import LabelledNet
from illust_gan.nets.latent import draw_z

# ITU-R BT.601
_LUMA = np.array([0.299, 0.587, 0.114])


@dataclasses.dataclass(frozen=True, eq=False)
class Projection:
    """The z whose face is nearest to a picture, among those that were found.

    Attributes:
        z (numpy.ndarray): float32 (n_hidden,), on [-1, 1].
        picture (numpy.ndarray): uint8 (H, W, C), what was looked for, in the generator's channels.
        face (numpy.ndarray): uint8 (H, W, C), drawn from it in test mode.
        error (float): Root of the mean squared difference of pixels, of 255 levels.
        errors (numpy.ndarray): float64 (starts,), what each start ended with: the loss.
    """

    z: np.ndarray
    picture: np.ndarray
    face: np.ndarray
    error: float
    errors: np.ndarray


def read_target(path, size, *, fit="crop"):
    """Read a picture as a generator of some size could draw it, and say how it was fitted.

    Args:
        path (str or os.PathLike): A picture of any of the usual formats.
        size (int): Edge of the generator's faces.
        fit (str): ``"crop"``, ``"pad"`` or ``"stretch"``.

    Returns:
        tuple: uint8 (size, size, 3); the note, or "" if the picture had that size.

    Raises:
        PictureError: If it is no picture, or cannot be read.
    """
    name = str(path)
    try:
        with open_regular(path, name, follow=True) as f:
            pixels = read_picture(f, size, fit=fit, name=name)
            f.seek(0)
            width, height = decode(f, name, shrink_to=(size, size)).info["original_size"]
    except PictureError as error:
        raise PictureError(
            error.file, f"{error.reason}; give a picture such as a PNG or JPEG", error.word
        ) from error
    if (width, height) == (size, size):
        return pixels, ""
    how = {"crop": "cropped and resized", "pad": "padded and resized"}.get(fit, "stretched")
    how = "resized" if width == height else how
    return pixels, f"{name} has {width}×{height} pixels and was {how} to {size}×{size}"


def project(
    gen,
    picture,
    dis=None,
    *,
    starts=8,
    steps=300,
    rate=0.05,
    feature_weight=0.1,
    seed=0,
    progress=False,
):
    """Find a z whose face is like a picture: gradient descent on z, from several starts at once.

    What is made small is the mean squared difference of pixels on [-1, 1] and, with a
    discriminator, a weight times that of the features before its last layer, as a share of the
    features' own mean square. Pixels place colours, features see shapes. Adam moves each z on its
    own, its rate falls to 0 along a cosine, and after each step z is clipped to [-1, 1], where all
    faces come from (Lipton and Tripathi, «Precise Recovery of Latent Vectors from Generative
    Adversarial Networks», 2017). The nets are in test mode and stay as they are.

    Args:
        gen (chainer.Chain): A generator, on any device.
        picture (numpy.ndarray): uint8 (H, W, 3) of the generator's size, from :func:`read_target`.
        dis (chainer.Chain): The discriminator of the same net, on the same device; pixels alone
            count if omitted. One with labels looks for the generator's unless it has its own.
        starts (int): How many z are tried, in one batch.
        steps (int): Of Adam.
        rate (float): Of Adam in the beginning, its alpha.
        feature_weight (float): See above; 0 or more.
        seed (int): Of the starts; the same seed finds the same z on the same machine.
        progress (bool): Show a bar on stderr.

    Returns:
        Projection: The best of the starts.

    Raises:
        UserError: If the picture or the discriminator does not fit the generator, a number is out
            of its range, or the nets are broken.
    """
    _check(gen, picture, dis, starts, steps, rate, feature_weight)
    if isinstance(dis, LabelledNet) and dis.label is None and gen.label is not None:
        dis = with_label(dis, gen.label)
    x = to_float(picture[None])
    if gen.channels == 1:
        x = np.tensordot(_LUMA.astype(np.float32), x, (0, 1))[:, None]
    target = gen.device.send(np.repeat(x, starts, axis=0))
    search = _Search(draw_z(starts, gen.n_hidden, rng=np.random.RandomState(seed)))
    search.to_device(gen.device)
    optimizer = chainer.optimizers.Adam(alpha=rate).setup(search)
    with chainer.using_config("train", False):
        wanted, share = None, 0.0
        if dis is not None and feature_weight:
            with chainer.no_backprop_mode():
                wanted = _features(dis, target).array
            share = feature_weight / max(float((wanted**2).mean()), 1e-12)
        bar = tqdm(range(steps), desc="projecting", unit="step", disable=not progress)
        for step in bar:
            optimizer.alpha = rate * (1 + math.cos(math.pi * step / steps)) / 2
            losses = _losses(gen, dis, search.z, target, wanted, share)
            # Of z alone; backward() would compute the gradients of all weights as well.
            (search.z.grad_var,) = chainer.grad([F.sum(losses)], [search.z])
            optimizer.update()
            search.z.array[...] = search.xp.clip(search.z.array, -1, 1)
            if progress and step % 10 == 0:
                bar.set_postfix(loss=f"{float(losses.array.min()):.4f}")
        with chainer.no_backprop_mode():
            losses = _losses(gen, dis, search.z, target, wanted, share)
    host = chainer.get_device("@numpy").send
    errors = host(losses.array).astype(float)
    if not np.isfinite(errors).all():
        raise UserError("the faces are not finite numbers: the nets' training has diverged")
    z = host(search.z.array)[errors.argmin()].copy()
    face = draw(gen, z[None])[0]
    picture = _in_channels(gen, picture)
    difference = face.astype(float) - picture
    return Projection(z, picture, face, float(np.sqrt((difference**2).mean())), errors)


class _Search(chainer.Link):
    """What the optimiser moves: z of all starts."""

    def __init__(self, z):
        super().__init__()
        with self.init_scope():
            self.z = chainer.Parameter(z)


class _Input(chainer.LinkHook):
    """Keeps what goes into a link."""

    name = "illust_gan input"
    x = None

    def forward_preprocess(self, args):
        (self.x,) = args.args


def _features(dis, x):
    """Return what the discriminator's last layer is given, (N, …)."""
    last, hook = dis[dis.last], _Input()
    last.add_hook(hook)
    try:
        dis(from_signed(dis, x))
    finally:
        last.delete_hook(hook.name)
    return chainer.as_variable(hook.x)


def _losses(gen, dis, z, target, wanted, share):
    """Return the loss of each start, (starts,)."""
    x = to_signed(gen, gen(z))
    losses = F.mean(F.squared_error(x, target), axis=(1, 2, 3))
    if wanted is not None:
        distances = F.reshape(F.squared_error(_features(dis, x), wanted), (len(target), -1))
        losses = losses + share * F.mean(distances, axis=1)
    return losses


def _in_channels(gen, picture):
    """Return a picture, (H, W, 3), with the generator's channels."""
    if gen.channels == 3:
        return picture
    return np.rint(picture @ _LUMA).astype(np.uint8)[..., None]


def _check(gen, picture, dis, starts, steps, rate, feature_weight):
    net_name(gen)  # says so if it is none
    if gen.channels not in (1, 3):
        raise UserError(f"the generator draws {gen.channels} channels; wanted 3, or 1 for grey")
    wanted = (gen.size, gen.size, 3)
    if picture.dtype != np.uint8 or picture.shape != wanted:
        raise UserError(
            f"the picture is {picture.dtype} of shape {picture.shape}; wanted uint8 of {wanted}, "
            "as read_target gives it"
        )
    if dis is not None:
        found = _describe(dis, "discriminator")
        if found != _describe(gen, "generator"):
            raise UserError(
                f"the discriminator is {found} and the generator {_describe(gen, 'generator')}; "
                "give one of the same net"
            )
    if not (1 <= starts <= 1024 and steps >= 1):
        raise UserError(f"{starts} starts, {steps} steps; wanted 1 to 1024 starts, 1 step or more")
    if not (math.isfinite(rate) and rate > 0):
        raise UserError(f"the rate is {rate}; wanted a finite number above 0, such as 0.05")
    if not (math.isfinite(feature_weight) and feature_weight >= 0):
        raise UserError(
            f"the weight of the features is {feature_weight}; wanted a finite number, 0 or more"
        )


def _describe(net, role):
    name = net_name(net, role)
    labels = f" and {net.y_dim} labels" if isinstance(net, LabelledNet) else ""
    return f"{name}'s of {net.channels}×{net.size}×{net.size}{labels}"
