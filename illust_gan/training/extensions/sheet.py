"""The same z again and again: how a generator learns, as pictures."""

import os

import numpy as np
from chainer.training import extension

from illust_gan.generation.one_label import with_label
from illust_gan.generation.sample import generate
from illust_gan.generation.sheet import save_picture, sheet

_MOST_ROWS = 16


class Sheet(extension.Extension):
    """Trainer extension that draws a sheet of samples from z that never change.

    The pictures are drawn in test mode, by the moving averages of batch normalisation. Neither
    NumPy's global random state nor the updater's numbers are touched: a run with sheets learns
    exactly what a run without them learns.

    A generator with labels draws a row for each of its first sixteen labels, from the same z.

    Sheets lie in the run's folder as ``sheets/iter_000100.png``.

    Args:
        gen (chainer.Chain): The generator.
        n (int): Faces on the sheet; with labels, ``columns`` for each of them.
        columns (int): Faces in a row.
        seed (int): Seed of their z.

    Attributes:
        last (str): Path of the newest sheet, or None.
    """

    trigger = (1, "epoch")

    def __init__(self, gen, *, n=64, columns=8, seed=0):
        self.gen = gen
        self.n = n
        self.columns = columns
        self.seed = seed
        self.last = None

    def __call__(self, trainer):
        faces = self._draw()
        name = f"iter_{trainer.updater.iteration:06d}.png"
        path = os.path.join(trainer.out, "sheets", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        save_picture(sheet(faces, columns=self.columns), path)
        self.last = path

    def _draw(self):
        names = getattr(self.gen, "label_names", ())[:_MOST_ROWS]
        if not names:
            return generate(self.gen, self.n, seed=self.seed)
        rows = [generate(with_label(self.gen, n), self.columns, seed=self.seed) for n in names]
        return np.concatenate(rows)
