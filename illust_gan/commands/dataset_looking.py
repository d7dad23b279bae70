"""``illust-gan dataset show``, ``info`` and ``check``: what is in a data set."""

import json
import sys

import click

from illust_gan.commands.output import check_out, force_option, make_folder
from illust_gan.errors import UserError, printable

# Eight bytes a pixel at the most while a sheet is put together and saved.
_MOST_PIXELS = 400_000_000
_NAMED = 5


@click.command()
@click.argument("data", type=click.Path())
@click.option("-o", "--out", required=True, type=click.Path(), help="PNG to write.")
@click.option(
    "--pick",
    default="random",
    show_default=True,
    type=click.Choice(["random", "first", "alike", "unusual"]),
    help="Which pictures; alike are pairs side by side.",
)
@click.option(
    "--n", default=64, show_default=True, type=click.IntRange(1), help="The most pictures."
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0, 2**32 - 1),
    help="Another seed picks other pictures at random.",
)
@click.option(
    "--columns", default=8, show_default=True, type=click.IntRange(1), help="Pictures in a row."
)
@click.option("--label", metavar="NAME", help="Only pictures with this label.")
@force_option
def show(data, out, pick, n, seed, columns, label, force):
    """Draw pictures of the set DATA on one sheet.

    Alike are pictures with nearly the same colours in the same places, mirrored or not: look for
    copies among them. Unusual are those far from all others: look for what does not belong.
    Distances are between colours averaged over a grid of 8×8, from 0 to 255. Of more than 20,000
    pictures, so many at random are compared.

    \b
    Examples:
      illust-gan dataset show data/faces-64 -o sheet.png
      illust-gan dataset show data/faces-64 -o copies.png --pick alike
      illust-gan dataset show data/faces-64 -o strangers.png --pick unusual --n 24
      illust-gan dataset show data/faces-64 -o cats.png --label cats
    """
    import numpy as np

    from illust_gan.datasets.labels import pictures_labelled
    from illust_gan.datasets.packed import PackedDataset
    from illust_gan.datasets.split import PictureSubset
    from illust_gan.generation.sheet import save_picture, sheet

    check_out(out, force)
    if pick == "alike" and (n < 2 or columns % 2):
        raise UserError(
            f"--n {n} in --columns {columns} parts the pairs of --pick alike; "
            "give --n 2 or more and an even number of columns"
        )
    dataset = PackedDataset(data)
    labelled = None if label is None else pictures_labelled(dataset, label)
    subset = PictureSubset(dataset, np.arange(len(dataset)) if labelled is None else labelled)
    n = min(n, len(subset))
    if n * dataset.size**2 > _MOST_PIXELS:
        raise UserError(
            f"--n {n} pictures of {dataset.size}×{dataset.size} make a sheet of "
            f"{n * dataset.size**2 // 10**6} megapixels; wanted {_MOST_PIXELS // 10**6} at the "
            "most: give fewer"
        )
    indexes, what, finds = _pick(subset, pick, n, seed)
    make_folder(out)
    save_picture(sheet(subset.take(indexes), columns=columns), out)
    what += "" if label is None else f", label {printable(label)}"
    click.echo(f"{what}, {dataset.size}×{dataset.size}, in {out}")
    for find in finds[:_NAMED]:
        click.echo(f"  {_in_words(find, subset)}")
    if len(finds) > _NAMED:
        click.echo(f"  and {len(finds) - _NAMED} more")


def _pick(subset, pick, n, seed):
    """Choose pictures; return their indexes, what they are, and the finds with their distances."""
    import numpy as np

    from illust_gan.datasets.likeness import EXACT, most_alike, most_unusual
    from illust_gan.datasets.manifest import plural

    if pick == "first":
        return list(range(n)), f"the first {plural(n, 'picture')}", []
    if pick == "random":
        # Of NumPy's generators, only RandomState gives the same for ever.
        indexes = np.random.RandomState(seed).permutation(len(subset))[:n].tolist()
        return indexes, f"{plural(n, 'picture')} at random (seed {seed})", []
    among = f" among {EXACT:,} at random (seed {seed})" if len(subset) > EXACT else ""
    if pick == "alike":
        pairs = most_alike(subset, n // 2, seed=seed)
        indexes = [i for pair in pairs for i in (pair.first, pair.second)]
        return indexes, f"the {plural(len(pairs), 'most alike pair')}{among}", pairs
    found = most_unusual(subset, n, seed=seed)
    indexes = [picture.index for picture in found]
    return indexes, f"the {plural(len(found), 'most unusual picture')}{among}", found


def _in_words(find, subset):
    from illust_gan.datasets.likeness import Pair
    from illust_gan.datasets.manifest import picture_name

    def name(i):
        return picture_name(subset.manifest, int(subset.indexes[i]))

    if isinstance(find, Pair):
        names = f"{name(find.first)} and {name(find.second)}"
        names += ", mirrored" if find.mirrored else ""
    else:
        names = name(find.index)
    return f"{find.distance:5.1f}  {names}"


@click.command()
@click.argument("data", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def info(data, as_json):
    """Say what the set DATA holds, where it comes from, and what was left out and why.

    \b
    Examples:
      illust-gan dataset info data/faces-64
      illust-gan dataset info data/faces-64 --json | jq .left_out
    """
    from illust_gan.datasets.description import describe, in_words
    from illust_gan.datasets.packed import PackedDataset

    dataset = PackedDataset(data)
    found = describe(dataset, progress=_watched())
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    lines = in_words(found)
    width = max(len(label) for label, _ in lines)
    click.echo(dataset.path)
    for label, text in lines:
        click.echo(f"  {label:{width}}  {text}")


@click.command()
@click.argument("data", type=click.Path())
def check(data):
    """Say whether the set DATA is still what was packed.

    All pixels, and the labels if there are any, are read and compared with the manifest. Exit code
    2 if something differs.

    \b
    Example:
      illust-gan dataset check data/faces-64
    """
    from illust_gan.datasets import checking
    from illust_gan.datasets.manifest import plural
    from illust_gan.datasets.packed import PackedDataset

    dataset = PackedDataset(data)
    sha256 = checking.check(dataset, progress=_watched())
    labels = f", {plural(len(dataset.label_names), 'label')}" if dataset.label_names else ""
    click.echo(
        f"{dataset.path.stem} matches its manifest: {plural(len(dataset), 'picture')}{labels}, "
        f"SHA-256 {sha256}"
    )


def _watched():
    return sys.stderr.isatty()
