"""Old runs, and pairs of old files, are trained on."""

import chainer
import h5py
import numpy as np
import pytest

import illust_gan
from illust_gan.nets import kim
from illust_gan.serializers.load import serialized
from illust_gan.serializers.reader import SnapshotError, open_snapshot
from illust_gan.serializers.resume import load_initial, load_optimizer, resume
from tests.golden_run import GOLDEN
from tests.serializers.variables import as_variables, save

RUN = GOLDEN / "rezoolab-trainer-snapshot-chainer1.24.0"


def make(avatars, out, net="rezoolab", n=21):
    return illust_gan.make_trainer(
        net, illust_gan.PackedDataset(avatars), out, length=(n, "iteration"), batchsize=4
    )


def test_run_of_chainer_1_24_goes_on(avatars, tmp_path):
    trainer = make(avatars, tmp_path)
    resume(RUN, trainer)
    updater = trainer.updater
    assert updater.iteration == 20
    assert updater.gen.eps == updater.dis.eps == 2e-5
    with open_snapshot(RUN) as old:
        for role in ("gen", "dis"):
            net = serialized(getattr(updater, role))
            for name in net.keys() - {"eps"}:
                np.testing.assert_array_equal(net[name], old[f"updater/model:{role}/{name}"])
            state = serialized(updater.get_optimizer(role))
            assert state["t"] == 20
            for name in ("conv2/W/m", "fc5/W/v", "norm4/gamma/m"):
                np.testing.assert_array_equal(state[name], old[f"updater/optimizer:{role}/{name}"])
    trainer.run()
    assert updater.iteration == 21
    assert updater.get_optimizer("gen").t == 21
    # And what it writes is a run of ours.
    resume(tmp_path / "snapshot_iter_21", make(avatars, tmp_path / "again"))


def test_order_of_as_many_pictures_is_taken_over(tmp_path):
    illust_gan.make_avatars(tmp_path / "faces", n=64)
    trainer = make(tmp_path / "faces", tmp_path)
    resume(RUN, trainer)
    iterator = trainer.updater.get_iterator("main")
    assert (iterator.current_position, iterator.epoch) == (32, 2)
    with open_snapshot(RUN) as old:
        first = old["updater/iterator:main/order"][32]
    np.testing.assert_array_equal(iterator.next()[0], iterator.dataset[first])


def save_state_of_1_5(path, optimizer):
    """Write an optimiser's state by the names of Chainer 1.5: one t, m and v below the layers."""
    with h5py.File(path, "w") as f:
        for name, array in serialized(optimizer).items():
            if not name.endswith("/t"):
                f.create_dataset(name, data=array)


@pytest.mark.parametrize("net", ["rezoolab", "maccha"])
def test_pair_of_2015_is_trained_on(avatars, avatars_96, tmp_path, net):
    data = avatars_96 if net == "maccha" else avatars
    first = make(data, tmp_path / "first", net, n=2)
    files = {role: GOLDEN / f"{net}-{role}-chainer1.5.1.h5" for role in ("gen", "dis")}
    load_initial(first, **files)
    for role, load in (
        ("gen", illust_gan.load_generator),
        ("dis", illust_gan.load_discriminator),
    ):
        expected, loaded = serialized(load(files[role])), serialized(getattr(first.updater, role))
        for name, array in expected.items():
            np.testing.assert_array_equal(array, loaded[name], err_msg=name)
    first.run()
    states = {}
    for role in ("gen", "dis"):
        states[f"{role}_optimizer"] = tmp_path / f"{role}.h5"
        save_state_of_1_5(tmp_path / f"{role}.h5", first.updater.get_optimizer(role))
    second = make(data, tmp_path / "second", net)
    load_initial(second, **files, **states)
    for role in ("gen", "dis"):
        a = serialized(first.updater.get_optimizer(role))
        b = serialized(second.updater.get_optimizer(role))
        assert a["t"] == b["t"] == 2
        for name in a:
            np.testing.assert_array_equal(a[name], b[name], err_msg=name)


def test_initial_net_of_another_article(avatars, tmp_path):
    with pytest.raises(
        SnapshotError, match=r"holds maccha's gen.*; --init-gen wants rezoolab's generator"
    ):
        load_initial(make(avatars, tmp_path), gen=GOLDEN / "maccha-gen-chainer1.5.1.h5")


def test_what_is_no_optimisers_state(tmp_path):
    optimizer = chainer.optimizers.Adam().setup(chainer.links.Linear(2, 2))
    with pytest.raises(SnapshotError, match=r"wanted the state of an optimiser"):
        load_optimizer(GOLDEN / "maccha-gen-chainer1.5.1.h5", optimizer)


def test_state_of_another_nets_optimiser(tmp_path):
    small, large = (chainer.optimizers.Adam().setup(chainer.links.Linear(n, 2)) for n in (2, 3))
    small.target.cleargrads()
    for param in small.target.params():
        param.grad = np.ones_like(param.array)
    small.update()
    save_state_of_1_5(tmp_path / "small.h5", small)
    with pytest.raises(
        SnapshotError, match=r"small\.h5 does not fit: its W/m is \(2, 2\) where \(2, 3\)"
    ):
        load_optimizer(tmp_path / "small.h5", large)


@pytest.fixture(scope="module")
def kims(tmp_path_factory):
    """Kim's nets as large as they are in a run, as TensorFlow would save them."""
    nets = [
        kim.Generator(rng=np.random.RandomState(1)),
        kim.Discriminator(rng=np.random.RandomState(2)),
    ]
    for net in nets:
        for link in net.children():
            if hasattr(link, "avg_var"):
                link.avg_mean[...] = 0.1
    variables = as_variables(nets[0]) | as_variables(nets[1])
    return save(tmp_path_factory.mktemp("kim"), variables), nets


def test_pair_of_tensorflows_is_trained_on(avatars, tmp_path, kims):
    file, nets = kims
    trainer = make(avatars, tmp_path, "kim", n=1)
    load_initial(trainer, gen=file, dis=file)
    updater = trainer.updater
    for net, there in zip(nets, (updater.gen, updater.dis)):
        for name, array in serialized(net).items():
            np.testing.assert_array_equal(serialized(there)[name], array, err_msg=name)
    trainer.run()
    assert updater.iteration == 1
    assert np.any(updater.gen.g_h4.W.array != nets[0].g_h4.W.array)


def test_nets_of_tensorflow_that_are_not_the_runs(avatars, tmp_path):
    file = GOLDEN / "tf-kim.npz"
    with pytest.raises(
        SnapshotError,
        match=r"holds Kim's generator and .*, of TensorFlow; --init-gen wants rezoolab's generator",
    ):
        load_initial(make(avatars, tmp_path), gen=file)
    with pytest.raises(
        SnapshotError,
        match=r"holds sugyan's generator, of TensorFlow; --init-dis wants sugyan's discriminator",
    ):
        load_initial(make(avatars, tmp_path, "sugyan"), dis=GOLDEN / "tf-sugyan-generator.npz")
    with pytest.raises(
        SnapshotError,
        match=r"tf-kim\.npz does not fit: its .* is \(64,\) where \(512,\) is wanted; give a",
    ):
        load_initial(make(avatars, tmp_path, "kim"), gen=file)
