"""Writes tf-sugyan-discriminator.npz: python -m tests.golden.write_sugyan_discriminator FILE.

It takes TensorFlow: pip install tensorflow-cpu.
"""

import sys

import numpy as np

from tests.nets import sugyan_by_tensorflow as by_tensorflow

# At 48×48 each convolution halves an even number of pixels, down to 3×3.
F_SIZE = 3
DEPTHS = (4, 6, 8, 10)


def main(file):
    """Draw variables and pictures, and write them with TensorFlow's logits."""
    import tensorflow as tf

    rng = np.random.RandomState(2016)
    variables = by_tensorflow.draw_discriminator(rng, 3, DEPTHS, F_SIZE)
    x = rng.uniform(-1, 1, (3, 16 * F_SIZE, 16 * F_SIZE, 3)).astype(np.float32)
    y = {
        f"y_{mode}": by_tensorflow.discriminator(tf, variables, x, train=mode == "train")
        for mode in ("train", "test")
    }
    arrays = {f"var:{name}": array for name, array in variables.items()}
    np.savez(file, **arrays, d_in=x, **y)


if __name__ == "__main__":
    main(*sys.argv[1:])
