import pathlib

import chainer
import numpy as np
import pytest

import illust_gan
from illust_gan.nets import RECIPES, maccha, rezoolab
from illust_gan.serializers.load import serialized
from illust_gan.serializers.reader import SnapshotError
from illust_gan.serializers.resume import resume
from illust_gan.serializers.writer import save_npz, write_npz
from tests.golden_run import GOLDEN


@pytest.mark.parametrize("net", sorted(RECIPES))
@pytest.mark.parametrize(("n_hidden", "channels"), [(100, 3), (20, 1)])
def test_finds_out_which_net_it_is(tmp_path, net, n_hidden, channels):
    cls = RECIPES[net].Generator
    gen = cls(n_hidden, channels, rng=np.random.RandomState(0))
    # Compressed, as Chainer's own save_npz writes.
    chainer.serializers.save_npz(tmp_path / "gen.npz", gen)
    loaded = illust_gan.load_generator(tmp_path / "gen.npz")
    assert type(loaded) is cls
    a, b = serialized(gen), serialized(loaded)
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)


@pytest.mark.parametrize(
    ("net", "role", "arguments"),
    [
        ("sugyan", "gen", {"depths": (24, 12, 8, 5), "f_size": 6, "n_hidden": 7}),
        ("sugyan", "dis", {"depths": (3, 5, 7, 11), "f_size": 3, "channels": 1}),
        ("kim", "gen", {"size": 96, "gf_dim": 5, "n_hidden": 7}),
        ("kim", "dis", {"size": 32, "df_dim": 3, "channels": 1}),
    ],
)
def test_nets_of_other_widths(tmp_path, net, role, arguments):
    cls = RECIPES[net].Generator if role == "gen" else RECIPES[net].Discriminator
    original = cls(**arguments, rng=np.random.RandomState(0))
    save_npz(tmp_path / "net.npz", original)
    load = illust_gan.load_generator if role == "gen" else illust_gan.load_discriminator
    loaded = load(tmp_path / "net.npz")
    assert {name: getattr(loaded, name) for name in arguments} == arguments
    a, b = serialized(original), serialized(loaded)
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)


def test_a_file_that_asks_for_a_large_net_is_refused(tmp_path):
    gen = RECIPES["kim"].Generator(gf_dim=1, rng=np.random.RandomState(0))
    arrays = {**serialized(gen), "g_h0_lin/W": np.zeros((8 * 17**2, 100), np.float32)}
    write_npz(tmp_path / "large.npz", arrays)
    with pytest.raises(SnapshotError, match=r"g_h0_lin/W is .*: size is 272 where 1 to 256 is"):
        illust_gan.load_generator(tmp_path / "large.npz")


def test_generator_out_of_a_whole_run(trained):
    alone = serialized(illust_gan.load_generator(trained / "generator.npz"))
    in_run = serialized(illust_gan.load_generator(trained / "snapshot_iter_3"))
    for name in alone:
        np.testing.assert_array_equal(alone[name], in_run[name], err_msg=name)


def test_files_of_chainer_1_24():
    a = illust_gan.load_generator(GOLDEN / "rezoolab-gen-chainer1.24.0.npz")
    b = illust_gan.load_generator(GOLDEN / "rezoolab-trainer-snapshot-chainer1.24.0")
    np.testing.assert_array_equal(a.conv1.W.array, b.conv1.W.array)
    golden = np.load(GOLDEN / "rezoolab-golden-chainer1.24.0.npz")
    x = a(golden["z"]).array
    assert x.shape == golden["x"].shape


def expect(pattern, file):
    with pytest.raises(SnapshotError, match=pattern):
        illust_gan.load_generator(file)


def test_missing(tmp_path):
    expect(r"none.npz does not exist", tmp_path / "none.npz")


def test_folder(tmp_path):
    expect(r"is a folder; give a file in it, such as generator.npz", tmp_path)


def test_no_snapshot(tmp_path):
    for content in (b"", b"hello, world"):
        (tmp_path / "x").write_bytes(content)
        expect(r"x is no snapshot: it is neither an .npz archive nor HDF5", tmp_path / "x")


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99])
def test_truncated(trained, tmp_path, keep):
    whole = (trained / "generator.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(illust_gan.UserError, match=r"cut.npz"):
        illust_gan.load_generator(tmp_path / "cut.npz")


def test_discriminator(tmp_path):
    save_npz(tmp_path / "dis.npz", maccha.Discriminator(rng=np.random.RandomState(0)))
    expect(r"holds maccha's discriminator; drawing wants a generator", tmp_path / "dis.npz")


def test_foreign(tmp_path):
    write_npz(tmp_path / "mlp.npz", {f"l{i}/W": np.zeros(1) for i in range(9)})
    expect(
        r"no net of rezoolab, maccha, sugyan, kim or kim-conditional, but 9 arrays: l0/W, l1/W, "
        r"l2/W, l3/W and 5",
        tmp_path / "mlp.npz",
    )


def test_says_what_does_not_fit(tmp_path):
    arrays = serialized(rezoolab.Generator(rng=np.random.RandomState(0)))
    del arrays["conv2/b"]
    arrays["conv7/W"] = np.zeros(2)
    arrays["norm4/gamma"] = np.zeros(5)
    write_npz(tmp_path / "x.npz", arrays)
    expect(
        r"looks like rezoolab's generator but does not fit it: lacks conv2/b; "
        r"has conv7/W besides; norm4/gamma is \(5,\) where \(256,\) is wanted",
        tmp_path / "x.npz",
    )


class Attack:
    """Runs code when it is unpickled."""

    def __init__(self, proof):
        self.proof = proof

    def __reduce__(self):
        return pathlib.Path.touch, (self.proof,)


def test_code_in_a_file_is_never_run(tmp_path):
    proof = tmp_path / "proof"
    arrays = serialized(rezoolab.Generator(rng=np.random.RandomState(0)))
    arrays["conv1/b"] = np.array([Attack(proof)], dtype=object)
    write_npz(tmp_path / "evil.npz", arrays)
    with pytest.raises(illust_gan.UserError, match=r"evil\.npz"):
        illust_gan.load_generator(tmp_path / "evil.npz")
    assert not proof.exists()


def new_trainer(avatars, tmp_path, net="rezoolab"):
    return illust_gan.make_trainer(
        net, illust_gan.PackedDataset(avatars), tmp_path, length=(9, "iteration"), batchsize=4
    )


def test_resume_wants_a_run(trained, avatars, tmp_path):
    with pytest.raises(
        SnapshotError,
        match=r"holds rezoolab's generator; --resume wants .* draw with this file: illust-gan gen",
    ):
        resume(trained / "generator.npz", new_trainer(avatars, tmp_path))


def test_resume_wants_the_same_net(trained, avatars_96, tmp_path):
    with pytest.raises(SnapshotError, match=r"is a run of rezoolab, and this run is --net maccha"):
        resume(trained / "snapshot_iter_3", new_trainer(avatars_96, tmp_path, "maccha"))


def test_resume_wants_as_many_pictures(trained, tmp_path):
    illust_gan.make_avatars(tmp_path / "few", n=8)
    with pytest.raises(SnapshotError, match=r"run on 24 pictures, and .*few.npy holds 8"):
        resume(trained / "snapshot_iter_3", new_trainer(tmp_path / "few", tmp_path))


def test_resume_of_a_file_that_runs_code(trained, avatars, tmp_path):
    proof = tmp_path / "proof"
    with np.load(trained / "snapshot_iter_3", allow_pickle=True) as npz:
        arrays = dict(npz)
    arrays["updater/iteration"] = np.array([Attack(proof)], dtype=object)
    write_npz(tmp_path / "evil", arrays)
    with pytest.raises(illust_gan.UserError, match="evil"):
        resume(tmp_path / "evil", new_trainer(avatars, tmp_path))
    assert not proof.exists()
