import errno
import io
import itertools
import random
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from illust_gan.datasets import PictureError, read_picture
from illust_gan.datasets.errors import WORDS
from illust_gan.datasets.fitting import to_square
from illust_gan.datasets.pictures import FORMATS, MAX_PIXELS, decode

RED, BLUE = (255, 0, 0), (0, 0, 255)


def noise(width=97, height=61):
    values = np.random.RandomState(0).randint(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(values)


def saved(image, kind, **options):
    f = io.BytesIO()
    image.save(f, kind, **options)
    return f.getvalue()


def decoded(data, **options):
    return decode(io.BytesIO(data), "a picture", **options)


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(width, height, bits, kind, pixels, *chunks):
    """A PNG of zeros: `pixels` is how many bytes its rows have in all."""
    zlib_zeros = zlib.compress(bytes(pixels))
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks)
    return data + chunk(b"IDAT", zlib_zeros) + chunk(b"IEND", b"")


def gif(screen, frame, disposal=0):
    """A GIF of one frame of 4 × 4 pixels, at the place and of the size that it claims."""
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", *screen, 0x80, 0, 0)
        + bytes([*RED, *BLUE])
        + b"!\xf9\4"
        + bytes([disposal << 2, 0, 0, 0, 0])
        + b","
        + struct.pack("<HHHHB", *frame, 0)
        + b"\2\5\x84\x8f\xa9\xcb\x05\0;"
    )


def bmp(width, height, compression=0, data=b""):
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, compression, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + header + data


def webp_of(width, height):
    canvas = b"".join((edge - 1).to_bytes(3, "little") for edge in (width, height))
    return b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<II", 10, 0) + canvas


def tiff_with_tiles_of(width, height):
    """A TIFF of 8 × 8 pixels whose one tile claims to be larger."""
    tags = {
        256: 8, 257: 8, 258: 8, 259: 8, 262: 1, 277: 1, 322: width, 323: height, 324: 200, 325: 9
    }  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    directory = struct.pack("<H", len(tags)) + entries + bytes(4)
    return (b"II*\0\x08\0\0\0" + directory).ljust(200, b"\0") + zlib.compress(bytes(64))


BOMBS = {
    "bmp": bmp(20_000, 20_000),
    "bmp of negative width": bmp(-10, 10),
    "bmp of the lowest height": bmp(10, -(2**31)),
    "gif screen": gif((65535, 65535), (0, 0, 65535, 65535), disposal=2),
    "gif frame": gif((4, 4), (65535, 65535, 65535, 65535), disposal=3),
    "png text": png(4, 4, 8, 0, 20, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(50_000_000)))),
    "png profile": png(4, 4, 8, 0, 20, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(50_000_000)))),
    "tiff tiles": tiff_with_tiles_of(40_000, 40_000),
    "webp": webp_of(16_000, 16_000),
}


@pytest.mark.parametrize("edge", [8001, 20_000])
def test_a_decompression_bomb_is_refused_from_its_header(edge):
    assert edge**2 > MAX_PIXELS
    # A header and no pixels: had decoding been tried, the reason would be truncation.
    with pytest.raises(
        PictureError,
        match=rf"has {edge**2 / 1e6:.2f} megapixels, more than the 64 .*\(--max-megapixels\)",
    ):
        decoded(bmp(edge, edge))


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_told(name):
    with pytest.raises(PictureError) as caught:
        decoded(BOMBS[name])
    assert caught.value.word == "bomb"


@pytest.mark.parametrize("limit", [200 * 200 - 1, 200 * 200])
def test_the_limit_is_exact_and_may_be_set(limit, monkeypatch):
    # Pillow's own limit is neither in the way nor changed for others.
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    for kind in set(FORMATS) - {"WEBP"}:
        data = saved(noise(200, 200), kind)
        if limit < 200 * 200:
            with pytest.raises(
                PictureError, match=r"has 0\.04 megapixels, more than the 0\.039999"
            ):
                decoded(data, max_pixels=limit)
        else:
            assert decoded(data, max_pixels=limit).size == (200, 200)
        assert Image.MAX_IMAGE_PIXELS == 100


def peak_memory(tmp_path, files):
    """The most memory, in bytes, that decoding and fitting took in a process of its own."""
    for number, data in enumerate(files):
        (tmp_path / f"{number:02}").write_bytes(data)
    code = """
import pathlib, re, sys
from illust_gan.datasets import PictureError, read_picture

def peak():
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])

paths = sorted(pathlib.Path(sys.argv[1]).iterdir())
read_picture(paths[0], 8)
before = peak()
for path in paths[1:]:
    try:
        read_picture(path, 64)
    except PictureError as error:
        print(error, file=sys.stderr)
print(peak() - before)
"""
    run = [sys.executable, "-c", code, tmp_path]
    return int(subprocess.run(run, capture_output=True, text=True, check=True).stdout)


def test_bombs_take_no_memory(tmp_path):
    small = saved(noise(), "PNG")
    assert peak_memory(tmp_path, [small, *BOMBS.values()]) < 50_000_000


@pytest.mark.parametrize(
    ("bits", "kind", "row"), [(16, 0, 1 + 2 * 3000), (8, 6, 1 + 4 * 3000), (1, 3, 1 + 375)]
)
def test_decoding_takes_at_most_8_bytes_a_pixel(tmp_path, bits, kind, row):
    palette = (chunk(b"PLTE", bytes(6)), chunk(b"tRNS", b"\x01\x02")) if kind == 3 else ()
    large = png(3000, 3000, bits, kind, 3000 * row, *palette)
    # And a few megabytes for libraries that are not loaded before.
    taken = peak_memory(tmp_path, [saved(noise(), "PNG"), large])
    assert 3000 * 3000 < taken < 8 * 3000 * 3000 + 8_000_000


def test_too_little_memory_is_told():
    code = """
import io, resource
from PIL import Image
from illust_gan.datasets.pictures import decode

f = io.BytesIO()
Image.new("1", (6000, 6000)).save(f, "PNG")
taken = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + 20_000_000,) * 2)
try:
    decode(f, "large.png")
except Exception as error:
    print(error.word, error)
"""
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert done.stdout == "memory large.png: there was not enough memory to decode it\n"


@pytest.mark.parametrize(
    ("data", "word", "reason"),
    [
        (b"", "format", "it is no PNG"),
        (b"<!doctype html>", "format", "it is no PNG"),
        (b"\x89PNG\r\n\x1a\n", "damaged", "broken or cut short"),
        (b"\xff\xd8\xff", "damaged", "broken or cut short"),
        (b"GIF89a", "damaged", "broken or cut short"),
        (b"BM", "damaged", "broken or cut short"),
        (b"II*\0\x08\0\0\0", "damaged", "broken or cut short"),
        (b"RIFF\xff\0\0\0WEBPVP8 ", "damaged", "broken or cut short"),
        (bmp(8, 8, compression=9), "format", r"of a kind that is not read \(Unsupported BMP"),
        (
            saved(noise(), "JPEG").replace(b"\xff\xc0\0\x11\x08", b"\xff\xc0\0\x11\x0c"),
            "format",
            r"of a kind that is not read \(cannot handle 12-bit",
        ),
    ],
)
def test_what_is_no_picture_is_told_from_one_that_is_broken(data, word, reason):
    with pytest.raises(PictureError, match=reason) as caught:
        decoded(data)
    assert caught.value.word == word


def test_what_the_disk_says_is_passed_on(tmp_path):
    class Disk(io.BytesIO):
        def read(self, size=-1):
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(PictureError, match="a: Input/output error") as caught:
        decode(Disk(), "a")
    assert caught.value.word == "unreadable"
    for path, word in [(tmp_path, "directory"), (tmp_path / "gone.png", "missing")]:
        with pytest.raises(PictureError) as caught:
            read_picture(path, 8)
        assert caught.value.word == word


@pytest.mark.parametrize(
    ("screen", "frame", "size"),
    [
        ((4, 4), (0, 0, 4, 4), (4, 4)),
        ((2, 2), (0, 0, 4, 4), (4, 4)),
        ((3, 3), (7, 5, 4, 4), (11, 9)),
    ],
)
def test_a_frame_that_is_larger_than_its_screen_or_outside_is_shown(screen, frame, size):
    assert decoded(gif(screen, frame)).size == size


def test_bmp_from_top_to_bottom_is_upright():
    rows = bytes([0, 0, 255, 0]) + bytes([255, 0, 0, 0])
    for height, wanted in [(-2, [RED, BLUE]), (2, [BLUE, RED])]:
        image = decoded(bmp(1, height, data=rows))
        assert [image.getpixel((0, y)) for y in range(2)] == wanted


def test_stereo_jpeg_is_jpeg():
    data = saved(noise(), "MPO", save_all=True, append_images=[noise(8, 8)])
    assert decoded(data).size == (97, 61)


@pytest.mark.parametrize("kind", FORMATS)
def test_admission_is_asked_for_once_before_decoding(kind):
    whole = saved(noise(64, 48), kind, **({"lossless": True} if kind == "WEBP" else {}))
    # WebP is opened only if all of it is there.
    damaged = whole[: len(whole) // 2].ljust(len(whole) if kind == "WEBP" else 0, b"\xff")
    asked = []
    with pytest.raises(PictureError, match="broken or cut short"):
        decoded(damaged, admit=asked.append)
    assert asked == [64 * 48 * (2 if kind == "WEBP" else 1)]


def test_webp_takes_twice_the_memory_and_counts_double():
    picture = saved(noise(64, 48), "WEBP")
    asked = []
    decoded(picture, max_pixels=2 * 64 * 48, admit=asked.append)
    assert asked == [2 * 64 * 48]
    with pytest.raises(
        PictureError, match=r"has 0\.00 megapixels, more than the 0\.0030715 of a WebP that are"
    ) as caught:
        decoded(picture, max_pixels=2 * 64 * 48 - 1)
    assert caught.value.word == "bomb"


def test_what_admission_raises_is_passed_on():
    def refuse(pixels):
        raise InterruptedError("full")

    with pytest.raises(InterruptedError, match="full"):
        decoded(saved(noise(), "PNG"), admit=refuse)


def test_nothing_is_admitted_that_is_refused():
    with pytest.raises(PictureError):
        decoded(BOMBS["bmp"], admit=pytest.fail)


@pytest.mark.parametrize("size", [(640, 480), (380, 400), (101, 1000)])
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_jpeg_is_decoded_to_three_times_the_wanted_edge_or_more(size, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(noise(*size), "JPEG", exif=exif)
    upright = size[::-1] if orientation == 6 else size
    whole, shrunk = decoded(data), decoded(data, shrink_to=(32, 32))
    assert whole.size == whole.info["original_size"] == shrunk.info["original_size"] == upright
    assert min(shrunk.size) >= 96
    assert min(shrunk.size) < 240
    assert min(decoded(data, shrink_to=(2, 2)).size) < 100


def test_shrinking_while_decoding_is_hardly_to_be_seen():
    smooth = noise(20, 20).resize((800, 800), Image.Resampling.BICUBIC)
    data = saved(smooth, "JPEG", quality=95)
    fair, quick = (to_square(decoded(data, shrink_to=to), 32) for to in (None, (32, 32)))
    assert np.abs(fair.astype(int) - quick).max() <= 4
    np.testing.assert_array_equal(read_picture(io.BytesIO(data), 32), quick)


def test_a_decoded_picture_carries_nothing_of_its_file():
    exif = Image.Exif()
    exif[0x010E] = "somewhere"
    for kind in ("PNG", "JPEG", "TIFF", "WEBP"):
        f = io.BytesIO(saved(noise(), kind, exif=exif, icc_profile=b"a profile"))
        image = decode(f, "a picture")
        assert not f.closed
        assert image.info == {"original_size": (97, 61), "icc_profile": b"a profile"}
        assert getattr(image, "_decoder", None) is None


@pytest.mark.parametrize(
    ("kind", "count", "value"),
    [(3, 1, 0), (3, 1, 9), (2, 2, 0x36), (7, 1, 6), (5, 1, 0), (3, 99, 0)],
)
def test_an_odd_orientation_is_none(kind, count, value):
    exif = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x0112, kind, count, value, 0)
    for name in ("PNG", "JPEG"):
        assert decoded(saved(noise(), name, exif=exif)).size == (97, 61)


def test_what_pillow_logs_of_broken_files_is_not_printed(tmp_path):
    data = saved(noise(), "TIFF")
    before, after = (struct.pack("<HHIH", 277, 3, 1, samples) for samples in (3, 9999))
    assert before in data
    (tmp_path / "broken.tiff").write_bytes(data.replace(before, after))
    code = """
import sys
from illust_gan.datasets import PictureError, read_picture
try:
    read_picture(sys.argv[1], 8)
except PictureError as error:
    print(error.word)
"""
    run = [sys.executable, "-c", code, tmp_path / "broken.tiff"]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("damaged\n", "")


def test_whatever_is_broken_is_a_picture_error():
    image = noise(24, 16)
    exif = Image.Exif()
    exif[0x0112] = 6
    seeds = [saved(image, kind) for kind in FORMATS]
    seeds += [saved(image.convert("P"), kind) for kind in ("PNG", "GIF", "BMP", "TIFF")]
    seeds += [saved(image, kind, exif=exif) for kind in ("PNG", "JPEG", "WEBP", "TIFF")]
    rng = random.Random(0)
    words, reasons = set(), set()
    for data in itertools.islice(itertools.cycle(seeds), 1500):
        broken = bytearray(data)
        for _ in range(rng.choice((1, 2, 9))):
            place = rng.randrange(min(len(broken), rng.choice((80, len(broken)))))
            broken[place] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
        try:
            to_square(decoded(bytes(broken), shrink_to=(8, 8)), 8)
        except PictureError as error:
            words.add(error.word)
            reasons.add(error.reason)
    assert words >= {"damaged", "format", "bomb"}
    assert words <= set(WORDS)
    assert all(reason.isprintable() for reason in reasons)
