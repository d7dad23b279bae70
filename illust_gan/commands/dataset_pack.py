"""``illust-gan dataset pack``: the user's own pictures become a set."""

import contextlib
import signal
import sys

import click

from illust_gan.datasets.errors import WORDS
from illust_gan.errors import printable

# As in illust_gan.datasets.packing, whose import would bring in Pillow and Chainer for --help.
_NEAR = 6
_FITS = ("crop", "pad", "stretch")
_DUPLICATES = ("drop", "exact", "keep")
_LABELS = ("none", "folder")

# Files that stand for all of a word, and labels that are counted where there are many.
_NAMED = 3
_COUNTED = 10


@click.command()
@click.argument("source", type=click.Path())
@click.argument("out", type=click.Path())
@click.option(
    "--size",
    type=click.IntRange(1, 4096),
    default=64,
    show_default=True,
    metavar="PIXELS",
    help="Edge of the squares: for rezoolab's net 64, for maccha's 96, for the others either.",
)
@click.option(
    "--fit",
    type=click.Choice(_FITS),
    default="crop",
    show_default=True,
    help="Take the central square, pad to a square, or stretch.",
)
@click.option(
    "--background",
    default="white",
    show_default=True,
    metavar="COLOUR",
    help="Beneath what is transparent or padded: a name or #rrggbb.",
)
@click.option(
    "--min-size",
    type=click.IntRange(0),
    metavar="PIXELS",
    help="Leave out pictures with a shorter edge.  [default: half of --size]",
)
@click.option(
    "--duplicates",
    type=click.Choice(_DUPLICATES),
    default="drop",
    show_default=True,
    help="Drop the same and nearly the same pictures, exactly the same only, or keep all.",
)
@click.option(
    "--near",
    type=click.IntRange(0, 16),
    default=_NEAR,
    show_default=True,
    metavar="BITS",
    help="How much perceptual hashes of nearly the same pictures may differ.",
)
@click.option(
    "--faces",
    metavar="DETECTOR",
    help="Pack the faces in the pictures: a cascade's XML file, the name of one of OpenCV's, such "
    "as frontalface_default, or MODULE:FUNCTION.",
)
@click.option(
    "--face-margin",
    type=click.FloatRange(0, 10),
    default=0.3,
    show_default=True,
    metavar="SHARE",
    help="What to take around a face on each side, in widths of the face.",
)
@click.option(
    "--min-face",
    type=click.IntRange(1),
    metavar="PIXELS",
    help="Leave out smaller faces.  [default: half of --size]",
)
@click.option(
    "--face-neighbours",
    type=click.IntRange(0),
    default=5,
    show_default=True,
    metavar="N",
    help="Overlapping finds that make a face; fewer find more, right and wrong.",
)
@click.option(
    "--max-megapixels",
    type=click.IntRange(1, 1000),
    default=64,
    show_default=True,
    metavar="N",
    help="Refuse larger pictures before they are decoded.",
)
@click.option(
    "--labels",
    type=click.Choice(_LABELS),
    default="none",
    show_default=True,
    help="Label each picture with the folder directly inside SOURCE that it lies in.",
)
@click.option(
    "--credit",
    "credits",
    multiple=True,
    metavar="TEXT",
    help="Whose pictures they are and on what terms, for the manifest; may be repeated.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False),
    metavar="FILE.html",
    help="Write a page that shows what was left out and why.",
)
@click.option(
    "--debug-boxes",
    type=click.Path(file_okay=False),
    metavar="FOLDER",
    help="Write sheets of all pictures with the boxes of their faces.",
)
@click.option(
    "--workers", type=click.IntRange(1, 1024), metavar="N", help="Processes.  [default: all cores]"
)
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
def pack(source, out, force, **options):
    """Pack the pictures of SOURCE into the data set OUT.

    SOURCE is a folder, however nested, a zip archive, or a text file with a path on each line.
    PNG, JPEG, WebP, GIF and APNG (the first frame), BMP and TIFF are read, upright and in sRGB.
    What is broken, too small, blank or a duplicate is left out, counted and named in the manifest.

    With --labels folder, pictures directly in SOURCE are left out, and of a text file the label is
    the folder that a picture lies in. Of the same picture in two folders the first is kept.

    \b
    Examples:
      illust-gan dataset pack ~/Pictures/faces data/faces-64
      illust-gan dataset pack scans.zip data/scans-96 --size 96 --report left-out.html
      illust-gan dataset pack pages data/faces-64 --faces lbpcascade_animeface.xml
      illust-gan dataset pack pets data/pets-64 --labels folder

    Ctrl-C and SIGTERM keep what is done; the same command goes on from there.
    """
    from illust_gan.datasets.packing.pack import pack as pack_pictures

    try:
        with _sigterm_interrupts():
            made = pack_pictures(
                source,
                out,
                overwrite=force,
                progress=sys.stderr.isatty(),
                say=lambda line: click.echo(line, err=True),
                **options,
            )
    except _Stopped as error:
        click.echo(
            f"illust-gan: stopped by {error.signal.name}; what is done is kept, and the same "
            "command goes on from there",
            err=True,
        )
        return 128 + error.signal
    _tell_left_out(made, options["report"])
    click.echo(
        f"{len(made):,} {'picture' if len(made) == 1 else 'pictures'} of {made.size}×{made.size} "
        f"in {made.path} ({made.path.stat().st_size / 1e6:.1f} MB), "
        f"file names in {made.path.with_suffix('.json')}"
    )
    _tell_labels(made)
    return 0


class _Stopped(BaseException):
    def __init__(self, number):
        super().__init__(number)
        self.signal = signal.Signals(number)


@contextlib.contextmanager
def _sigterm_interrupts():
    """Turn SIGINT and SIGTERM into one exception, which lets everything be closed."""

    def stop(number, frame):
        raise _Stopped(number)

    former = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _tell_left_out(made, report):
    left_out = made.manifest["left_out"]
    if not left_out:
        return
    where = f"shown in {report}" if report else f"named in {made.path.with_suffix('.json')}"
    click.echo(f"left out: {len(left_out):,}, all {where}", err=True)
    by_word = {}
    for entry in left_out:
        by_word.setdefault(entry["word"], []).append(printable(entry["file"], 40))
    for word, names in sorted(by_word.items(), key=lambda item: -len(item[1])):
        first = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
        click.echo(f"{len(names):>7,} {word} ({WORDS[word]}): {first}", err=True)


def _tell_labels(made):
    from illust_gan.datasets.description import count_labels
    from illust_gan.datasets.manifest import plural

    if made.labels is None:
        return
    found = count_labels(made)
    if found["duplicates"]:
        click.echo(
            f"{plural(found['duplicates'], 'duplicate')} with another label than the picture that "
            "is kept, whose label stays",
            err=True,
        )
    counted = [f"{name} {count:,}" for name, count in found["counts"].items()]
    more = f", … (all by `illust-gan dataset info {made.path}`)" if len(counted) > _COUNTED else ""
    click.echo(f"{len(counted):,} labels: {', '.join(counted[:_COUNTED])}{more}")
