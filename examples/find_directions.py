"""Find the directions along which faces change most, without showing the net a single face.

    python find_directions.py
    python find_directions.py --face 60 -o of-60

Writes OUT.png, a row for each direction with the face itself in the middle, and OUT.npz, the
directions for `illust-gan directions apply`.
"""

import argparse

import illust_gan
from illust_gan.generation.pick import pick_z
from illust_gan.generation.sheet import save_picture


def main(generator, out, face, n):
    gen = illust_gan.load_generator(generator)
    # SeFa: all that a face owes to z passes through the first layer, a matrix A. The eigenvectors
    # of AᵀA with the largest eigenvalues are what it answers to most (Shen and Zhou, «Closed-Form
    # Factorization of Latent Semantics in GANs», 2021). No label is needed, but what a direction
    # means is for you to see.
    directions = illust_gan.sefa(gen, n)
    z = pick_z([face], gen.n_hidden)[0]
    save_picture(illust_gan.direction_sheet(gen, directions, z, strength=3), f"{out}.png")
    illust_gan.save_directions(f"{out}.npz", directions)
    print(f"{n} directions in {out}.npz, what they do to face {face} in {out}.png")

    # z has a hundred numbers, and this net has learnt to look at some twenty directions: their
    # spreads stand out of a plateau. Along those behind, a face changes by nothing that one sees.
    spreads = illust_gan.sefa(gen, gen.n_hidden).spreads
    print("how strongly the first layer answers to each:")
    print("  " + " ".join(f"{s:.0f}" for s in spreads[:30]) + f" … {spreads[-1]:.0f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("generator", nargs="?", default="rezoolab-avatars")
    parser.add_argument("-o", "--out", default="directions")
    parser.add_argument("--face", type=int, default=1)
    parser.add_argument("--n", type=int, default=8, help="how many directions")
    try:
        main(**vars(parser.parse_args()))
    except (illust_gan.UserError, OSError) as error:
        parser.error(str(error))
