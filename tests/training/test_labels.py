"""Training with a data set's labels, beside a plain loop, and what it refuses."""

import types

import chainer
import numpy as np
import pytest
from chainer import iterators
from PIL import Image

import illust_gan
from illust_gan.datasets import DatasetError, make_avatars
from illust_gan.datasets.packed_iterator import PackedIterator
from illust_gan.datasets.pixels import to_float
from illust_gan.nets import RECIPES
from illust_gan.nets.beside import one_hot
from illust_gan.serializers import resume as resuming
from illust_gan.serializers.reader import SnapshotError
from illust_gan.serializers.writer import save_npz, write_npz
from illust_gan.training.extensions import Sheet
from illust_gan.training.trainer import check_dataset
from illust_gan.training.updater import DCGANUpdater, as_array
from tests.training.small_nets import SIZE, small

N = 4


@pytest.fixture(scope="module")
def styles(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "styles"
    return make_avatars(path, size=28, n=12, labels="style")


def make_updater(iterator, seed=5):
    recipe = small("kim-conditional")
    rng = np.random.RandomState(0)
    gen, dis = recipe.Generator(rng=rng), recipe.Discriminator(rng=rng)
    optimizer = {"gen": recipe.make_optimizer(gen), "dis": recipe.make_optimizer(dis)}
    return DCGANUpdater(iterator, optimizer, recipe, seed=seed)


def examples(n=12):
    rng = np.random.RandomState(1)
    pixels = rng.randint(0, 256, (n, SIZE, SIZE, 3), "uint8")
    return pixels, rng.randint(0, 3, n).astype(np.int32)


def kims_iteration(gen, dis, optimizers, recipe, z, x_real, y):
    """As model.py of carpedm20/DCGAN-tensorflow with labels, whose pictures are on [0, 1]."""
    dis.cleargrads()
    recipe.loss_dis(dis(gen(z, y), y), dis(x_real, y)).backward()
    optimizers["dis"].update()
    for _ in range(2):
        gen.cleargrads()
        recipe.loss_gen(dis(gen(z, y), y)).backward()
        optimizers["gen"].update()


def test_equals_the_plain_loop_to_the_bit():
    pixels, labels = examples()
    # Chainer's usual examples: pairs of a picture and its label.
    iterator = iterators.SerialIterator(list(zip(pixels, labels)), N, shuffle=False)
    updater = make_updater(iterator)
    recipe = updater.recipe
    rng = np.random.RandomState(0)
    gen, dis = recipe.Generator(rng=rng), recipe.Discriminator(rng=rng)
    optimizers = {"gen": recipe.make_optimizer(gen), "dis": recipe.make_optimizer(dis)}
    for i in range(3):
        z = updater.draw_z(N, np.random.RandomState([5, i]))
        updater.update()
        part = slice(N * i, N * (i + 1))
        x_real = (pixels[part].transpose(0, 3, 1, 2) / 256).astype(np.float32)
        y = np.eye(3, dtype=np.float32)[labels[part]]
        kims_iteration(gen, dis, optimizers, recipe, z, x_real, y)
    for mine, plain in ((updater.gen, gen), (updater.dis, dis)):
        for (path, a), (_, b) in zip(sorted(mine.namedparams()), sorted(plain.namedparams())):
            assert (a.array == b.array).all(), path


def test_labels_matter():
    pixels, labels = examples()
    losses = []
    for given in (labels, (labels + 1) % 3):
        iterator = iterators.SerialIterator(list(zip(pixels, given)), N, shuffle=False)
        updater = make_updater(iterator)
        z = updater.draw_z(N, np.random.RandomState(0))
        x = (to_float(pixels[:N]) + 1) / 2
        losses.append([float(v.array) for v in updater.learn(z, x, one_hot(given[:N], 3))])
    assert losses[0][0] != losses[1][0]
    assert losses[0][1] != losses[1][1]


def test_minibatches_are_pairs_of_arrays(styles):
    iterator = PackedIterator(styles, 5, labels=True, shuffle=False)
    pictures, labels = iterator.next()
    np.testing.assert_array_equal(pictures, styles.pixels[:5])
    np.testing.assert_array_equal(labels, [0, 1, 2, 0, 1])
    assert labels.dtype == np.int32
    assert as_array((pictures, labels), chainer.get_device("@numpy"))[1] is labels
    assert isinstance(PackedIterator(styles, 5, shuffle=False).next(), np.ndarray)


@pytest.mark.parametrize("how", ["shuffled", "subset", "preloaded"])
def test_labels_go_with_their_pictures(styles, how):
    data = {"subset": lambda: styles.split(0.5)[0], "preloaded": lambda: styles.to_device("@numpy")}
    dataset = data.get(how, lambda: styles)()
    of = {picture.tobytes(): label for picture, label in zip(styles.pixels, styles.labels)}
    iterator = PackedIterator(dataset, 3, labels=True, repeat=False)
    batches = list(iterator)
    assert sum(len(labels) for _, labels in batches) == len(dataset)
    for pictures, labels in batches:
        assert [of[picture.tobytes()] for picture in pictures] == labels.tolist()


def make_trainer(dataset, out, **options):
    return illust_gan.make_trainer(
        "kim-conditional", dataset, out, length=(1, "iteration"), batchsize=3, **options
    )


def test_nets_learn_the_data_sets_labels(styles, tmp_path):
    trainer = make_trainer(styles, tmp_path)
    gen = trainer.updater.gen
    assert gen.label_names == styles.label_names == ("lorelei", "adventurer", "toon-head")
    assert (gen.y_dim, trainer.updater.dis.y_dim, gen.size, gen.channels) == (3, 3, 28, 3)
    trainer.run()
    loaded = illust_gan.load_generator(tmp_path / "snapshot_iter_1")
    assert loaded.label_names == styles.label_names
    for name in styles.label_names:
        expected = illust_gan.generate(illust_gan.with_label(gen, name), 2)
        found = illust_gan.generate(illust_gan.with_label(loaded, name), 2)
        np.testing.assert_array_equal(found, expected)


def test_sheets_have_a_row_for_each_label(tmp_path):
    gen = RECIPES["kim-conditional"].make_nets(
        28, label_names=[f"label {i}" for i in range(20)], rng=np.random.RandomState(0)
    )[0]
    extension = Sheet(gen, columns=3, seed=4)
    extension(types.SimpleNamespace(out=tmp_path, updater=types.SimpleNamespace(iteration=7)))
    with Image.open(extension.last) as picture:
        drawn = np.asarray(picture)
    rows = [illust_gan.generate(illust_gan.with_label(gen, i), 3, seed=4) for i in range(16)]
    expected = illust_gan.sheet(np.concatenate(rows), columns=3)
    np.testing.assert_array_equal(drawn, np.asarray(expected))
    assert (drawn[:28] != drawn[28:56]).any()


def test_a_set_without_labels_is_refused(tmp_path):
    dataset = make_avatars(tmp_path / "faces", size=28, n=3)
    with pytest.raises(DatasetError, match="has no labels, which --net kim-conditional learns"):
        check_dataset(dataset, RECIPES["kim-conditional"], 2)


def test_a_size_that_only_other_nets_draw(tmp_path):
    labelled = make_avatars(tmp_path / "a", size=96, n=6, labels="style")
    message = (
        "kim-conditional draws multiples of 4 up to 64, such as 28×28; "
        "train --net maccha or --net sugyan or --net kim, or make a data set with --size 28"
    )
    with pytest.raises(DatasetError, match=message):
        check_dataset(labelled, RECIPES["kim-conditional"], 2)
    small = make_avatars(tmp_path / "b", size=28, n=6)
    with pytest.raises(DatasetError, match="64×64; make a data set with --size 64"):
        check_dataset(small, RECIPES["rezoolab"], 2)
    small = make_avatars(tmp_path / "c", size=28, n=6, labels="style")
    with pytest.raises(DatasetError, match="64×64; train --net kim-conditional, or make"):
        check_dataset(small, RECIPES["rezoolab"], 2)


def test_a_run_goes_on_with_its_own_labels_alone(styles, tmp_path):
    make_trainer(styles, tmp_path / "run").run()
    snapshot = tmp_path / "run" / "snapshot_iter_1"
    other = make_avatars(
        tmp_path / "other",
        size=28,
        n=12,
        styles=("toon-head", "lorelei", "adventurer"),
        labels="style",
    )
    with pytest.raises(SnapshotError) as error:
        resuming.resume(snapshot, make_trainer(other, tmp_path / "again"))
    assert str(error.value) == (
        f"{snapshot} is of a run with the labels lorelei, adventurer, toon-head, and {other.path} "
        "has toon-head, lorelei, adventurer; give --data with the labels of that run"
    )
    resuming.resume(snapshot, make_trainer(styles, tmp_path / "again"))


@pytest.mark.parametrize("written", ["[", "3", "{}", "[" * 10**5, "[1, 2, 3]"])
def test_hostile_names_of_a_run_are_refused(styles, tmp_path, written):
    make_trainer(styles, tmp_path / "run").run()
    with np.load(tmp_path / "run" / "snapshot_iter_1") as npz:
        arrays = {name: npz[name] for name in npz.files if npz[name].dtype != object}
    arrays["updater/model:gen/label_names"] = np.array(written)
    write_npz(tmp_path / "bad", arrays)
    with pytest.raises(SnapshotError, match=r"no list of names|with the labels 1, 2, 3"):
        resuming.resume(tmp_path / "bad", make_trainer(styles, tmp_path / "again"))


def test_a_run_that_begins_with_other_labels_keeps_its_data_sets(styles, tmp_path):
    gen = RECIPES["kim-conditional"].make_nets(
        28, label_names=("a", "b", "c"), rng=np.random.RandomState(1)
    )[0]
    save_npz(tmp_path / "gen.npz", gen)
    trainer = make_trainer(styles, tmp_path)
    resuming.load_initial(trainer, gen=tmp_path / "gen.npz")
    mine = trainer.updater.gen
    assert mine.label_names == styles.label_names
    np.testing.assert_array_equal(mine.g_h2.W.array, gen.g_h2.W.array)
