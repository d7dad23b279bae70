"""Draw a face and what lies around it: each row goes from it in a direction of its own.

python find_neighbours.py
python find_neighbours.py --face 60 -o around-60.png
"""

import argparse

import illust_gan
import numpy as np
from illust_gan.generation.sheet import save_picture


def main(generator, out, face):
    gen = illust_gan.load_generator(generator)
    rows, columns = 6, 8
    faces = illust_gan.neighbours(gen, face, rows=rows, columns=columns, strength=1.0)
    save_picture(illust_gan.sheet(faces, columns=columns), out)
    print(f"face {face} and its neighbours in {out}")

    # A net that had learnt pictures by heart would jump from one to the next (Radford, Metz and
    # Chintala, 2015, section 6.1). Here small steps in z are small ones in the picture, in every
    # direction.
    grid = faces.reshape(rows, columns, -1).astype(float)
    steps = np.abs(np.diff(grid, axis=1)).mean(axis=2)
    away = np.abs(grid - grid[:, :1]).mean(axis=(0, 2))
    print("strength  away from the face  largest step (of 255 levels)")
    for column in range(1, columns):
        strength, step = column / (columns - 1), steps[:, column - 1].max()
        print(f"    {strength:.2f}               {away[column]:5.1f}         {step:5.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("generator", nargs="?", default="rezoolab-avatars")
    parser.add_argument("-o", "--out", default="neighbours.png")
    parser.add_argument("--face", type=int, default=1)
    try:
        main(**vars(parser.parse_args()))
    except (illust_gan.UserError, OSError) as error:
        parser.error(str(error))
