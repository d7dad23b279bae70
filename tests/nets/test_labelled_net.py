import chainer
import numpy as np
import pytest

import illust_gan
from illust_gan.nets import kim_conditional
from illust_gan.nets.article_net import from_signed, to_signed
from illust_gan.serializers.reader import SnapshotError
from illust_gan.serializers.writer import save_npz

SMALL = {"y_dim": 3, "gf_dim": 4, "gfc_dim": 16}


def generator():
    return kim_conditional.Generator(8, 3, **SMALL, rng=np.random.RandomState(0))


def z(n=2):
    return np.random.RandomState(1).uniform(-1, 1, (n, 8)).astype("f")


def test_a_label_is_needed():
    gen = generator()
    with pytest.raises(ValueError, match="wants a label beside each input; give y, one-hot"):
        gen(z())
    dis = kim_conditional.Discriminator(3, y_dim=3, df_dim=4, dfc_dim=16)
    with pytest.raises(ValueError, match="wants a label beside each input"):
        dis(np.zeros((2, 3, 28, 28), "f"))


@pytest.mark.parametrize("label", [0, 2])
def test_one_label_for_all(label):
    gen = generator()
    gen.label = label
    with chainer.using_config("train", False):
        found = gen(z()).array
        np.testing.assert_array_equal(found, gen(z(), np.eye(3, dtype="f")[[label] * 2]).array)
    np.testing.assert_array_equal(gen.first_input(z()).array[:, 8:].argmax(axis=1), [label] * 2)


def test_names():
    gen = generator()
    assert gen.label_names == ("0", "1", "2")
    gen.label_names = ["red", "blue", "ピンク"]
    assert gen.label_names == ("red", "blue", "ピンク")
    assert "3×28×28, 3 labels" in repr(gen)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a", "b"], "2 names of labels were given; wanted 3"),
        (["a", "b", "a"], "two labels have the same name"),
        (["a", "b", ""], "or one has none"),
        (["a", "b", "c\n"], r"a label is called 'c\\n'; wanted at most 255 characters"),
        (["a", "b", 3], "a label is called 3; wanted"),
        (["a", "b", "x" * 256], "wanted at most 255"),
    ],
)
def test_what_is_no_name(names, message):
    gen = generator()
    with pytest.raises(ValueError, match=message):
        gen.label_names = names
    assert gen.label_names == ("0", "1", "2")


def test_names_are_in_the_snapshot(tmp_path):
    gen = generator()
    gen.label_names = ("red", "blue", "ピンク")
    save_npz(tmp_path / "gen.npz", gen)
    assert illust_gan.load_generator(tmp_path / "gen.npz").label_names == gen.label_names


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (np.array("[]"), "0 names of labels were given; wanted 3"),
        (np.array('["a", "b", "\\u001b[2J"]'), "wanted at most 255 characters that can be shown"),
        (np.array("["), "label_names is no list of names"),
        (np.array("3"), "label_names is no list of names"),
        (np.array("[" * 10**5), "label_names is no list of names"),
        (np.array("[" + "1," * 10**6 + "1]"), "label_names is no list of names"),
        (np.float32(3), "its label_names is float32 where"),
        (np.zeros(3, "f"), r"label_names is \(3,\) where \(\) is wanted"),
    ],
    ids=["none", "escape", "cut", "number", "deep", "long", "float", "floats"],
)
def test_hostile_names_are_refused(tmp_path, written, message):
    save_npz(tmp_path / "gen.npz", generator())
    with np.load(tmp_path / "gen.npz") as npz:
        arrays = dict(npz)
    arrays["label_names"] = written
    np.savez(tmp_path / "bad.npz", **arrays)
    with pytest.raises(SnapshotError, match=message):
        illust_gan.load_generator(tmp_path / "bad.npz")
    del arrays["label_names"]
    np.savez(tmp_path / "old.npz", **arrays)
    assert illust_gan.load_generator(tmp_path / "old.npz").label_names == ("0", "1", "2")


def test_pixels_go_from_one_range_to_the_other_and_back_exactly():
    gen = generator()
    p = np.arange(256, dtype=np.float32)
    signed = (p - 128) / 128
    np.testing.assert_array_equal(from_signed(gen, signed), p / 256)
    np.testing.assert_array_equal(to_signed(gen, p / 256), signed)
    other = illust_gan.nets.rezoolab.Generator(8)
    assert to_signed(other, signed) is from_signed(other, signed) is signed


@pytest.mark.parametrize("arguments", [{}, {"size": 64, "n_hidden": 5, "channels": 1}])
def test_a_snapshot_tells_all_sizes(tmp_path, arguments):
    arguments = {"n_hidden": 8, "channels": 3, "size": 28, **arguments}
    gen = kim_conditional.Generator(**arguments, y_dim=7, gf_dim=3, gfc_dim=11)
    dis = kim_conditional.Discriminator(
        arguments["channels"], size=arguments["size"], y_dim=7, df_dim=5, dfc_dim=13
    )
    save_npz(tmp_path / "gen.npz", gen)
    save_npz(tmp_path / "dis.npz", dis)
    found = illust_gan.load_generator(tmp_path / "gen.npz")
    for name in (*arguments, "y_dim", "gf_dim"):
        assert getattr(found, name) == getattr(gen, name)
    found = illust_gan.load_discriminator(tmp_path / "dis.npz")
    for name in ("channels", "size", "y_dim"):
        assert getattr(found, name) == getattr(dis, name)
    shapes = {path: param.shape for path, param in dis.namedparams()}
    assert {path: param.shape for path, param in found.namedparams()} == shapes
