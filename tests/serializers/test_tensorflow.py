"""Variables of TensorFlow become nets, and what is wrong with them is said."""

import pathlib
import subprocess
import sys
import zipfile

import chainer
import h5py
import numpy as np
import pytest

import illust_gan
from illust_gan.nets import kim, kim_conditional, sugyan
from illust_gan.serializers.tensorflow_layouts import to_channels_first
from tests.golden_run import GOLDEN
from tests.serializers.variables import assert_same, expect, golden, save

NAMES = ("tf-sugyan-generator", "tf-kim", "tf-kim-conditional")


@pytest.fixture(params=NAMES)
def variables(request):
    return golden(request.param)


@pytest.fixture
def kims():
    return golden("tf-kim")


# What is read


def renamed(variables, rename):
    return {rename(name): array for name, array in variables.items()}


WAYS = {
    "as they are": lambda name: name,
    "var:": lambda name: f"var:{name}",
    ":0": lambda name: f"{name}:0",
    "both": lambda name: f"var:{name}:0",
    "scope": lambda name: f"dcgan/generator/{name}",
}


@pytest.mark.parametrize("way", WAYS)
def test_names(tmp_path, variables, way):
    file = save(tmp_path, renamed(variables, WAYS[way]))
    there = illust_gan.load_tensorflow_generator(save_plain(tmp_path, variables))
    assert_same(illust_gan.load_tensorflow_generator(file), there)


def save_plain(tmp_path, variables):
    (tmp_path / "plain").mkdir()
    return save(tmp_path / "plain", variables)


def test_widths_are_told_by_the_variables():
    gen = illust_gan.load_tensorflow_generator(GOLDEN / "tf-sugyan-generator.npz")
    assert type(gen) is sugyan.Generator
    assert (gen.n_hidden, gen.channels, gen.depths, gen.size) == (20, 3, (32, 24, 16, 8), 96)
    gen = illust_gan.load_tensorflow_generator(GOLDEN / "tf-kim.npz")
    assert type(gen) is kim.Generator
    assert (gen.n_hidden, gen.channels, gen.gf_dim, gen.size) == (20, 3, 8, 64)
    gen = illust_gan.load_tensorflow_generator(str(GOLDEN / "tf-kim-conditional.npz"))
    assert type(gen) is kim_conditional.Generator
    assert (gen.n_hidden, gen.channels, gen.y_dim, gen.gf_dim, gen.size) == (20, 1, 10, 8, 28)
    dis = illust_gan.load_tensorflow_discriminator(GOLDEN / "tf-kim-conditional.npz")
    assert type(dis) is kim_conditional.Discriminator
    assert (dis.channels, dis.y_dim, dis.size) == (1, 10, 28)


def test_discriminator_of_sugyans(tmp_path):
    """Every number at its place, one by one, and the sum by hand."""
    rng = np.random.RandomState(0)
    f, depths = 2, (4, 3, 6, 5)
    variables, n_in = {}, 3
    for i, n in enumerate(depths):
        scope = f"d/conv{i}/Conv"
        variables[f"{scope}/weights"] = rng.uniform(-1, 1, (5, 5, n_in, n)).astype("f")
        for name in ("beta", "moving_mean"):
            variables[f"{scope}/BatchNorm/{name}"] = rng.uniform(-1, 1, n).astype("f")
        variables[f"{scope}/BatchNorm/moving_variance"] = rng.uniform(1, 2, n).astype("f")
        n_in = n
    variables["d/classify/weights"] = rng.uniform(-1, 1, (f * f * n_in, 2)).astype("f")
    variables["d/classify/biases"] = rng.uniform(-1, 1, 2).astype("f")
    dis = illust_gan.load_tensorflow_discriminator(save(tmp_path, variables))
    assert type(dis) is sugyan.Discriminator
    assert (dis.channels, dis.depths, dis.size) == (3, depths, 32)
    x = rng.uniform(-1, 1, (2, 32, 32, 3)).astype("f")
    h = x.astype(float)
    for i in range(4):
        W = variables[f"d/conv{i}/Conv/weights"]
        m = h.shape[1] // 2
        h, big = np.zeros((2, m, m, W.shape[3])), np.pad(h, [(0, 0), (1, 2), (1, 2), (0, 0)])
        for r, c in np.ndindex(m, m):
            window = big[:, 2 * r : 2 * r + 5, 2 * c : 2 * c + 5]
            h[:, r, c] = np.einsum("nhwi,hwio->no", window, W)
        bn = {k: variables[f"d/conv{i}/Conv/BatchNorm/{k}"] for k in BN}
        h = (h - bn["moving_mean"]) / np.sqrt(bn["moving_variance"] + 1e-3) + bn["beta"]
        h = np.maximum(h, 0.2 * h)
    y = h.reshape(2, -1) @ variables["d/classify/weights"] + variables["d/classify/biases"]
    with chainer.using_config("train", False):
        found = dis(x.transpose(0, 3, 1, 2)).array
    np.testing.assert_allclose(found, y, rtol=1e-4, atol=1e-4 * abs(y).max())


BN = ("beta", "moving_mean", "moving_variance")


def test_discriminator_of_kims_later_program(tmp_path, kims):
    later = renamed(kims, lambda name: f"discriminator/{name.replace('d_h3_lin', 'd_h4_lin')}")
    found = illust_gan.load_tensorflow_discriminator(save(tmp_path, later))
    assert_same(found, illust_gan.load_tensorflow_discriminator(GOLDEN / "tf-kim.npz"))


def test_averages_under_the_names_of_operations(tmp_path, kims):
    """As up to December 2016, with what TensorFlow keeps beside them, and with two pairs in D."""
    ways = {
        "moving_mean": ("moments/moments_1/mean", "moments/Squeeze"),
        "moving_variance": ("moments/moments_1/variance", "moments/Squeeze_1"),
    }
    for which in (0, 1):
        earlier = {}
        for name, array in kims.items():
            scope, _, last = name.rpartition("/")
            if last not in ways:
                earlier[name] = array
                continue
            average = f"{ways[last][which]}/ExponentialMovingAverage"
            for i in (1, 2):
                # The later pair is the one to be read.
                earlier[f"{scope}/{scope}_{i}/{average}"] = array if i == 2 else array + 1
                earlier[f"{scope}/{scope}_{i}/{average}/biased"] = array
        file = save(tmp_path, earlier)
        for load in (
            illust_gan.load_tensorflow_generator,
            illust_gan.load_tensorflow_discriminator,
        ):
            assert_same(load(file), load(GOLDEN / "tf-kim.npz"))


def test_an_optimisers_variables_and_other_scopes_are_passed_over(tmp_path, variables):
    others = {f"{name}/{m}": v for name, v in variables.items() for m in ("Adam", "Adam_1")}
    others |= {"beta1_power": np.float32(0.5), "global_step": np.int64(3), "z": np.zeros(3)}
    found = illust_gan.load_tensorflow_generator(save(tmp_path, {**variables, **others}))
    assert_same(found, illust_gan.load_tensorflow_generator(save(tmp_path, variables)))


@pytest.mark.parametrize("dtype", [np.float16, np.float64, ">f4"])
def test_other_floats_become_float32(tmp_path, kims, dtype):
    file = save(tmp_path, {name: array.astype(dtype) for name, array in kims.items()})
    gen = illust_gan.load_tensorflow_generator(file)
    assert {param.dtype for param in gen.params()} == {np.dtype(np.float32)}
    np.testing.assert_allclose(gen.g_bn1.avg_var, kims["g_bn1/moving_variance"], rtol=1e-3)


def test_hdf5(tmp_path, kims):
    with h5py.File(tmp_path / "x.h5", "w") as f:
        for name, array in kims.items():
            f.create_dataset(name, data=array)
    gen = illust_gan.load_tensorflow_generator(tmp_path / "x.h5")
    assert_same(gen, illust_gan.load_tensorflow_generator(GOLDEN / "tf-kim.npz"))


@pytest.mark.parametrize("size", [49, 50, 63, 64])
def test_size_that_the_variables_tell_rounded_up(size):
    gen = illust_gan.load_tensorflow_generator(GOLDEN / "tf-kim.npz", size=size)
    dis = illust_gan.load_tensorflow_discriminator(GOLDEN / "tf-kim.npz", size=size)
    x = gen(np.zeros((2, 20), "f"))
    assert x.shape == (2, 3, size, size)
    assert dis(x).shape == (2, 1)


def test_order_of_pictures():
    picture = np.arange(24).reshape(2, 3, 4)
    np.testing.assert_array_equal(
        to_channels_first(picture.ravel(), (2, 3, 4)), picture.transpose(2, 0, 1).ravel()
    )


def test_averages_that_never_moved_are_said(tmp_path):
    variables = golden("tf-sugyan-generator")
    for name in variables:
        if name.endswith("moving_mean"):
            variables[name][...] = 0
        elif name.endswith("moving_variance"):
            variables[name][...] = 1
    with pytest.warns(UserWarning, match=r"averages in .*x\.npz were never updated") as caught:
        gen = illust_gan.load_tensorflow_generator(save(tmp_path, variables))
    assert caught[0].filename == __file__
    assert "those of 256 z were taken in their place" in str(caught[0].message)
    z = np.random.RandomState(9).uniform(-1, 1, (256, gen.n_hidden)).astype("f")
    untouched = gen.copy("copy")
    for link in untouched.children():
        if hasattr(link, "avg_var"):
            link.avg_mean[...], link.avg_var[...] = 0, 1

    def draw(gen, train):
        with chainer.using_config("train", train), chainer.no_backprop_mode():
            return gen.copy("copy")(z).array

    def distance(x):
        return np.sqrt(((x - draw(gen, True)) ** 2).mean()) / draw(gen, True).std()

    # As its program draws them, within what another minibatch changes.
    assert distance(draw(gen, False)) < 0.2
    assert distance(draw(untouched, False)) > 0.5
    assert all(int(link.N) == 0 for link in gen.children() if hasattr(link, "N"))
    # Statistics of a minibatch need no averages.
    arrays = np.load(GOLDEN / "tf-sugyan-generator.npz")
    x = gen(arrays["z"]).array.transpose(0, 2, 3, 1)
    np.testing.assert_allclose(x, arrays["x_train"], rtol=0, atol=5e-6)


# What is refused


def test_missing_file(tmp_path):
    expect(r"none\.npz does not exist; give an \.npz", tmp_path / "none.npz")


def test_no_archive(tmp_path):
    (tmp_path / "x.npz").write_bytes(b"hello")
    expect(r"x\.npz is neither an \.npz archive nor HDF5 nor", tmp_path / "x.npz")


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99])
def test_truncated(tmp_path, keep):
    whole = (GOLDEN / "tf-kim.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(illust_gan.UserError, match=r"cut\.npz"):
        illust_gan.load_tensorflow_generator(tmp_path / "cut.npz")


def test_missing_variable(tmp_path, variables):
    for name in [name for name in variables if name.startswith("g")]:
        others = {k: v for k, v in variables.items() if k != name}
        expect(rf"generator.* does not fit it: lacks {name}; it needs", save(tmp_path, others))


def test_nets_with_names_in_common_are_told_apart_by_the_others(tmp_path, kims):
    others = {name: array for name, array in kims.items() if not name.startswith("g_bn3")}
    expect(r"looks like Kim's generator but .* lacks g_bn3/beta, ", save(tmp_path, others))


def test_wrong_shape(tmp_path, variables):
    for name in [name for name in variables if name.startswith("g")]:
        wrong = {**variables, name: np.concatenate([variables[name]] * 2, axis=-1)}
        expect(r"does not fit it: .*(is \(.*\) where \(.*\) is wanted|, which is no net of faces)",
               save(tmp_path, wrong))  # fmt: skip


def test_wrong_number_of_axes(tmp_path, kims):
    kims["g_h4/w"] = kims["g_h4/w"].ravel()
    expect(r"g_h4/w is \(600,\) where 4 axes are wanted", save(tmp_path, kims))
    kims["g_h4/w"] = np.float32(1)
    expect(r"g_h4/w is \(\) where 4 axes are wanted", save(tmp_path, kims))


def test_unknown_variable(tmp_path, kims):
    kims["g_h5/w"] = np.zeros(3)
    expect(
        r"looks like Kim's generator but does not fit it: has g_h5/w besides", save(tmp_path, kims)
    )
    # It is none of the discriminator's business.
    illust_gan.load_tensorflow_discriminator(tmp_path / "x.npz")


def test_variable_twice(tmp_path, kims):
    kims["g_h1/w:0"] = kims["g_h1/w"]
    expect(r"has g_h1/w twice, as g_h1/w and g_h1/w:0; leave one away", save(tmp_path, kims))


def test_no_floats(tmp_path, kims):
    kims["g_h1/biases"] = kims["g_h1/biases"].astype(np.int64)
    expect(r"has g_h1/biases as int64 where float32 is wanted", save(tmp_path, kims))


def test_no_such_net(tmp_path):
    file = save(tmp_path, {f"layer{i}/kernel": np.zeros(1) for i in range(9)})
    expect(
        r"holds no generator of sugyan's or Kim's: 9 variables, layer0/kernel, .* and 5 more",
        file,
    )


def test_the_other_of_two_nets(tmp_path, kims):
    file = save(tmp_path, {k: v for k, v in kims.items() if k.startswith("g_")})
    expect(
        r"holds no discriminator of sugyan's or Kim's, but Kim's generator: 26 variables",
        file,
        illust_gan.load_tensorflow_discriminator,
    )


def test_generator_that_was_fed_z_in_the_wrong_place(tmp_path):
    variables = golden("tf-kim-conditional")
    variables["g_h1_lin/Matrix"] = np.zeros((30, 784), "f")
    expect(
        r"g_h1_lin/Matrix is \(30, 784\) where \(74, 784\) is wanted.*before October 2016",
        save(tmp_path, variables),
    )


@pytest.mark.parametrize("size", [48, 65, 0, -3])
def test_size_of_other_variables(size):
    expect(rf"size is {size}, but .* are for 49 to 64", GOLDEN / "tf-kim.npz", size=size)


def test_size_of_a_net_that_does_not_round():
    expect(r"size is 95, but .* are for 96; leave", GOLDEN / "tf-sugyan-generator.npz", size=95)
    expect(r"size is 27, but .* are for 28; leave", GOLDEN / "tf-kim-conditional.npz", size=27)


def test_code_in_a_file_is_never_run(tmp_path, kims):
    class Attack:
        def __reduce__(self):
            return pathlib.Path.touch, (tmp_path / "proof",)

    kims["g_h1/biases"] = np.array([Attack()], dtype=object)
    with pytest.raises(illust_gan.UserError, match=r"x\.npz"):
        illust_gan.load_tensorflow_generator(save(tmp_path, kims))
    assert not (tmp_path / "proof").exists()


def test_variables_that_promise_a_huge_net(tmp_path, kims):
    """Shapes that fit together, of 4 GB, without the numbers."""
    with zipfile.ZipFile(tmp_path / "x.npz", "w", zipfile.ZIP_DEFLATED) as z:
        for name, array in kims.items():
            shape = {"g_h0_lin/Matrix": (1_000_000, 1024)}.get(name, array.shape)
            data = array if shape == array.shape else np.zeros((), "f")
            header = {"descr": "<f4", "fortran_order": False, "shape": shape}
            with z.open(f"{name}.npy", "w") as f:
                np.lib.format.write_array_header_1_0(f, header)
                f.write(data.tobytes())
    with pytest.raises(illust_gan.UserError, match=r"g_h0_lin/Matrix has 4 bytes where"):
        illust_gan.load_tensorflow_generator(tmp_path / "x.npz")


@pytest.mark.parametrize("name", ["a/" * 30_000, "g_bn0/" + "moments/" * 7_000])
def test_names_of_nobodys_making_take_no_time(tmp_path, kims, name):
    end = "ExponentialMovingAverage"
    file = save(tmp_path, {**kims, f"{name}g_h1/w": np.zeros(1), f"{name}{end}": np.zeros(1)})
    code = """
import sys, illust_gan
try:
    illust_gan.load_tensorflow_generator(sys.argv[1])
except illust_gan.UserError as error:
    assert len(str(error)) < 1000, error
"""
    subprocess.run([sys.executable, "-c", code, str(file)], check=True, timeout=60)


@pytest.mark.parametrize("shape", [(5, 5, 0, 8), (5, 5, 8, 0), (5, 5, 0, 0)])
def test_nets_without_width(tmp_path, kims, shape):
    expect(r"does not fit it", save(tmp_path, {**kims, "g_h4/w": np.zeros(shape, "f")}))


def test_nets_with_less_than_no_labels(tmp_path):
    variables = golden("tf-kim-conditional")
    variables["g_h2/w"] = np.zeros((5, 5, 26, 16), "f")
    expect(r"does not fit it", save(tmp_path, variables))


def test_few_weights_of_an_enormous_picture(tmp_path):
    gen = kim.Generator(1, 1, size=1040, gf_dim=1, rng=np.random.RandomState(0))
    variables = {"g_h0_lin/Matrix": gen.g_h0_lin.W.array.T, "g_h0_lin/bias": gen.g_h0_lin.b.array}
    for i, n in enumerate((8, 4, 2, 1)):
        for name in ("gamma", "beta", "moving_mean", "moving_variance"):
            variables[f"g_bn{i}/{name}"] = np.ones(n, "f")
        variables[f"g_h{i + 1}/w"] = gen[f"g_h{i + 1}"].W.array.transpose(2, 3, 1, 0)
        variables[f"g_h{i + 1}/biases"] = gen[f"g_h{i + 1}"].b.array
    expect(
        r"its shapes tell n_hidden 1, channels 1, size 1040, gf_dim 1,", save(tmp_path, variables)
    )
