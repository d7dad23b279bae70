"""Frames as a file that moves: GIF, APNG, WebP or MP4."""

import operator
import os

import numpy as np
from PIL import Image
from tqdm import tqdm

from illust_gan.errors import UserError
from illust_gan.files import replacing
from illust_gan.generation.mp4 import import_av, write_mp4

#: What a name may end in, and Pillow's name for it; MP4 is none of Pillow's.
ENDINGS = {".gif": "GIF", ".webp": "WEBP", ".apng": "PNG", ".png": "PNG", ".mp4": "MP4"}

#: Browsers slow down what is faster.
MOST_FPS = 50
MOST_SCALE = 16

#: Of all frames together; Pillow keeps them in memory, with 4 bytes a pixel.
MOST_PIXELS = 2**29


def save_animation(frames, path, *, fps=25, scale=1, progress=False):
    """Save frames as an animation, whole or not at all; all kinds but MP4 repeat for ever.

    APNG and WebP keep every pixel: WebP is written without loss, as its lossy kind keeps colours
    at half the width and height, and small faces show it. GIF has 256 colours in a frame, chosen
    for each by median cut and not dithered, as dots would swarm in a film. It counts time in
    hundredths of a second, so 25 and 50 frames a second are exact in it and others rounded. Equal
    frames that follow one another may become one that lasts longer. MP4 needs the package av and is
    told of in :func:`~illust_gan.generation.mp4.write_mp4`: it loses a little, and whether it
    repeats is for the player to say.

    Args:
        frames (numpy.ndarray): uint8 (N, H, W, 3), or (N, H, W, 1) for greyscale; N at least 1.
        path (str or os.PathLike): Its ending says which: ``.gif``, ``.webp``, ``.apng``, ``.mp4``,
            or ``.png`` for APNG by the name that most programs open.
        fps (int): Frames a second, 1 to 50.
        scale (int): How many times as wide and high, 1 to 16, without smoothing.
        progress (bool): Show a bar and the time that remains, if it takes more than a second.

    Raises:
        UserError: If the ending is another, ``fps`` or ``scale`` out of range, or all frames have
            more than 2**29 pixels; if MP4 is wanted and PyAV not there, or the edges are odd.
        ValueError: If there is no frame.
        OSError: If it cannot be written.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "dark-and-light.gif")
        ...     save_animation(np.uint8([0, 255]).repeat(48).reshape(2, 4, 4, 3), path)
        ...     with Image.open(path) as picture:
        ...         picture.n_frames, picture.info["duration"], picture.info["loop"]
        (2, 40, 0)
    """
    form = check_animation(path)
    for name, number, most in (("fps", fps, MOST_FPS), ("scale", scale, MOST_SCALE)):
        if not 1 <= operator.index(number) <= most:
            raise UserError(f"{name} is {number}; wanted 1 to {most}")
    frames = np.asarray(frames)
    if frames.ndim != 4 or not len(frames):
        raise ValueError(
            f"an animation wants frames of shape (N, H, W, 3) with N at least 1; "
            f"given {frames.shape}"
        )
    check_pixels(frames, scale)
    if form == "MP4":
        with replacing(path) as f:
            write_mp4(f, frames, fps=fps, scale=scale, progress=progress)
        return
    bar = tqdm(frames, desc="writing", unit="frame", delay=1, disable=not progress)
    pictures = [_picture(frame, form, scale) for frame in bar]
    options = {"lossless": True} if form == "WEBP" else {}
    with replacing(path) as f:
        pictures[0].save(
            f,
            format=form,
            save_all=True,
            append_images=pictures[1:],
            duration=_milliseconds(fps, form),
            loop=0,
            **options,
        )


def check_animation(path):
    """Return the format that a name's ending stands for, as :data:`ENDINGS` has it.

    Args:
        path (str or os.PathLike): Name of the file.

    Raises:
        UserError: If it is none of :data:`ENDINGS`, or MP4 and PyAV is not there.

    Example:
        >>> check_animation("faces.APNG")
        'PNG'
    """
    ending = os.path.splitext(os.fspath(path))[1].lower()
    if ending not in ENDINGS:
        raise UserError(
            f"{path} has no ending of an animation; give .gif, .webp, .apng, .mp4, or .png for "
            "APNG by its other name"
        )
    if ENDINGS[ending] == "MP4":
        import_av()
    return ENDINGS[ending]


def check_pixels(frames, scale):
    """Raise :class:`UserError` if frames are too many to be enlarged so far.

    Args:
        frames (numpy.ndarray): (N, H, W, C).
        scale (int): How many times as wide and high.

    Example:
        >>> check_pixels(np.zeros((96, 64, 64, 3), np.uint8), 4)
    """
    n, height, width, _ = frames.shape
    pixels = n * height * width * scale**2
    if pixels > MOST_PIXELS:
        raise UserError(
            f"{n} frames of {width}×{height}, {scale} times as large, are {pixels / 1e6:.0f} "
            f"million pixels; wanted {MOST_PIXELS / 1e6:.0f} million at most: take fewer frames "
            "(--frames) or a smaller --scale"
        )


def _picture(frame, form, scale):
    picture = Image.fromarray(frame if frame.shape[2] == 3 else frame[:, :, 0])
    if form == "GIF" and picture.mode == "RGB":
        # Before it is enlarged: the colours are the same then, and sooner found.
        picture = picture.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    return picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)


def _milliseconds(fps, form):
    return round(100 / fps) * 10 if form == "GIF" else round(1000 / fps)
