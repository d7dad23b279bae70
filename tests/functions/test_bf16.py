"""Products in bf16: each body of them, emulated where the processor lacks its instructions."""

import functools
import pathlib
import shutil
import subprocess

import chainer
import chainer.functions as F
import numpy as np
import pytest

import illust_gan
from illust_gan.functions import library, switch

FLAGS = "-std=gnu11 -Og -ffp-contract=fast -Wno-psabi -fPIC -shared -pthread -DREAL=float -DBF16"
SOURCES = ("direct_*", "layout", "pool", "winograd_*")  # as in setup.py
EMULATION = ["-DVECTOR_BYTES=64", "-DEMULATED", "-include"]
EMULATION.append(str(pathlib.Path(__file__).with_name("emulated_bf16.h")))
AVX512BF16 = ["-march=x86-64-v4", "-mavx512bf16", "-DVECTOR_BYTES=64"]
V3 = "-march=x86-64-v3"
# The bodies of the inner product: flags of the compiler, and those of the processor to run it.
BODIES = {
    "portable": ([V3, "-DVECTOR_BYTES=32"], library.BUILDS["avx2"]),
    "avx512bf16, emulated": ([V3, *EMULATION], library.BUILDS["avx2"]),
    "amx, emulated": ([V3, *EMULATION, "-DEMULATE_AMX"], library.BUILDS["avx2"]),
    "avx512bf16": (AVX512BF16, library.BF16_BUILDS["avx512bf16"]),
    "amx": ([*AVX512BF16, "-mamx-tile", "-mamx-bf16"], library.BF16_BUILDS["amx"]),
}
HAS_BF16 = library.BF16_BUILDS["avx512bf16"] <= library.processor_flags()
needs_bf16 = pytest.mark.skipif(not HAS_BF16, reason="this processor has no AVX512-BF16")
lacks_bf16 = pytest.mark.skipif(HAS_BF16, reason="this processor has AVX512-BF16")
K4_S2_P1 = {"stride": 2, "pad": 1}
# (batch, channels in, channels out, size, kernel, options), by minimal filtering and directly.
LAYERS = {
    "two kinds of panels": (7, 64, 96, (10, 6), 4, K4_S2_P1),
    "more tiles than fit at once": (33, 64, 64, (8, 6), 4, K4_S2_P1),
    "one picture": (1, 64, 64, (14, 12), 4, K4_S2_P1),
    "one tile": (1, 64, 32, (4, 4), 4, K4_S2_P1),
    "channels not of 32": (40, 48, 80, (6, 5), 4, K4_S2_P1),
    "three channels in": (2, 3, 64, (16, 16), 4, K4_S2_P1),
    "three channels out": (5, 64, 3, (8, 8), 4, K4_S2_P1),
    "few channels": (3, 5, 7, (9, 7), 3, {"stride": 2, "pad": 1}),
    "odd sums": (3, 21, 19, (9, 7), 3, {"stride": 2, "pad": 1}),
    "even sums": (3, 22, 20, (9, 7), 3, {"stride": 2, "pad": 1}),
    "one number": (1, 1, 1, (5, 3), 1, {}),
    "dilated": (2, 17, 33, (7, 6), (3, 2), {"pad": (1, 0), "dilate": (2, 1)}),
    "groups": (7, 3, 5, (6, 6), 3, {"groups": 3}),
    "groups of more channels": (7, 17, 18, (6, 6), 3, {"groups": 2}),
}


@pytest.fixture(scope="module", params=BODIES)
def kernels(request, tmp_path_factory):
    flags, needed = BODIES[request.param]
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    if not needed <= library.processor_flags():
        pytest.skip(f"this processor has no {', '.join(needed - library.processor_flags())}")
    if request.param == "amx" and not library.request_amx():
        pytest.skip("the system keeps the tiles of AMX to itself")
    path = tmp_path_factory.mktemp("kernels") / "bf16.so"
    sources = [p for name in SOURCES for p in sorted(map(str, library.FOLDER.glob(f"{name}.c")))]
    subprocess.run([compiler, *FLAGS.split(), *flags, *sources, "-lm", "-o", path], check=True)
    return library.Kernels(path)


@pytest.fixture
def installed(kernels, monkeypatch):
    """Have these kernels taken, on any processor."""
    monkeypatch.setitem(switch._loaded, "bf16", kernels)
    monkeypatch.setitem(vars(illust_gan.config), "precision", "bf16")
    kernels.pool_set_threads(illust_gan.config.threads)
    return kernels


def small_integers():
    """So small that sums and differences of four in minimal filtering fit into 8 bits."""
    rng = np.random.RandomState(0)
    return lambda *shape: rng.randint(-7, 8, shape)


def normal_numbers():
    return np.random.RandomState(0).randn


def outputs_and_gradients(function, layer, numbers):
    """y, gx, gW and gb of one layer."""
    n, c_in, c_out, size, ksize, options = LAYERS[layer]
    ksize = ksize if isinstance(ksize, tuple) else (ksize, ksize)
    groups = options.get("groups", 1)
    sides = (c_out, c_in) if function is F.convolution_2d else (c_in, c_out)
    draw = numbers()
    inputs = [draw(n, c_in * groups, *size)]
    inputs.append(draw(sides[0] * groups, sides[1], *ksize))
    inputs.append(draw(c_out * groups))
    variables = [chainer.Variable(array.astype("f")) for array in inputs]
    y = function(*variables, **options)
    y.grad = draw(*y.shape).astype("f")
    y.backward()
    return [y.array, *(v.grad for v in variables)]


@functools.cache
def in_float32(*args):
    with illust_gan.config.using(fast=False):
        return outputs_and_gradients(*args)


def both(*args):
    return zip(outputs_and_gradients(*args), in_float32(*args), strict=True)


@pytest.mark.parametrize("function", [F.convolution_2d, F.deconvolution_2d])
@pytest.mark.parametrize("layer", LAYERS)
def test_numbers_that_need_no_rounding_give_what_float32_gives(installed, function, layer):
    for got, wanted in both(function, layer, small_integers):
        np.testing.assert_allclose(got, wanted, rtol=0, atol=2e-6 * np.abs(wanted).max())


@pytest.mark.parametrize("function", [F.convolution_2d, F.deconvolution_2d])
@pytest.mark.parametrize("layer", LAYERS)
def test_other_numbers_are_rounded_to_eight_bits(installed, function, layer):
    errors = []
    for got, wanted in both(function, layer, normal_numbers):
        errors.append(np.sqrt(np.mean(np.square(got - wanted)) / np.mean(np.square(wanted))))
    assert max(errors) < 2e-2
    # Those of the bias are no products.
    assert min(errors[:3]) > 1e-4
    assert errors[3] < 1e-6


@pytest.mark.parametrize("layer", LAYERS)
def test_the_number_of_threads_does_not_change_a_bit(installed, layer):
    found = []
    for threads in (1, 2):
        installed.pool_set_threads(threads)
        arrays = outputs_and_gradients(F.convolution_2d, layer, normal_numbers)
        found.append([array.tobytes() for array in arrays])
    assert found[0] == found[1]


@pytest.mark.parametrize("function", [F.convolution_2d, F.deconvolution_2d])
def test_nothing_is_left_of_the_kernel_before(installed, function):
    # Sums of odd length end in half an operand.
    installed.pool_set_threads(1)
    args = (function, "odd sums", normal_numbers)
    found = [a.tobytes() for a in outputs_and_gradients(*args)]
    outputs_and_gradients(function, "even sums", lambda: lambda *shape: np.full(shape, np.nan))
    assert [a.tobytes() for a in outputs_and_gradients(*args)] == found


# float32 → bfloat16, as bits: ties go to even, what is too great to infinity, NaN stays NaN.
ROUNDED = {
    0x3F800000: 0x3F80,
    0x3F807FFF: 0x3F80,
    0x3F808000: 0x3F80,
    0x3F808001: 0x3F81,
    0x3F818000: 0x3F82,
    0x3FFF8000: 0x4000,
    0xBF818000: 0xBF82,
    0x00810001: 0x0081,
    0x7F7F7FFF: 0x7F7F,
    0x7F7FFFFF: 0x7F80,
    0xFF7FFFFF: 0xFF80,
    0x7F800000: 0x7F80,
    0xFF800000: 0xFF80,
    0x7F800001: 0x7FC0,
    0x7FFFFFFF: 0x7FFF,
    0xFFFFFFFF: 0xFFFF,
}


@pytest.mark.parametrize("filtering", [False, True])
def test_rounding(installed, filtering):
    before = np.array(list(ROUNDED), np.uint32).view(np.float32)
    wanted = (np.array(list(ROUNDED.values()), np.uint32) << 16).view(np.float32)
    # Each number alone in a picture and the first of its window, where minimal filtering leaves it
    # as it is, to be multiplied by 1.
    pictures, channels = len(before), np.arange(len(before)) * 3
    x = np.zeros((pictures, 64, 16, 16), np.float32)
    x[range(pictures), channels, 0, 0] = before
    size, tap, options = (4, 1, K4_S2_P1) if filtering else (1, 0, {})
    W = np.zeros((64, 64, size, size), np.float32)
    W[range(64), range(64), tap, tap] = 1
    y = F.convolution_2d(x, W, **options).array
    np.testing.assert_array_equal(y[range(pictures), channels, 0, 0], wanted)


def test_a_nan_stays_in_its_window(installed):
    x = np.zeros((2, 64, 16, 16), np.float32)
    x[0, 5, 0, 0] = np.nan
    y = F.convolution_2d(x, np.ones((64, 64, 4, 4), "f"), **K4_S2_P1).array
    assert np.isnan(y[0, :, 0, 0]).all()
    assert not np.isnan(y[:, :, 2:, 2:]).any()
    assert not np.isnan(y[1]).any()


@needs_bf16
def test_the_setting_takes_these_kernels():
    x, W = np.float32([[[[1 + 2**-9]]]]), np.ones((1, 1, 1, 1), np.float32)
    with illust_gan.config.using(precision="bf16"):
        assert F.convolution_2d(x, W).array == 1
        assert F.convolution_2d(x.astype(float), W.astype(float)).array == 1 + 2**-9
    assert F.convolution_2d(x, W).array == 1 + 2**-9


@lacks_bf16
def test_a_processor_without_says_so():
    with pytest.raises(illust_gan.UserError, match="this processor has no AVX512-BF16"):
        illust_gan.config.precision = "bf16"
    assert illust_gan.config.precision == "float32"


def test_other_precisions():
    with pytest.raises(illust_gan.UserError, match="precision is 'fp8'; give one of float32, tf32"):
        illust_gan.config.precision = "fp8"


def test_a_build_is_for_processors_with_its_instructions(monkeypatch, tmp_path):
    monkeypatch.setattr(library, "FOLDER", tmp_path)
    find_build = library.find_build.__wrapped__
    for name in library.BF16_BUILDS:
        (tmp_path / f"{name}-bf16.so").touch()
    for flags, permitted, build in (
        (library.BF16_BUILDS["amx"], True, "amx"),
        (library.BF16_BUILDS["amx"], False, "avx512bf16"),
        (library.BF16_BUILDS["avx512bf16"], True, "avx512bf16"),
    ):
        monkeypatch.setattr(library, "processor_flags", lambda flags=flags: flags)
        monkeypatch.setattr(library, "request_amx", lambda permitted=permitted: permitted)
        assert find_build("bf16") == build
    (tmp_path / "avx512bf16-bf16.so").unlink()
    with pytest.raises(library.LibraryError, match="were not compiled"):
        find_build("bf16")
