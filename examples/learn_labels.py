"""Train Kim's generator with labels, and draw each label from the same z.

    python learn_labels.py
    python learn_labels.py pets -o pets-run --iterations 1500

The labels are the folders in FOLDER, such as pets/cat and pets/dog; without FOLDER, the styles of
the built-in faces. Of these there are heads and hair after 300 iterations, and the styles differ
after 1,500. OUT gets the pictures, sheets, log, snapshots and, in the end, generator.npz and
labels.png, a row for each label.
"""

import argparse
import os

import illust_gan
import numpy as np
from chainer import serializers
from illust_gan.generation.sheet import save_picture


def main(folder, out, n, iterations):
    if iterations < 1:
        raise illust_gan.UserError(f"--iterations is {iterations}; wanted 1 or more")
    pictures = os.path.join(out, "pictures")
    if folder is None:
        dataset = illust_gan.make_avatars(pictures, size=28, n=n, labels="style", progress=True)
    else:
        dataset = illust_gan.pack(folder, pictures, size=28, labels="folder", progress=True)
    trainer = illust_gan.make_trainer(
        "kim-conditional",
        dataset,
        out,
        length=(iterations, "iteration"),
        batchsize=32,
        # The original updates it twice; of faces its discriminator then learns nothing.
        gen_updates=1,
        sheet_interval=(50, "iteration"),
        snapshot_interval=(500, "iteration"),
        progress=True,
    )
    trainer.run()

    gen = trainer.updater.get_optimizer("gen").target
    serializers.save_npz(os.path.join(out, "generator.npz"), gen)
    # One label's generator draws from z alone, and goes wherever other generators go.
    rows = [illust_gan.generate(illust_gan.with_label(gen, name), 8) for name in gen.label_names]
    save_picture(illust_gan.sheet(np.concatenate(rows)), os.path.join(out, "labels.png"))
    print(f"{', '.join(gen.label_names)}: generator.npz and labels.png in {out}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?")
    parser.add_argument("-o", "--out", default="labels-run")
    parser.add_argument("--n", type=int, default=6000, help="of the built-in faces")
    parser.add_argument("--iterations", type=int, default=300)
    try:
        main(**vars(parser.parse_args()))
    except (illust_gan.UserError, OSError) as error:
        parser.error(str(error))
