import numpy as np
import pytest

import illust_gan
from illust_gan.training.extensions.finite_loss import LossNotFiniteError


def test_stops_with_the_iteration_and_saves_nothing_of_it(avatars, tmp_path):
    trainer = illust_gan.make_trainer(
        "rezoolab",
        illust_gan.PackedDataset(avatars),
        tmp_path,
        length=(5, "iteration"),
        batchsize=4,
        snapshot_interval=(1, "iteration"),
    )
    trainer.updater.update()
    trainer.updater.dis.fc5.b.array[...] = np.inf
    pattern = r"^(gen|dis)/loss became (nan|inf) at iteration 2, .*--resume FILE.*--alpha"
    with np.errstate(all="ignore"), pytest.raises(LossNotFiniteError, match=pattern):
        trainer.run(show_loop_exception_msg=False)
    assert not list(tmp_path.glob("snapshot_iter_*"))
