"""Draw faces from a generator that Chainer saved in 2015 or later, .h5 or .npz.

    python load_an_old_snapshot.py dcgan_model_gen_100.h5
    python load_an_old_snapshot.py gen.h5 -o faces.png --chainer-version 1.5

No old file at hand? `illust-gan convert rezoolab-avatars gen.h5` makes one of that form.
"""

import argparse

import illust_gan
import numpy as np
from illust_gan.generation.sheet import save_picture


def main(file, out, chainer_version):
    # Which net it is, is told by the names and shapes of its arrays. Nothing in it is unpickled.
    gen = illust_gan.load_generator(file, chainer_version=chainer_version)
    print(f"{type(gen).__module__.rsplit('.')[-1]}, z of {gen.n_hidden} → {gen.size}×{gen.size}")
    for name, parameter in sorted(gen.namedparams()):
        print(f"  {name:12} {parameter.shape}")
    faces = illust_gan.generate(gen, n=32, seed=0)
    save_picture(illust_gan.sheet(faces, columns=8), out)
    print(f"{len(faces)} faces in {out}")

    # What no file says is which Chainer wrote it, and up to 1.13 the saved variance held a term
    # that later ones add when drawing. How much does it matter to these faces?
    for version in ("1.5", "1.24"):
        other = illust_gan.load_generator(file, chainer_version=version)
        difference = np.abs(illust_gan.generate(other, n=32, seed=0).astype(int) - faces)
        print(
            f"read as of Chainer {version}: {(difference > 0).mean():.2%} of the values differ, "
            f"by {difference.max()} at most"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file")
    parser.add_argument("-o", "--out", default="old-faces.png")
    parser.add_argument("--chainer-version", help="that wrote it; else concluded from the file")
    try:
        main(**vars(parser.parse_args()))
    except (illust_gan.UserError, OSError) as error:
        parser.error(str(error))
