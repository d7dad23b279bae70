"""Frames as MP4, which browsers, phones and messengers play, by FFmpeg's libraries in PyAV."""

import numpy as np
from packaging.requirements import Requirement
from tqdm import tqdm

from illust_gan.errors import UserError

#: As the extra ``video`` in pyproject.toml.
REQUIREMENT = "av>=15"

#: Of a frame; decoders in phones and browsers hardly go further.
MOST_EDGE = 4096

# x264's measure of loss: 0 is none, 23 its default, and below 18 hardly any is seen.
_CRF = 14

# ITU-T H.273: the primaries and the matrix of BT.709, the curve of sRGB. A player that is not
# told guesses the matrix by the size.
_BT709 = 1
_SRGB_CURVE = 13

# What the index of a film takes, and with a margin what each of its frames does.
_INDEX_BYTES = 4096
_INDEX_BYTES_A_FRAME = 32


def import_av():
    """Import PyAV, the one package that MP4 needs and nothing else does.

    Returns:
        module: ``av``.

    Raises:
        UserError: If it is not there, cannot be loaded, is too old, or was built without x264.
    """
    try:
        import av
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError)
        reason = "is not installed" if missing else f"cannot be loaded ({error})"
        raise _no_mp4(f"which {reason}") from error
    if not Requirement(REQUIREMENT).specifier.contains(av.__version__, prereleases=True):
        raise _no_mp4(f"and {av.__version__} is here, which is too old")
    if "libx264" not in av.codecs_available:
        raise _no_mp4("and the one that is here was built without libx264")
    return av


def write_mp4(f, frames, *, fps=25, scale=1, progress=False):
    """Write frames as H.264 in an MP4 file.

    Brightness keeps every pixel, colour is kept for squares of 2×2 (yuv420p, which every decoder
    knows); from ``scale=2`` on these squares lie inside the pixels of a frame. What is lost besides
    is hardly seen (crf 14). The index is at the beginning, so that a browser need not have all of
    the file to begin. The same frames give the same bytes, on any number of cores.

    An MP4 does not repeat by itself: that is for the player to do, ``<video loop>`` in a web page.

    Args:
        f (io.BufferedIOBase): A file, open for writing in binary, that can seek.
        frames (numpy.ndarray): uint8 (N, H, W, 3), or (N, H, W, 1) for greyscale; N at least 1.
        fps (int): Frames a second.
        scale (int): How many times as wide and high, without smoothing.
        progress (bool): Show a bar and the time that remains, if it takes more than a second.

    Raises:
        UserError: If PyAV is missing, or a frame is of odd size or too large.
        OSError: If it cannot be written.

    Example:
        >>> import io, pytest
        >>> av = pytest.importorskip("av")
        >>> f = io.BytesIO()
        >>> write_mp4(f, np.uint8([0, 255]).repeat(768).reshape(2, 16, 16, 3), scale=2)
        >>> _ = f.seek(0)
        >>> with av.open(f) as film:
        ...     [frame.width for frame in film.decode(video=0)]
        [32, 32]
    """
    av = import_av()
    n, height, width, _ = frames.shape
    _check_size(width, height, scale)
    index = _INDEX_BYTES + _INDEX_BYTES_A_FRAME * n
    with av.open(f, "w", format="mp4", options={"moov_size": str(index)}) as film:
        stream = film.add_stream("libx264", rate=fps, options={"crf": str(_CRF)})
        stream.width, stream.height, stream.pix_fmt = width * scale, height * scale, "yuv420p"
        codec = stream.codec_context
        # What x264 writes depends on the number of its threads.
        codec.thread_count = 1
        codec.color_primaries, codec.colorspace, codec.color_trc = _BT709, _BT709, _SRGB_CURVE
        codec.color_range = av.video.reformatter.ColorRange.MPEG
        for frame in tqdm(frames, desc="writing", unit="frame", delay=1, disable=not progress):
            film.mux(stream.encode(_in_yuv(av, frame, scale)))
        film.mux(stream.encode())


def _in_yuv(av, frame, scale):
    if frame.shape[2] == 1:
        frame = frame.repeat(3, axis=2)
    large = np.ascontiguousarray(frame.repeat(scale, axis=0).repeat(scale, axis=1))
    kinds = av.video.reformatter
    return av.VideoFrame.from_ndarray(large, format="rgb24").reformat(
        format="yuv420p",
        dst_colorspace=kinds.Colorspace.ITU709,
        src_color_range=kinds.ColorRange.JPEG,
        dst_color_range=kinds.ColorRange.MPEG,
        # The mean of each square and nothing of its neighbours, as other kinds take.
        interpolation=kinds.Interpolation.AREA,
    )


def _check_size(width, height, scale):
    if width * scale % 2 or height * scale % 2:
        raise UserError(
            f"frames of {width}×{height}, {scale} times as large, have an odd edge, which MP4 "
            "cannot have; give an even --scale, or a name that ends in .gif, .webp or .apng"
        )
    if max(width, height) * scale > MOST_EDGE:
        raise UserError(
            f"frames of {width}×{height}, {scale} times as large, have an edge of "
            f"{max(width, height) * scale} pixels; wanted {MOST_EDGE} at most in an MP4: give a "
            "smaller --scale"
        )


def _no_mp4(reason):
    return UserError(
        f"writing MP4 needs the package {REQUIREMENT}, {reason}; pip install '{REQUIREMENT}', or "
        "give a name that ends in .gif, .webp or .apng, which need no package"
    )
