"""``illust-gan export``: a generator for programs that know nothing of Chainer."""

import os

import click


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
@click.option("--force", is_flag=True, help="Replace OUT.onnx if it exists.")
@click.option(
    "--chainer-version",
    help="Of the Chainer that wrote SNAPSHOT, such as 1.5.  [default: concluded from the file]",
)
def onnx(snapshot, out, half, force, chainer_version):
    """Write the generator in SNAPSHOT as an ONNX model, checked against Chainer before it is kept.

    Its input is "z", float32 (batch, 100) on [-1, 1]; its output "picture", float32 (batch, 3,
    height, width), meant for [-1, 1]: maccha's go beyond and want to be clipped. It needs the
    packages onnx and onnxruntime.

    \b
    illust-gan export onnx results/000-rezoolab/generator.npz faces.onnx
    illust-gan export onnx dcgan_model_gen_100.h5 faces.onnx --half
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
    os.makedirs(os.path.dirname(os.path.abspath(out)), exist_ok=True)
    difference = export_onnx(gen, out, half=half, source=snapshot, overwrite=force)
    click.echo(
        f"ONNX model of opset {OPSET} in {out} ({os.path.getsize(out) / 1e6:.1f} MB); its pictures "
        f"differ from Chainer's by at most {difference:.1e} on the scale from -1 to 1"
    )
