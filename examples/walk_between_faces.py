"""Walk through faces and back to the first, as an animation.

    python walk_between_faces.py
    python walk_between_faces.py --faces 13,37,24 -o blue.webp

Faces go by their numbers on the sheet that draw_faces.py --numbers draws. The ending of the name
decides the format: .gif, .webp or .apng.
"""

import argparse

import illust_gan
import numpy as np
from illust_gan.generation.pick import pick_z
from illust_gan.generation.walk import walk_z


def main(generator, out, faces, frames):
    gen = illust_gan.load_generator(generator)
    film = illust_gan.walk(gen, faces, frames=frames)
    illust_gan.save_animation(film, out, fps=25, scale=3)
    print(f"{len(film)} frames in {out}")

    # Why not in a straight line? The numbers of a z are uniform on [-1, 1] and independent, so
    # their squares nearly always add up to a third of their count: all z that the net has learnt
    # from are about 5.8 long, if there are 100. A straight line cuts through the inside, where it
    # never learnt and faces are paler; the great circle, which is the default, stays outside
    # (White, «Sampling Generative Networks», 2016).
    z = pick_z(faces, gen.n_hidden)
    print(f"length of z: {np.linalg.norm(z, axis=1).mean():.1f} at the faces, and half-way")
    for interpolation in ("spherical", "linear"):
        halfway = walk_z(z, 2, interpolation)[1::2]
        print(f"  {np.linalg.norm(halfway, axis=1).mean():.1f} {interpolation}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("generator", nargs="?", default="rezoolab-avatars")
    parser.add_argument("-o", "--out", default="walk.gif")
    parser.add_argument("--faces", default="1,60,84,114,68", metavar="N,N,…")
    parser.add_argument("--frames", type=int, default=24, help="from each face to the next")
    try:
        main(**vars(parser.parse_args()))
    except (illust_gan.UserError, OSError) as error:
        parser.error(str(error))
