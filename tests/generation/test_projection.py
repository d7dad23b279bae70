import chainer
import numpy as np
import pytest
from PIL import Image

from illust_gan.datasets import PictureError
from illust_gan.datasets.pixels import to_float
from illust_gan.errors import UserError
from illust_gan.generation.one_label import with_label
from illust_gan.generation.projection import project, read_target
from illust_gan.generation.sample import draw
from illust_gan.nets import RECIPES, kim_conditional
from illust_gan.nets.activations import leaky_relu
from illust_gan.nets.latent import draw_z
from illust_gan.serializers.load import serialized
from tests.generation.small_generators import small_generator


@pytest.fixture(scope="module")
def gen():
    return small_generator()


@pytest.fixture(scope="module")
def face(gen):
    return draw(gen, draw_z(1, 8, rng=np.random.RandomState(42)))[0]


def discriminator(net="rezoolab", channels=3):
    return RECIPES[net].Discriminator(channels, std=0.05, rng=np.random.RandomState(1))


@pytest.mark.parametrize("with_dis", [False, True])
def test_finds_a_face_of_the_generators_own(gen, face, with_dis):
    dis = discriminator() if with_dis else None
    before = serialized(gen)
    gradients = [p.grad.copy() for p in gen.params()]
    found = project(gen, face, dis, starts=3, steps=60, rate=0.1)
    start = project(gen, face, dis, starts=3, steps=1, rate=1e-9)
    assert found.error < start.error / 3
    assert np.abs(found.z).max() <= 1
    assert found.z.dtype == np.float32
    assert found.z.shape == (8,)
    np.testing.assert_array_equal(found.face, draw(gen, found.z[None])[0])
    np.testing.assert_array_equal(found.picture, face)
    for name, array in serialized(gen).items():
        np.testing.assert_array_equal(array, before[name])
    for p, gradient in zip(gen.params(), gradients):
        np.testing.assert_array_equal(p.grad, gradient)


def test_same_seed_same_z(gen, face):
    first, again, other = (project(gen, face, starts=2, steps=3, seed=seed).z for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_starts_do_not_depend_on_each_other(gen, face):
    two, three = (project(gen, face, starts=n, steps=5).errors for n in (2, 3))
    np.testing.assert_allclose(two, three[:2], rtol=1e-4)


def test_stays_where_faces_come_from(gen):
    far = draw(gen, np.full((1, 8), 3, np.float32))[0]
    found = project(gen, far, starts=2, steps=20, rate=0.3)
    assert found.z.max() == 1
    assert found.z.min() >= -1


def test_loss_is_pixels_and_a_share_of_the_features(gen, face):
    dis = discriminator()
    errors = project(gen, face, dis, starts=2, steps=1, rate=1e-9, feature_weight=0.5).errors

    def features(x):
        h = leaky_relu(dis.conv1(x))
        for i in (2, 3, 4):
            h = leaky_relu(dis[f"norm{i}"](dis[f"conv{i}"](h)))
        return h.array

    with chainer.using_config("train", False), chainer.no_backprop_mode():
        x = gen(draw_z(2, 8, rng=np.random.RandomState(0))).array
        target = to_float(face[None])
        wanted = features(target)
        distances = ((features(x) - wanted) ** 2).mean(axis=(1, 2, 3)) / (wanted**2).mean()
    np.testing.assert_allclose(
        errors, ((x - target) ** 2).mean(axis=(1, 2, 3)) + 0.5 * distances, rtol=1e-3
    )
    assert not dis.fc5.local_link_hooks


def test_maccha(face):
    gen, dis = small_generator("maccha"), discriminator("maccha")
    picture = draw(gen, draw_z(1, 8, rng=np.random.RandomState(42)))[0]
    found = project(gen, picture, dis, starts=2, steps=15, rate=0.1)
    assert found.error < project(gen, picture, dis, starts=2, steps=1, rate=1e-9).error


def test_grey_generator(face):
    gen = small_generator(channels=1)
    found = project(gen, face, discriminator(channels=1), starts=1, steps=2)
    assert found.face.shape == found.picture.shape == (64, 64, 1)
    # Pillow rounds by integers.
    grey = np.asarray(Image.fromarray(face).convert("L")).astype(int)
    assert np.abs(found.picture[..., 0] - grey).max() <= 1


def test_target_is_fitted_with_a_note(tmp_path):
    Image.new("RGB", (64, 64), "navy").save(tmp_path / "fits.png")
    pixels, note = read_target(tmp_path / "fits.png", 64)
    assert (pixels == [0, 0, 128]).all()
    assert note == ""
    Image.new("RGB", (100, 50), "navy").save(tmp_path / "wide.jpg")
    pixels, note = read_target(tmp_path / "wide.jpg", 64, fit="pad")
    assert pixels.shape == (64, 64, 3)
    assert (pixels[0] == 255).all()
    assert note == f"{tmp_path}/wide.jpg has 100×50 pixels and was padded and resized to 64×64"
    Image.new("RGB", (4000, 4000)).save(tmp_path / "large.jpg")
    note = read_target(tmp_path / "large.jpg", 64)[1]
    assert note.endswith("large.jpg has 4000×4000 pixels and was resized to 64×64")


def test_target_that_is_no_picture(tmp_path):
    (tmp_path / "notes.png").write_text("no pixels")
    with pytest.raises(PictureError, match=r"notes.png: it is no PNG, .* picture; give a picture"):
        read_target(tmp_path / "notes.png", 64)
    with pytest.raises(PictureError, match=r"none.png: No such file"):
        read_target(tmp_path / "none.png", 64)
    with pytest.raises(PictureError, match="it is a folder"):
        read_target(tmp_path, 64)


def labelled_nets(size=28):
    """A generator and a discriminator of three labels, whose weights are large enough to tell."""
    options = {"channels": 3, "size": size, "std": 0.3, "rng": np.random.RandomState(0)}
    gen = kim_conditional.Generator(8, y_dim=3, gf_dim=4, gfc_dim=16, **options)
    return gen, kim_conditional.Discriminator(y_dim=3, df_dim=4, dfc_dim=16, **options)


def test_a_discriminator_looks_for_the_generators_label():
    gen, dis = labelled_nets()
    gen = with_label(gen, 1)
    face = draw(gen, draw_z(1, 8, rng=np.random.RandomState(42)))[0]
    options = {"starts": 2, "steps": 3, "feature_weight": 10}
    found = project(gen, face, dis, **options).errors
    same, other = (project(gen, face, with_label(dis, n), **options).errors for n in (1, 2))
    np.testing.assert_array_equal(found, same)
    assert (found != other).all()
    assert dis.label is None


def test_a_discriminator_of_another_size_or_other_labels():
    gen = with_label(labelled_nets()[0], 1)
    face = np.zeros((28, 28, 3), np.uint8)
    wanted = "is kim-conditional's of 3×64×64 and 3 labels and the generator kim-conditional's of 3"
    with pytest.raises(UserError, match=wanted):
        project(gen, face, labelled_nets(64)[1])
    dis = kim_conditional.Discriminator(3, y_dim=2, df_dim=4, dfc_dim=16)
    with pytest.raises(UserError, match=r"3×28×28 and 2 labels and .* 3×28×28 and 3 labels; give"):
        project(gen, face, dis)
    with pytest.raises(UserError, match=r"rezoolab's of 3×64×64 and .* kim-conditional.* 3 labels"):
        project(gen, face, discriminator())


@pytest.mark.parametrize(
    ("options", "pattern"),
    [
        ({"starts": 0}, "0 starts, 300 steps; wanted 1 to 1024 starts, 1 step or more"),
        ({"steps": 0}, "8 starts, 0 steps"),
        ({"rate": np.nan}, "the rate is nan; wanted a finite number above 0"),
        ({"rate": 0}, "the rate is 0; wanted"),
        ({"feature_weight": -1}, "the weight of the features is -1; wanted"),
        ({"feature_weight": np.inf}, "the weight of the features is inf; wanted"),
        ({"dis": discriminator("maccha")}, "discriminator is maccha's .* generator rezoolab's"),
        ({"dis": discriminator(channels=1)}, "is rezoolab's of 1×64×64 and the generator rezoo"),
        ({"dis": chainer.links.Linear(1, 1)}, "Linear is no discriminator of rezoolab, maccha,"),
    ],
)
def test_bad_input(gen, face, options, pattern):
    with pytest.raises(UserError, match=pattern):
        project(gen, face, **options)


def test_picture_of_another_size(gen):
    with pytest.raises(UserError, match=r"\(32, 32, 3\); wanted uint8 of \(64, 64, 3\), as read_"):
        project(gen, np.zeros((32, 32, 3), np.uint8))


def test_broken_nets(face):
    gen = small_generator()
    gen.conv1.b.array[...] = np.nan
    with pytest.raises(UserError, match="the nets' training has diverged"):
        project(gen, face, starts=1, steps=1)


@pytest.mark.gpu
def test_on_gpu(face):
    gen, dis = small_generator(), discriminator()
    on_cpu = project(gen, face, dis, starts=2, steps=3)
    gen.to_device("@cupy:0")
    dis.to_device("@cupy:0")
    on_gpu = project(gen, face, dis, starts=2, steps=3)
    assert type(on_gpu.z) is np.ndarray
    np.testing.assert_allclose(on_gpu.z, on_cpu.z, atol=1e-3)
    np.testing.assert_allclose(on_gpu.errors, on_cpu.errors, rtol=1e-2)
