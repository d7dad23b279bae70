import h5py
import numpy as np
import pytest

import illust_gan
from illust_gan.commands.main import main
from illust_gan.serializers.convert import convert
from illust_gan.serializers.load import serialized
from illust_gan.serializers.reader import SnapshotError, open_snapshot
from illust_gan.serializers.writer import write_npz
from tests.golden_run import GOLDEN


def arrays_of(file, prefix=""):
    with open_snapshot(file) as reader:
        return {n[len(prefix) :]: reader[n] for n in reader.files if n.startswith(prefix)}


def assert_same_arrays(before, after):
    assert before.keys() <= after.keys()
    assert after.keys() - before.keys() <= {"chainer_version"}
    for name, array in before.items():
        assert array.dtype == after[name].dtype
        assert array.tobytes() == after[name].tobytes(), name


@pytest.mark.parametrize("name", ["maccha-gen", "maccha-dis", "rezoolab-gen", "rezoolab-dis"])
def test_there_and_back(tmp_path, name):
    file = GOLDEN / f"{name}-chainer1.5.1.h5"
    convert(file, tmp_path / "a.npz")
    convert(tmp_path / "a.npz", tmp_path / "b.h5")
    before = arrays_of(file)
    assert_same_arrays(before, arrays_of(tmp_path / "a.npz"))
    assert_same_arrays(before, arrays_of(tmp_path / "b.h5"))
    # And its era is known in either format.
    load = illust_gan.load_generator if "gen" in name else illust_gan.load_discriminator
    nets = [serialized(load(f)) for f in (file, tmp_path / "a.npz", tmp_path / "b.h5")]
    for key, array in nets[0].items():
        np.testing.assert_array_equal(array, nets[1][key])
        np.testing.assert_array_equal(array, nets[2][key])


@pytest.mark.parametrize("role", ["gen", "dis"])
@pytest.mark.parametrize("ending", ["npz", "h5"])
def test_net_out_of_a_run(tmp_path, role, ending):
    run = GOLDEN / "rezoolab-trainer-snapshot-chainer1.24.0"
    out = tmp_path / f"x.{ending}"
    assert convert(run, out, role=role).startswith("rezoolab's")
    assert_same_arrays(arrays_of(run, f"updater/model:{role}/"), arrays_of(out))


def test_our_own_need_no_note(trained, tmp_path):
    convert(trained / "generator.npz", tmp_path / "gen.h5")
    assert_same_arrays(arrays_of(trained / "generator.npz"), arrays_of(tmp_path / "gen.h5"))
    assert "chainer_version" not in arrays_of(tmp_path / "gen.h5")


def test_state_of_an_optimiser(tmp_path):
    with h5py.File(tmp_path / "state.h5", "w") as f:
        f["t"], f["fc5/W/m"], f["none"] = 3, np.ones(4, "f"), h5py.Empty("f")
    assert convert(tmp_path / "state.h5", tmp_path / "state.npz") == "the optimiser's state"
    convert(tmp_path / "state.npz", tmp_path / "again.h5")
    before, after = arrays_of(tmp_path / "state.h5"), arrays_of(tmp_path / "again.h5")
    assert after.pop("none")[()] is before.pop("none")[()] is None
    assert_same_arrays(before, after)


def test_nothing_to_convert(tmp_path):
    np.savez(tmp_path / "x.npz", a=np.zeros(3))
    with pytest.raises(SnapshotError, match=r"holds no net of .*; nothing in it to convert"):
        convert(tmp_path / "x.npz", tmp_path / "x.h5")
    assert [path.name for path in tmp_path.iterdir()] == ["x.npz"]


def test_unknown_ending(tmp_path):
    with pytest.raises(illust_gan.UserError, match=r"x\.pkl ends in no known format"):
        convert(GOLDEN / "maccha-gen-chainer1.5.1.h5", tmp_path / "x.pkl")


def test_half_the_size(trained, tmp_path):
    out = tmp_path / "half.npz"
    assert main(["convert", str(trained / "generator.npz"), str(out), "--half"]) == 0
    with np.load(trained / "generator.npz") as whole, np.load(out) as half:
        assert {half[name].dtype.name for name in half.files if name.endswith("/W")} == {"float16"}
        for name in whole.files:
            if not name.endswith("/W"):
                np.testing.assert_array_equal(half[name], whole[name])
    faces = [
        illust_gan.generate(illust_gan.load_generator(p), 4)
        for p in (trained / "generator.npz", out)
    ]
    assert np.abs(faces[0].astype(int) - faces[1]).max() <= 2


# What TensorFlow trained


@pytest.mark.parametrize(
    ("name", "role", "what"),
    [
        ("tf-sugyan-generator", "gen", "sugyan's generator"),
        ("tf-kim", "gen", "Kim's generator"),
        ("tf-kim", "dis", "Kim's discriminator"),
        ("tf-kim-conditional", "gen", "Kim's generator with labels"),
        ("tf-kim-conditional", "dis", "Kim's discriminator with labels"),
    ],
)
@pytest.mark.parametrize("ending", ["npz", "h5"])
def test_net_of_tensorflow(tmp_path, name, role, what, ending):
    file, out = GOLDEN / f"{name}.npz", tmp_path / f"x.{ending}"
    assert convert(file, out, role=role) == what
    load = illust_gan.load_generator if role == "gen" else illust_gan.load_discriminator
    nets = [load(file), load(out)]
    assert type(nets[0]) is type(nets[1])
    assert nets[0].eps == nets[1].eps == (1e-3 if name.startswith("tf-sugyan") else 1e-5)
    assert_same_arrays(*map(serialized, nets))
    assert serialized(nets[0]).keys() == arrays_of(out).keys()


def test_half_the_size_of_a_net_of_tensorflow(tmp_path):
    convert(GOLDEN / "tf-kim.npz", tmp_path / "half.npz", half=True)
    faces = [
        illust_gan.generate(illust_gan.load_generator(file), 2)
        for file in (GOLDEN / "tf-kim.npz", tmp_path / "half.npz")
    ]
    assert arrays_of(tmp_path / "half.npz")["g_h4/W"].dtype == np.float16
    assert np.abs(faces[0].astype(int) - faces[1]).max() <= 2


@pytest.mark.parametrize("size", [49, 50, 64])
def test_size_that_the_arrays_tell_rounded_up(tmp_path, size):
    for role, load in (
        ("gen", illust_gan.load_generator),
        ("dis", illust_gan.load_discriminator),
    ):
        convert(GOLDEN / "tf-kim.npz", tmp_path / "a.npz", role=role, size=size)
        convert(tmp_path / "a.npz", tmp_path / "b.h5")
        for out in (tmp_path / "a.npz", tmp_path / "b.h5"):
            assert load(out).size == size
    gen = illust_gan.load_tensorflow_generator(GOLDEN / "tf-kim.npz", size=size)
    convert(GOLDEN / "tf-kim.npz", tmp_path / "a.npz", size=size)
    faces = illust_gan.generate(illust_gan.load_generator(tmp_path / "a.npz"), 2)
    assert faces.shape == (2, size, size, 3)
    np.testing.assert_array_equal(faces, illust_gan.generate(gen, 2))


@pytest.mark.parametrize("size", [0, 48, 65, 2**40])
def test_size_that_does_not_fit(tmp_path, size):
    file = GOLDEN / "tf-kim.npz"
    with pytest.raises(SnapshotError, match=rf"size is {size}, but .* are for 49 to 64; leave"):
        convert(file, tmp_path / "x.npz", size=size)
    assert list(tmp_path.iterdir()) == []
    convert(file, tmp_path / "x.npz", size=50)
    write_npz(tmp_path / "x.npz", {**arrays_of(tmp_path / "x.npz"), "size": np.asarray(size)})
    with pytest.raises(
        SnapshotError, match=rf"notes a size of {size} where its arrays are for 49 to 64"
    ):
        illust_gan.load_generator(tmp_path / "x.npz")


@pytest.mark.parametrize("note", [np.float32(50), np.zeros(2, int), np.asarray("50")])
def test_what_is_no_size_is_passed_over(tmp_path, note):
    convert(GOLDEN / "tf-kim.npz", tmp_path / "x.npz")
    write_npz(tmp_path / "x.npz", {**arrays_of(tmp_path / "x.npz"), "size": note})
    assert illust_gan.load_generator(tmp_path / "x.npz").size == 64


def test_size_of_another_file(trained, tmp_path):
    message = r"size 50 is given, which is for Kim's net of TensorFlow, but .* holds "
    with pytest.raises(illust_gan.UserError, match=message + "rezoolab's generator; leave it away"):
        convert(trained / "generator.npz", tmp_path / "x.npz", size=50)
    np.savez(tmp_path / "state.npz", t=np.asarray(3))
    with pytest.raises(illust_gan.UserError, match=message + "no net of .* 1 arrays: t; leave"):
        convert(tmp_path / "state.npz", tmp_path / "x.npz", size=50)
