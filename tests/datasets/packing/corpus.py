"""A folder of files that strangers might send, and what is to become of each."""

import os
import socket
import struct
import zlib

import numpy as np
from PIL import Image

from tests.datasets.packing.drawings import drawing

PACKED = "packed"


def build(folder):
    """Make the files.

    Args:
        folder (pathlib.Path): Where; it is there and empty.

    Returns:
        dict: Name → :data:`PACKED` or the word of the reason why it is left out.
    """
    corpus = _Corpus(folder)
    for part in (
        _whole,
        _odd_names,
        _cut_short,
        _broken,
        _bombs,
        _no_pictures,
        _no_files,
        _unfit,
        _repeated,
    ):
        part(corpus)
    return corpus.expected


class _Corpus:
    def __init__(self, folder):
        self.folder = folder
        self.expected = {}

    def path(self, name, word):
        assert name not in self.expected
        self.expected[name] = word
        return self.folder / name

    def seed(self):
        return len(self.expected)

    def write(self, name, content, word):
        self.path(name, word).write_bytes(content)

    def draw(self, name, word=PACKED, mode="RGB", size=(96, 96), **options):
        image = drawing(self.seed(), *size, mode)
        image.save(self.path(name, word), **options)


def _chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png(width, height, bits, colour, data, *chunks):
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", head),
            *chunks,
            _chunk(b"IDAT", data),
            _chunk(b"IEND", b""),
        ]
    )


def _whole(corpus):
    """What is a picture, however unusual, is packed."""
    exif = Image.Exif()
    exif[0x0112] = 6
    corpus.draw("whole-turned.jpg", exif=exif)
    corpus.draw("whole-progressive.jpg", progressive=True)
    corpus.draw("whole-cmyk.jpg", mode="CMYK")
    corpus.draw("whole-grey.jpg", mode="L")
    corpus.draw("whole-clear.png", mode="RGBA")
    corpus.draw("whole-palette.gif", mode="P")
    corpus.draw("whole-bits.png", mode="1")
    corpus.draw("whole-lzw.tif", compression="tiff_lzw")
    corpus.draw("whole-lossless.webp", mode="RGBA", lossless=True)
    corpus.draw("whole.bmp")
    corpus.draw("whole-long.png", size=(2000, 64))
    corpus.draw("whole-odd-exif.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    corpus.draw("whole-odd-profile.png", icc_profile=b"no profile" * 100)
    frames = [drawing(seed) for seed in (901, 902)]
    for name in ("whole-moving.gif", "whole-moving.png", "whole-moving.webp"):
        image = drawing(corpus.seed())
        image.save(corpus.path(name, PACKED), save_all=True, append_images=frames)
    deep = np.asarray(drawing(corpus.seed(), mode="L")).astype(np.uint16) * 257
    Image.fromarray(deep).save(corpus.path("whole-16-bit.png", PACKED))
    image = drawing(corpus.seed())
    image.save(corpus.path("whole-but-called.jpg", PACKED), "PNG")
    corpus.draw("WHOLE.JPEG")
    for ending, kind in [("apng", "PNG"), ("jfif", "JPEG")]:
        drawing(corpus.seed()).save(corpus.path(f"whole.{ending}", PACKED), kind)


def _odd_names(corpus):
    """A name is only a name."""
    names = [
        "name\nwith a line.png",
        "..png",
        "-rf.png",
        "name with \x1b[31mcolour.png",
        "<script>alert(1)<\\script>.png",
        "名前.png",
        "&amp;'\".png",
        " .png",
        "~.png",
        "$(id).png",
        os.fsdecode(b"bytes-\xff\xfe.png"),
        "long-" + "n" * 240 + ".png",
    ]
    for name in names:
        if name.startswith("."):
            # Hidden: passed over, as every hidden file.
            drawing(corpus.seed()).save(corpus.folder / name, "PNG")
            continue
        drawing(corpus.seed()).save(corpus.path(name, PACKED), "PNG")


def _cut_short(corpus):
    for ending in ("png", "jpg", "gif", "bmp", "tif", "webp"):
        for share in (10, 60, 95):
            name = f"cut-{share}.{ending}"
            path = corpus.path(name, "damaged")
            noise = np.random.RandomState(share).randint(0, 256, (90, 70, 3), np.uint8)
            Image.fromarray(noise).save(path)
            whole = path.read_bytes()
            path.write_bytes(whole[: len(whole) * share // 100])


def _broken(corpus):
    rows = zlib.compress(bytes(97 * 3 * 96))
    corpus.write("broken-zlib.png", _png(96, 96, 8, 2, b"x\x9c" + b"\xff" * 500), "damaged")
    corpus.write("broken-short.png", _png(96, 96, 8, 2, rows[: len(rows) // 2]), "damaged")
    corpus.write("broken-no-data.png", _png(96, 96, 8, 2, b""), "damaged")
    whole = _png(96, 96, 8, 2, rows)
    head_sum = whole.index(b"IDAT") - 8
    corpus.write("broken-sum.png", whole[:head_sum] + bytes(4) + whole[head_sum + 4 :], "damaged")
    huge = zlib.compress(bytes(80_000_000))
    corpus.write(
        "broken-text.png", _png(96, 96, 8, 2, rows, _chunk(b"zTXt", b"k\0\0" + huge)), "bomb"
    )
    jpeg = corpus.folder / "temporary"
    drawing(1001).save(jpeg, "JPEG")
    body = bytearray(jpeg.read_bytes())
    jpeg.unlink()
    scan = body.index(b"\xff\xda")
    corpus.write("broken-no-scan.jpg", bytes(body[:scan]), "damaged")
    corpus.write("broken-head.webp", b"RIFF\xff\xff\xff\x7fWEBPVP8 " + bytes(40), "damaged")
    corpus.write(
        "broken-frame.gif", b"GIF89a" + struct.pack("<HHBBB", 96, 96, 0, 0, 0) + b";", "damaged"
    )
    tags = b"".join(
        struct.pack("<HHII", tag, 4, 1, value)
        for tag, value in [
            (256, 96),
            (257, 96),
            (258, 8),
            (259, 1),
            (262, 1),
            (273, 2**31),
            (277, 1),
            (278, 96),
            (279, 96 * 96),
        ]
    )
    tiff = b"II*\0" + struct.pack("<IH", 8, 9) + tags + struct.pack("<I", 0)
    corpus.write("broken-strip.tif", tiff, "damaged")
    loop = b"II*\0" + struct.pack("<IH", 8, 9) + tags + struct.pack("<I", 8)
    corpus.write("broken-loop.tif", loop, "damaged")


def _bombs(corpus):
    bmp = struct.pack("<IiiHHIIiiII", 40, 30_000, 30_000, 1, 24, 0, 0, 0, 0, 0, 0)
    corpus.write("bomb.bmp", b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + bmp, "bomb")
    corpus.write("bomb.png", _png(60_000, 60_000, 8, 2, zlib.compress(bytes(10_000_000))), "bomb")
    corpus.write(
        "bomb-bits.png", _png(2**31 - 1, 2**31 - 1, 1, 0, zlib.compress(bytes(1000))), "bomb"
    )
    gif = b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0x80, 0, 0) + bytes(6)
    gif += b"," + struct.pack("<HHHHB", 0, 0, 65_535, 65_535, 0) + b"\2\1D\0;"
    corpus.write("bomb.gif", gif, "bomb")
    path = corpus.path("bomb.jpg", "bomb")
    drawing(1002).save(path)
    body = bytearray(path.read_bytes())
    frame = body.index(b"\xff\xc0")
    body[frame + 5 : frame + 9] = struct.pack(">HH", 65_000, 65_000)
    path.write_bytes(body)
    webp = b"VP8X" + struct.pack("<IB3x", 10, 16) + b"\xff\x3f\0\xff\x3f\0"
    alpha = b"ALPH" + struct.pack("<I", 2) + b"\0\0"
    corpus.write(
        "bomb.webp",
        b"RIFF" + struct.pack("<I", 4 + len(webp + alpha)) + b"WEBP" + webp + alpha,
        "bomb",
    )


def _no_pictures(corpus):
    corpus.write("no-text.png", b"not a picture", "format")
    corpus.write("no-page.jpg", b"<!doctype html><title>404</title>", "format")
    corpus.write("no-program.gif", b"\x7fELF" + bytes(100), "format")
    corpus.write("no-portable.bmp", b"P6 2 2 255\n" + bytes(12), "format")
    corpus.write("no-document.tif", b"%PDF-1.4\n", "format")
    corpus.write(
        "no-postscript.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "format"
    )
    corpus.write("no-archive.webp", b"PK\3\4" + bytes(100), "format")
    corpus.write("no-zeros.png", bytes(4096), "format")
    corpus.write("no-layers.psd", b"8BPS\0\1" + bytes(40), "format")
    corpus.write("no-vectors.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "format")
    corpus.write("no-phone.heic", b"\0\0\0\x18ftypheic" + bytes(40), "format")
    corpus.write("no-bytes.png", b"", "empty")
    corpus.write("no-bytes.jpeg", b"", "empty")


def _no_files(corpus):
    """What is no file of its own."""
    folder = corpus.folder
    corpus.path("folder.png", "directory").mkdir()
    drawing(corpus.seed()).save(corpus.path("folder.png/inside.png", PACKED))
    outside = folder.parent / "outside"
    outside.mkdir()
    drawing(1003).save(outside / "secret.png")
    corpus.path("link-out.png", "link").symlink_to(outside / "secret.png")
    corpus.path("link-to-nothing.png", "link").symlink_to("nothing")
    corpus.path("link-to-itself.png", "link").symlink_to("link-to-itself.png")
    corpus.path("link-up", "link").symlink_to(folder)
    corpus.path("link-folder-out", "link").symlink_to(outside)
    os.mkfifo(corpus.path("pipe.png", "special"))
    with socket.socket(socket.AF_UNIX) as server:
        path = corpus.path("socket.png", "special")
        former = os.getcwd()
        os.chdir(folder)
        server.bind(path.name)
        os.chdir(former)


def _unfit(corpus):
    values = np.random.RandomState(0).rand(96, 96).astype(np.float32)
    Image.fromarray(values).save(corpus.path("unfit-float.tif", "depth"))
    Image.fromarray((values * 1e6).astype(np.int32)).save(corpus.path("unfit-32-bit.tif", "depth"))
    corpus.draw("unfit-small.png", "small", size=(20, 20))
    corpus.draw("unfit-narrow.png", "small", size=(5000, 3))
    for name, colour in [("white.jpg", (255, 255, 255)), ("clear.png", (9, 9, 9, 0))]:
        mode = "RGBA" if len(colour) == 4 else "RGB"
        Image.new(mode, (96, 96), colour).save(corpus.path(f"unfit-{name}", "blank"))


def _repeated(corpus):
    original = drawing(corpus.seed(), 192, 192)
    original.save(corpus.path("z-1.png", PACKED))
    original.save(corpus.path("z-2.bmp", "duplicate"))
    (corpus.path("z-3.png", "duplicate")).write_bytes((corpus.folder / "z-1.png").read_bytes())
    original.save(corpus.path("z-4.jpg", "near-duplicate"), quality=60)
    original.resize((128, 128)).save(corpus.path("z-5.png", "near-duplicate"))
