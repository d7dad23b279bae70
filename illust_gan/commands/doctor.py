"""``illust-gan doctor``: what is here, what is mended, what is missing."""

import importlib.metadata
import importlib.util
import os
import platform

import click

from illust_gan import functions
from illust_gan.commands.device import list_gpus
from illust_gan.compat import finder, pth
from illust_gan.export.packages import REQUIREMENTS
from illust_gan.generation import mp4

_LIBRARIES = ("illust-gan", "chainer", "numpy", "h5py", "pillow", "matplotlib")
_GPU = (
    *("cupy-cuda13x", "cupy-cuda12x", "cupy"),
    *("nvidia-cudnn-cu13", "nvidia-cudnn-cu12", "nvidia-cudnn-frontend", "ml-dtypes"),
)
_OPENCV = "opencv-python-headless"
_ONNX = ("onnx", "onnxruntime")


@click.command()
@click.option(
    "--enable-import",
    is_flag=True,
    help="Make plain `import chainer` work in this environment, for old scripts as they are.",
)
@click.option("--disable-import", is_flag=True, help="Undo --enable-import.")
def doctor(enable_import, disable_import):
    """Say what is installed, mended and missing."""
    if enable_import and disable_import:
        raise click.UsageError("--enable-import and --disable-import undo each other; give one")
    if enable_import:
        path = pth.enable_import()
        click.echo(f"`import chainer` now works in this environment without illust_gan: {path}")
        return
    if disable_import:
        if pth.disable_import():
            click.echo("`import chainer` needs `import illust_gan` before it again")
        else:
            click.echo(f"nothing to undo: there is no {pth.pth_path()}")
        return

    import chainer

    _section("versions", _versions())
    _section(f"mends of Chainer {chainer.__version__}", _mends())
    names, why_none = list_gpus()
    _section("devices", [("-1", f"CPU, {os.cpu_count()} cores"), *enumerate(names)])
    _section("fast paths", _fast_paths(names))
    for advice in _missing(names, why_none):
        click.echo(f"\n{advice}")


def _section(title, rows):
    click.echo(f"{title}:")
    width = max(len(str(name)) for name, _ in rows)
    for name, value in rows:
        click.echo(f"  {name!s:{width}}  {value}")


def _versions():
    rows = [("Python", platform.python_version())]
    for name in (*_LIBRARIES, *_GPU, _OPENCV, *_ONNX, "av"):
        try:
            rows.append((name, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            if name in _LIBRARIES:
                rows.append((name, "missing"))
    return rows


def _mends():
    rows = []
    for module in finder.MENDS:
        state = "in force" if finder.in_force(module) else "once imported"
        mends = [mend for mend in finder.load_mends(module) if not _is_fast_path(mend)]
        rows += [(state, mend.WHAT) for mend in mends]
    return list(dict.fromkeys(rows))


def _is_fast_path(mend):
    return mend.__name__.startswith(f"{functions.__name__}.")


def _fast_paths(names):
    from illust_gan.functions import library, switch

    why_plain = switch.why_plain()
    if why_plain is not None:
        rows = [("CPU", f"Chainer's own functions on NumPy: {why_plain}")]
    else:
        build, threads = library.find_build().upper(), switch.config.threads
        plural = "" if threads == 1 else "s"
        rows = [("CPU", f"compiled kernels for {build}, {threads} thread{plural}, for")]
        rows += [("", f"  {path.WHAT}") for path in _paths() if not _is_for_gpu(path)]
    if names:
        from illust_gan.functions.cuda import cudnn

        why_not = cudnn.why_not() if switch.config.fast else why_plain
        if why_not is not None:
            rows.append(("GPU", f"Chainer's own functions on CuPy: {why_not}"))
        else:
            rows.append(("GPU", f"cuDNN {cudnn.version()} and kernels of this package, for"))
            rows += [("", f"  {path.WHAT}") for path in _paths() if _is_for_gpu(path)]
    return rows


def _paths():
    for module in functions.FAST_PATHS:
        yield from filter(_is_fast_path, finder.load_mends(module))


def _is_for_gpu(mend):
    return mend.__name__.startswith(f"{functions.__name__}.cuda.")


def _missing(names, why_none):
    if not names:
        yield f"no GPU: {why_none}"
    if importlib.util.find_spec("cv2") is None:
        yield f"no OpenCV, for dataset pack --faces: pip install '{_OPENCV}>=4.10,<5'"
    missing = [i for i, name in enumerate(_ONNX) if importlib.util.find_spec(name) is None]
    if missing:
        what = " and no ".join(_ONNX[i] for i in missing)
        advice = " ".join(f"'{REQUIREMENTS[i]}'" for i in missing)
        yield f"no {what}, for export onnx: pip install {advice}"
    if importlib.util.find_spec("av") is None:
        yield f"no av, for walk -o FILE.mp4: pip install '{mp4.REQUIREMENT}'"
    if not pth.pth_path().exists():
        yield "old scripts that only `import chainer`: illust-gan doctor --enable-import"
