"""Find the z of a picture, and change the face that it draws.

    python project_a_picture.py
    python project_a_picture.py --picture me.png -o me-drawn.png

Without --picture the generator draws one itself, and the search does not know its z. The sheet
shows the picture, the face that was found, and this face along a SeFa direction, both ways.
"""

import argparse

import illust_gan
import numpy as np
from illust_gan.generation.pick import pick_z
from illust_gan.generation.projection import read_target
from illust_gan.generation.sample import draw
from illust_gan.generation.sheet import save_picture


def main(generator, out, picture, steps):
    gen = illust_gan.load_generator(generator)
    own = pick_z([114], gen.n_hidden)
    target = draw(gen, own)[0] if picture is None else read_target(picture, gen.size)[0]
    found = illust_gan.project(gen, target, starts=4, steps=steps, seed=1)

    # With a z, a picture can be walked from, mixed and changed like any face.
    sefa = illust_gan.sefa(gen, gen.n_hidden)
    changed = [illust_gan.apply_direction(found.z[None], sefa["sefa-3"], s) for s in (-2, 2)]
    faces = [found.picture, found.face, *draw(gen, np.concatenate(changed))]
    save_picture(illust_gan.sheet(np.stack(faces)), out)
    print(f"picture and face are {found.error:.1f} of 255 levels apart, see {out}")

    if picture is None:
        # The same face, and not the same z: the net looks at some twenty directions only (see
        # find_directions.py), in which the two agree. In the others they have no need to.
        for name, vectors in (("first 20", sefa.vectors[:20]), ("other", sefa.vectors[20:])):
            a, b = vectors @ found.z, vectors @ own[0]
            cos = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
            print(f"  cosine between its z and the one that was found, in the {name}: {cos:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("generator", nargs="?", default="rezoolab-avatars")
    parser.add_argument("-o", "--out", default="projected.png")
    parser.add_argument("--picture", help="PNG, JPEG, WebP, …")
    parser.add_argument("--steps", type=int, default=200, help="of gradient descent")
    try:
        main(**vars(parser.parse_args()))
    except (illust_gan.UserError, OSError) as error:
        parser.error(str(error))
