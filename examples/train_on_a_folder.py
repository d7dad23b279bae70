"""Train Rezoolab's generator on a folder of pictures, a little.

    python train_on_a_folder.py my-drawings
    python train_on_a_folder.py my-drawings -o my-run --iterations 6000

OUT gets the packed pictures, sheets, log, snapshots and, in the end, generator.npz and faces.png.
1,000 iterations on 1,500 faces made rough heads; rezoolab-avatars took 10,000 faces and 6,000
iterations. Ctrl-C ends it sooner, with the same files.
"""

import argparse
import collections
import os

import illust_gan
from chainer import serializers
from illust_gan.generation.sheet import save_picture


def main(folder, out, iterations):
    if iterations < 1:
        raise illust_gan.UserError(f"--iterations is {iterations}; wanted 1 or more")
    dataset = illust_gan.pack(folder, os.path.join(out, "pictures"), size=64, progress=True)
    # Broken files, tiny pictures, and doubles, which the net would see more often than others.
    left_out = collections.Counter(x["word"] for x in dataset.manifest["left_out"])
    print(f"{len(dataset)} pictures; left out: {dict(left_out) or 'none'}")

    trainer = illust_gan.make_trainer(
        "rezoolab",
        dataset,
        out,
        length=(iterations, "iteration"),
        # Half the usual minibatch, twice the article's step size and initial weights, as
        # rezoolab-avatars was trained.
        batchsize=32,
        alpha=2e-4,
        std=0.02,
        sheet_interval=(50, "iteration"),
        snapshot_interval=(500, "iteration"),
        progress=True,
    )
    trainer.run()

    gen = trainer.updater.get_optimizer("gen").target
    serializers.save_npz(os.path.join(out, "generator.npz"), gen)
    faces = illust_gan.generate(gen, n=64)
    save_picture(illust_gan.sheet(faces), os.path.join(out, "faces.png"))
    print(f"generator.npz and faces.png in {out}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder")
    parser.add_argument("-o", "--out", default="my-run")
    parser.add_argument("--iterations", type=int, default=1000)
    try:
        main(**vars(parser.parse_args()))
    except (illust_gan.UserError, OSError) as error:
        parser.error(str(error))
