"""``illust-gan export``: a generator for programs that know nothing of Chainer."""

import os

import click

from illust_gan.commands.drawing import choose_label, label_option
from illust_gan.errors import UserError

_MOST_ABOUT = 100_000


@click.group()
def export():
    """Write a generator for programs that know nothing of Chainer."""


@export.command()
@click.argument("snapshot", type=click.Path())
@click.argument("out", metavar="OUT.onnx", type=click.Path())
@click.option(
    "--half",
    is_flag=True,
    help="Store weights as float16, in half the room; pictures stay within half a step of 8-bit "
    "ones.",
)
@label_option("--label")
@click.option("--force", is_flag=True, help="Replace OUT.onnx if it exists.")
@click.option(
    "--chainer-version",
    help="Of the Chainer that wrote SNAPSHOT, such as 1.5.  [default: concluded from the file]",
)
def onnx(snapshot, out, half, label, force, chainer_version):
    """Write the generator in SNAPSHOT as an ONNX model, checked against Chainer before it is kept.

    Its input is "z", float32 (batch, 100) on [-1, 1]; its output "picture", float32 (batch, 3,
    height, width), meant for [-1, 1]: maccha's go beyond and want to be clipped. Of a generator
    with labels, a model draws one. It needs the packages onnx and onnxruntime.

    \b
    illust-gan export onnx results/000-rezoolab/generator.npz faces.onnx
    illust-gan export onnx dcgan_model_gen_100.h5 faces.onnx --half
    illust-gan export onnx results/004-kim-conditional/generator.npz cats.onnx --label cats
    """
    from illust_gan.export.graph import OPSET
    from illust_gan.export.onnx import check_name, export_onnx
    from illust_gan.export.packages import import_packages
    from illust_gan.serializers.load import load_net

    # Before the snapshot is read, which may take longer.
    check_name(out, force)
    import_packages()
    gen, what = load_net(snapshot, "gen", chainer_version)
    click.echo(f"{snapshot} is {what}")
    gen = choose_label(gen, label)
    os.makedirs(os.path.dirname(os.path.abspath(out)), exist_ok=True)
    difference = export_onnx(gen, out, half=half, source=snapshot, overwrite=force)
    click.echo(
        f"ONNX model of opset {OPSET} in {out} ({os.path.getsize(out) / 1e6:.1f} MB); its pictures "
        f"differ from Chainer's by at most {difference:.1e} on the scale from -1 to 1"
    )


@export.command()
@click.argument("snapshot", type=click.Path())
@click.argument("out", metavar="OUT/", type=click.Path())
@click.option(
    "--directions",
    "directions_file",
    metavar="FILE",
    type=click.Path(),
    help="A slider for each direction in it.  [default: the model's own, or SeFa's first 8]",
)
@label_option("--label")
@click.option("--name", help="Heading of the page.  [default: from SNAPSHOT's name and --label]")
@click.option(
    "--about",
    metavar="FILE",
    type=click.Path(),
    help="Text for «About this generator»: data, credits.  [default: the model's card]",
)
@click.option(
    "--runtime",
    metavar="FILE.tgz",
    type=click.Path(),
    help="onnxruntime-web as npm pack makes it.  [default: what was installed with illust-gan]",
)
@click.option("--force", is_flag=True, help="Replace the page in OUT/ if there is one.")
@click.option(
    "--chainer-version",
    help="Of the Chainer that wrote SNAPSHOT, such as 1.5.  [default: concluded from the file]",
)
def web(snapshot, out, directions_file, label, name, about, runtime, force, chainer_version):
    """Write a page that draws the faces of SNAPSHOT in anybody's browser, into the folder OUT/.

    It has sliders for directions and noise, sheets to choose from and walks. All of it is files:
    copy OUT/ to any server of files. It needs the packages onnx and onnxruntime, to write it only.

    \b
    illust-gan export web rezoolab-avatars page
    illust-gan serve page
    """
    from illust_gan.export.packages import import_packages
    from illust_gan.export.web import check_page, check_runtime, export_web, heading
    from illust_gan.generation.direction_file import load_directions
    from illust_gan.generation.directions import check_directions
    from illust_gan.serializers.load import load_net
    from illust_gan.serializers.models import find_model

    check_page(out, force)
    check_runtime(runtime)
    import_packages()
    model = find_model(snapshot)
    if about is not None:
        about = _read_text(about, "--about")
    elif model is not None:
        about = _read_text(model.card, "the card")
    if directions_file is None and model is not None:
        directions_file = snapshot
    directions = load_directions(directions_file) if directions_file is not None else None
    gen, what = load_net(snapshot, "gen", chainer_version)
    click.echo(f"{snapshot} is {what}")
    gen = choose_label(gen, label)
    if directions is not None:
        check_directions(directions, gen, directions_file, snapshot)
    os.makedirs(os.path.dirname(os.path.abspath(out)), exist_ok=True)
    difference = export_web(
        gen,
        out,
        directions=directions,
        name=name if name is not None else heading(os.path.basename(snapshot), gen),
        about=about or "",
        archive=runtime,
        overwrite=force,
    )
    size = sum(
        os.path.getsize(os.path.join(folder, file))
        for folder, _, files in os.walk(out)
        for file in files
    )
    click.echo(
        f"page in {out} ({size / 1e6:.1f} MB); its pictures differ from Chainer's by at most "
        f"{difference:.1e} on the scale from -1 to 1; look at it with illust-gan serve {out}"
    )


def _read_text(path, what):
    try:
        with open(path, encoding="utf-8") as f:
            text = f.read(_MOST_ABOUT + 1)
    except UnicodeDecodeError as error:
        raise UserError(f"{what} {path} is no text in UTF-8; write it as one") from error
    if len(text) > _MOST_ABOUT:
        raise UserError(f"{what} {path} is longer than {_MOST_ABOUT:,} characters; shorten it")
    return text
