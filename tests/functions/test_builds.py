"""Builds for processors that are not at hand: the same source, its vectors made of smaller ones."""

import shutil
import subprocess

import numpy as np
import pytest

import illust_gan
from illust_gan.functions import library, switch
from tests.functions import test_convolution


@pytest.fixture(scope="module", params=["float", "double"])
def kernels_of_wide_vectors(request, tmp_path_factory):
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    path = tmp_path_factory.mktemp("kernels") / "wide.so"
    flags = "-std=gnu11 -O1 -march=x86-64-v3 -ffp-contract=fast -Wno-psabi -fPIC -shared -pthread"
    sources = sorted(map(str, library.FOLDER.glob("*.c")))
    defines = ["-DVECTOR_BYTES=64", f"-DREAL={request.param}"]
    subprocess.run([compiler, *flags.split(), *defines, *sources, "-lm", "-o", path], check=True)
    dtype = np.dtype("float32" if request.param == "float" else "float64")
    return dtype, library.Kernels(path)


@pytest.mark.parametrize("deed", ["convolution_2d", "deconvolution_2d"])
@pytest.mark.parametrize(("channels", "size"), [(64, 8), (96, 6), (20, 7), (3, 20)])
def test_wide_vectors_give_the_same(kernels_of_wide_vectors, deed, channels, size, monkeypatch):
    dtype, kernels = kernels_of_wide_vectors
    monkeypatch.setitem(switch._loaded, dtype, kernels)
    kernels.pool_set_threads(illust_gan.config.threads)
    rng = np.random.RandomState(0)
    x = rng.randn(9, channels, size, size).astype(dtype)
    W, b = rng.randn(channels, channels, 4, 4).astype(dtype), rng.randn(channels).astype(dtype)
    function = getattr(test_convolution.F, deed)
    test_convolution.assert_same(lambda *args: function(*args, stride=2, pad=1), (x, W, b))
