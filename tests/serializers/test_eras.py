"""Every golden file draws what its author saw; and each conclusion about an era is reached."""

import datetime

import chainer
import h5py
import numpy as np
import pytest

import illust_gan
from illust_gan.nets import RECIPES
from illust_gan.serializers.eras import ChainerVersionError, by_version, find_era
from illust_gan.serializers.load import serialized
from illust_gan.serializers.reader import open_snapshot
from illust_gan.serializers.writer import save_npz, write_npz
from tests.golden_run import GOLDEN, OF_2015, read


def in_test_mode(net, x):
    # 6e-7 is how near Chainer's own functions come; even float64 is 6.1e-7 away from maccha's
    # pictures. tests/nets/test_golden.py holds the fast paths to a bound of their own.
    with chainer.using_config("train", False), illust_gan.config.using(fast=False):
        return net(x).array


@pytest.mark.parametrize("version", ["1.5", None])
@pytest.mark.parametrize("net", OF_2015)
def test_golden_of_chainer_1_5(net, version):
    arrays = read(net)[0]
    gen = illust_gan.load_generator(GOLDEN / f"{net}-gen-chainer1.5.1.h5", chainer_version=version)
    x = in_test_mode(gen, arrays["z"])
    np.testing.assert_allclose(x, arrays["x_snapshot"], rtol=0, atol=6e-7)
    dis = illust_gan.load_discriminator(
        GOLDEN / f"{net}-dis-chainer1.5.1.h5", chainer_version=version
    )
    y = in_test_mode(dis, np.clip(arrays["x_snapshot"], -1, 1))
    # A logit is a sum of 8,192 or 18,432 products. Computed in float64, it is 7e-6 (maccha, whose
    # logits reach 4.5) and 2e-6 away from what Chainer 1.5.1 itself computed in float32.
    np.testing.assert_allclose(y, arrays["y_snapshot"], rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "name", ["rezoolab-gen-chainer1.24.0.npz", "rezoolab-trainer-snapshot-chainer1.24.0"]
)
@pytest.mark.parametrize("version", ["1.24", None])
def test_golden_of_chainer_1_24(name, version):
    golden = np.load(GOLDEN / "rezoolab-golden-chainer1.24.0.npz")
    gen = illust_gan.load_generator(GOLDEN / name, chainer_version=version)
    np.testing.assert_allclose(in_test_mode(gen, golden["z"]), golden["x"], rtol=0, atol=6e-7)


def test_the_wrong_era_shows():
    """So that the tests above test something."""
    arrays = read("maccha")[0]
    x = np.clip(arrays["x_snapshot"], -1, 1)
    dis = illust_gan.load_discriminator(
        GOLDEN / "maccha-dis-chainer1.5.1.h5", chainer_version="1.24"
    )
    assert np.abs(in_test_mode(dis, x) - arrays["y_snapshot"]).max() > 0.05


@pytest.mark.parametrize(
    ("version", "eps", "holds"),
    [
        ("1.5", 1e-5, True),
        ("v1.13.0", 1e-5, True),
        ("1.14", 2e-5, False),
        ("1.15.0.1", 2e-5, False),
        ("7.8.1", 2e-5, False),
        (2, 2e-5, False),
    ],
)
def test_versions(version, eps, holds):
    era = by_version(version)
    assert (era.eps, era.holds_eps, era.why) == (eps, holds, "as given")


@pytest.mark.parametrize("version", ["", "8", "0.9", "1.5.x", "1,5", "newest"])
def test_no_version(version):
    with pytest.raises(ChainerVersionError, match=r"no version of Chainer; give one of 1\.5 to"):
        by_version(version)


def era_of(file, **options):
    with open_snapshot(file) as reader:
        return find_era(reader, **options)


def test_our_own_files_hold_their_eps(tmp_path):
    for eps in (1e-5, 3e-4):
        gen = RECIPES["rezoolab"].Generator(eps=eps, rng=np.random.RandomState(0))
        save_npz(tmp_path / "gen.npz", gen)
        assert era_of(tmp_path / "gen.npz").eps == eps
        loaded = illust_gan.load_generator(tmp_path / "gen.npz")
        assert loaded.norm5.eps == loaded.norm2.eps == eps


def write(path, *, least=1e-3, untouched=0.0, date=None):
    """Write the averages of two layers, one of them never used, as HDF5 of a given day."""
    arrays = {"bn1/avg_var": np.array([least, 1], "f"), "bn0/avg_var": np.full(3, untouched, "f")}
    with h5py.File(path, "w") as f:
        for name, array in arrays.items():
            f.create_dataset(name, data=array, track_times=date == "today")
    return path


def test_hdf5_is_assumed_to_be_of_1_5(tmp_path):
    era = era_of(write(tmp_path / "x.h5"))
    assert era.holds_eps
    assert "assumed, since it is HDF5" in era.why
    assert "--chainer-version" in era.why


def test_npz_is_assumed_to_be_later(tmp_path):
    write_npz(tmp_path / "x.npz", {"bn1/avg_var": np.ones(2, "f") / 2})
    era = era_of(tmp_path / "x.npz")
    assert not era.holds_eps
    assert "assumed, since it is .npz" in era.why


def test_too_small_to_hold_eps(tmp_path):
    era = era_of(write(tmp_path / "x.h5", least=1e-7))
    assert not era.holds_eps
    assert "1.0e-07 is too small to hold eps" in era.why


def test_averages_that_begin_at_one(tmp_path):
    era = era_of(write(tmp_path / "x.h5", untouched=1.0))
    assert not era.holds_eps
    assert "bn0/avg_var begins at 1, as in Chainer 5" in era.why


def test_written_when_later_versions_were_out(tmp_path):
    era = era_of(write(tmp_path / "x.h5", date="today"))
    today = datetime.datetime.now(datetime.UTC).date()
    assert not era.holds_eps
    assert f"written on {today}, after Chainer 1.21" in era.why


def test_written_before_the_second_rule(tmp_path):
    import zipfile

    write_npz(tmp_path / "new.npz", {"bn1/avg_var": np.ones(2, "f") / 2})
    with (
        zipfile.ZipFile(tmp_path / "new.npz") as new,
        zipfile.ZipFile(tmp_path / "old.npz", "w") as old,
    ):
        for info in new.infolist():
            old.writestr(zipfile.ZipInfo(info.filename, (2016, 2, 3, 4, 5, 6)), new.read(info))
    era = era_of(tmp_path / "old.npz")
    assert era.holds_eps
    assert "written on 2016-02-03, before Chainer 1.14" in era.why


def test_given_version_wins(tmp_path):
    assert not era_of(write(tmp_path / "x.h5"), chainer_version="7").holds_eps


def test_trained_on_the_average_goes_on():
    """What a net of 1.5 has learnt of its variances is theirs, without eps, once it is loaded."""
    file = GOLDEN / "rezoolab-dis-chainer1.5.1.h5"
    with open_snapshot(file) as reader:
        raw = reader["norm2/avg_var"]
    loaded = serialized(illust_gan.load_discriminator(file))["norm2/avg_var"]
    np.testing.assert_allclose(loaded, raw - 1e-5, rtol=0, atol=1e-12)
