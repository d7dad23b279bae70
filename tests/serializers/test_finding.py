"""What TensorFlow trained is taken wherever a snapshot is."""

import h5py
import numpy as np
import pytest

import illust_gan
from illust_gan.nets import sugyan
from illust_gan.serializers.finding import find_nets, open_file
from illust_gan.serializers.load import load_net, serialized
from illust_gan.serializers.resume import load_optimizer, resume
from illust_gan.serializers.writer import write_npz
from tests.golden_run import GOLDEN
from tests.serializers.variables import assert_same, expect, golden, save

GENERATORS = {
    "tf-sugyan-generator": "sugyan's generator",
    "tf-kim": "Kim's generator",
    "tf-kim-conditional": "Kim's generator with labels",
}


@pytest.mark.parametrize("name", GENERATORS)
def test_generator(name):
    file = GOLDEN / f"{name}.npz"
    gen, what = load_net(file, "gen")
    assert what == f"{GENERATORS[name]} of TensorFlow"
    there = illust_gan.load_tensorflow_generator(file)
    assert type(gen) is type(there)
    assert_same(gen, there)
    assert_same(illust_gan.load_generator(str(file)), there)


@pytest.mark.parametrize("name", ["tf-sugyan-generator", "tf-kim"])
def test_faces_are_the_same_to_the_bit(name):
    faces, there = (
        illust_gan.generate(load(GOLDEN / f"{name}.npz"), 3)
        for load in (illust_gan.load_generator, illust_gan.load_tensorflow_generator)
    )
    assert faces.std() > 1
    np.testing.assert_array_equal(faces, there)


@pytest.mark.parametrize("name", ["tf-kim", "tf-kim-conditional"])
def test_discriminator(name):
    file = GOLDEN / f"{name}.npz"
    there = illust_gan.load_tensorflow_discriminator(file)
    assert_same(illust_gan.load_discriminator(file), there)


def test_hdf5(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as f:
        for name, array in golden("tf-kim").items():
            f[f"dcgan/{name}"] = array
    gen = illust_gan.load_generator(tmp_path / "x.h5")
    assert_same(gen, illust_gan.load_generator(GOLDEN / "tf-kim.npz"))


def test_chainers_nets_go_first(tmp_path):
    gen = illust_gan.load_generator(GOLDEN / "tf-kim.npz")
    gen.g_h4.b.array[...] = 0.5
    write_npz(tmp_path / "both.npz", {**golden("tf-kim"), **serialized(gen)})
    loaded, what = load_net(tmp_path / "both.npz", "gen")
    assert what == "kim's generator of illust-gan"
    assert_same(loaded, gen)


@pytest.mark.parametrize(
    ("name", "recipe", "end"),
    [("tf-kim", "kim", ""), ("tf-kim-conditional", "kim-conditional", " with labels")],
)
def test_recipe_is_that_of_the_net(name, recipe, end):
    file = GOLDEN / f"{name}.npz"
    with open_file(file) as reader:
        found = find_nets(file, reader)
    assert [(f.role, str(f), f.prefix) for f in found] == [
        ("gen", f"Kim's generator{end}", ""),
        ("dis", f"Kim's discriminator{end}", ""),
    ]
    assert {f.recipe.name for f in found} == {recipe}


def never_moved(name):
    variables = golden(name)
    for key in variables:
        if key.endswith("moving_mean"):
            variables[key][...] = 0
        elif key.endswith("moving_variance"):
            variables[key][...] = 1
    return variables


@pytest.mark.parametrize("name", ["tf-sugyan-generator", "tf-kim"])
def test_averages_that_never_moved_are_said_where_the_file_is_loaded(tmp_path, name):
    file = save(tmp_path, never_moved(name))
    for load in (illust_gan.load_generator, illust_gan.load_tensorflow_generator):
        with pytest.warns(illust_gan.errors.UserNotice, match="were never updated") as caught:
            load(file)
        assert [warning.filename for warning in caught] == [__file__]


def test_averages_that_never_moved_begin_anew(tmp_path):
    """With a decay of 0.999 they would take thousands of iterations from where they are."""
    with pytest.warns(illust_gan.errors.UserNotice):
        new = illust_gan.load_generator(save(tmp_path, never_moved("tf-sugyan-generator")))
    old = illust_gan.load_generator(GOLDEN / "tf-sugyan-generator.npz")
    for gen, n in ((new, 0), (old, sugyan.SETTLED)):
        assert {int(gen[f"conv{i}_bn"].N) for i in (1, 2, 3)} == {n}


# What is refused


def test_no_net(tmp_path):
    file = save(tmp_path, {f"layer{i}/kernel": np.zeros(1) for i in range(9)})
    message = (
        r"x\.npz holds no net of .*, but 9 arrays: layer0/kernel, .* and 5 more; "
        r"drawing wants a generator \(illust-gan inspect .*x\.npz says more\)"
    )
    expect(message, file, illust_gan.load_generator)


def test_the_other_of_two_nets(tmp_path):
    alone = {
        role: {k: v for k, v in golden("tf-kim").items() if k.startswith(role)} for role in "gd"
    }
    expect(
        r"x\.npz holds Kim's discriminator, of TensorFlow; drawing wants a generator",
        save(tmp_path, alone["d"]),
        illust_gan.load_generator,
    )
    expect(
        r"x\.npz holds Kim's generator, of TensorFlow; judging wants a discriminator",
        save(tmp_path, alone["g"]),
        illust_gan.load_discriminator,
    )


def test_what_does_not_fit(tmp_path):
    variables = golden("tf-kim")
    del variables["g_h1/w"]
    expect(
        r"x\.npz looks like Kim's generator but does not fit it: lacks g_h1/w; it needs",
        save(tmp_path, variables),
        illust_gan.load_generator,
    )


def test_chainer_version_of_what_chainer_did_not_write():
    message = (
        r"chainer_version 1\.5 is given, but .*tf-kim\.npz holds Kim's generator of TensorFlow"
    )
    with pytest.raises(illust_gan.UserError, match=message):
        illust_gan.load_generator(GOLDEN / "tf-kim.npz", chainer_version="1.5")


@pytest.mark.parametrize("load", [resume, load_optimizer])
def test_what_cannot_be_resumed(load):
    message = r"holds Kim's generator and Kim's discriminator, of TensorFlow; .*(run|optimiser)"
    with pytest.raises(illust_gan.UserError, match=message):
        load(GOLDEN / "tf-kim.npz", None)
