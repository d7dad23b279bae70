import types

import numpy as np
from PIL import Image

import illust_gan
from illust_gan.nets import rezoolab
from illust_gan.training.extensions import Sheet


def test_draws_the_same_z_each_time(tmp_path):
    gen = rezoolab.Generator(rng=np.random.RandomState(0))
    extension = Sheet(gen, n=6, columns=3, seed=4)
    trainer = types.SimpleNamespace(out=str(tmp_path), updater=types.SimpleNamespace(iteration=12))
    extension(trainer)
    assert extension.last == str(tmp_path / "sheets" / "iter_000012.png")
    with Image.open(extension.last) as picture:
        drawn = np.asarray(picture)
    expected = illust_gan.sheet(illust_gan.generate(gen, 6, seed=4), columns=3)
    np.testing.assert_array_equal(drawn, np.asarray(expected))
    assert [p.name for p in (tmp_path / "sheets").iterdir()] == ["iter_000012.png"]
