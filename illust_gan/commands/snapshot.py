"""``illust-gan inspect`` and ``illust-gan convert``: what is in a snapshot, and in which format."""

import click

from illust_gan.commands.output import check_out

_version_option = click.option(
    "--chainer-version",
    help="Of the Chainer that wrote the file, such as 1.5.  [default: concluded from the file]",
)


@click.command()
@click.argument("file", type=click.Path())
@_version_option
def inspect(file, chainer_version):
    """Say what FILE is: its kind, nets, the Chainer that wrote it, and whether it is healthy.

    \b
    illust-gan inspect dcgan_model_gen_100.h5
    illust-gan inspect result/snapshot_iter_20000
    illust-gan inspect checkpoint/DCGAN.model-1000
    """
    from illust_gan.serializers.describe import describe

    lines = describe(file, chainer_version=chainer_version)
    width = max(len(label) for label, _ in lines)
    click.echo(file)
    for label, text in lines:
        click.echo(f"  {label:{width}}  {text}")


@click.command()
@click.argument("file", metavar="IN", type=click.Path())
@click.argument("out", type=click.Path())
@click.option(
    "--role",
    default="gen",
    show_default=True,
    type=click.Choice(["gen", "dis"]),
    help="Which net, of a file that holds both.",
)
@_version_option
@click.option(
    "--size",
    type=click.IntRange(1),
    help="Edge of the picture of Kim's net of TensorFlow.  [default: the next multiple of 16]",
)
@click.option("--half", is_flag=True, help="Round the weights to float16, for half the size.")
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
def convert(file, out, role, chainer_version, size, half, force):
    """Write the net in IN to OUT, as .npz or .h5; the arrays are the same to the bit.

    A net of TensorFlow's becomes one of Chainer's, for all that snapshots are good for.

    \b
    illust-gan convert dcgan_model_gen_100.h5 gen.npz
    illust-gan convert result/snapshot_iter_20000 gen.h5
    illust-gan convert checkpoint/DCGAN.model-1000 gen.npz
    """
    from illust_gan.serializers.convert import convert

    check_out(out, force, ending=None, flag="")
    what = convert(file, out, role=role, chainer_version=chainer_version, half=half, size=size)
    click.echo(f"{what} of {file} in {out}")
