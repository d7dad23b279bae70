"""Draw a sheet of 64 faces.

    python draw_faces.py
    python draw_faces.py results/000-rezoolab/generator.npz -o mine.png --seed 7 --numbers

GENERATOR is the name of one that comes with the package (illust-gan models lists them) or a file.
"""

import argparse

import illust_gan
from illust_gan.generation.sheet import save_picture
from PIL import ImageDraw


def main(generator, out, seed, numbers):
    if not 0 <= seed < 2**32:
        raise illust_gan.UserError(f"--seed is {seed}; wanted 0 to {2**32 - 1}")
    gen = illust_gan.load_generator(generator)
    # A face is what the net makes of 100 numbers, its z, and these follow from the seed: the same
    # seed gives the same faces, and drawing more of them only adds to the first.
    faces = illust_gan.generate(gen, n=64, seed=seed)
    picture = illust_gan.sheet(faces, columns=8)
    if numbers:
        # By its number and the seed a face can be asked for again: walk, neighbours and mix do.
        draw = ImageDraw.Draw(picture)
        for i in range(len(faces)):
            corner = (i % 8 * gen.size + 2, i // 8 * gen.size)
            draw.text(corner, str(i), fill="black", stroke_width=1, stroke_fill="white")
    save_picture(picture, out)
    print(f"{len(faces)} faces of {gen.size}×{gen.size} in {out}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("generator", nargs="?", default="rezoolab-avatars")
    parser.add_argument("-o", "--out", default="faces.png")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--numbers", action="store_true", help="write its number on each face")
    try:
        main(**vars(parser.parse_args()))
    except (illust_gan.UserError, OSError) as error:
        parser.error(str(error))
