"""Fit a direction to what you can measure, here how red the hair is, and move faces along it.

    python fit_a_direction.py
    python fit_a_direction.py -o redder.png --samples 5000

Put a function of your own in place of `redness_of_hair` for another direction. Each row of the
sheet is one face, from −4 to 4 along the direction.
"""

import argparse

import illust_gan
import numpy as np
from illust_gan.generation.pick import pick_z
from illust_gan.generation.sample import draw
from illust_gan.generation.sheet import save_picture


def redness_of_hair(faces):
    red, green, blue = middle(faces, 0.03, 0.18).T
    return red - (green + blue) / 2


def lightness_of_skin(faces):
    return middle(faces, 0.52, 0.68).mean(axis=1)


def middle(faces, top, bottom):
    """Return the mean colours, (n, 3), of the middle third between two heights."""
    top, bottom, left, right = (int(s * faces.shape[1]) for s in (top, bottom, 1 / 3, 2 / 3))
    return faces[:, top:bottom, left:right].mean(axis=(1, 2))


def main(generator, out, samples):
    gen = illust_gan.load_generator(generator)
    # The third of the faces with the reddest hair and the third with the least red are parted by
    # a plane; the direction is at right angles to it (Shen and others, «Interpreting the Latent
    # Space of GANs for Semantic Face Editing», 2020).
    direction = illust_gan.fit_label(gen, redness_of_hair, name="red", samples=samples)["red"]
    z = pick_z("1,13,84,37,24,75", gen.n_hidden)
    moved = [illust_gan.apply_direction(z, direction, s) for s in np.linspace(-4, 4, 7)]
    faces = draw(gen, np.concatenate(np.stack(moved, axis=1)))
    save_picture(illust_gan.sheet(faces, columns=7), out)
    print(f"six faces with less to more red hair in {out}")

    # It is judged on faces that it was not fitted to: what was meant has to change, all else not.
    z = pick_z(range(64), gen.n_hidden, seed=1)
    less, more = (draw(gen, illust_gan.apply_direction(z, direction, s)) for s in (-3, 3))
    for measure in (redness_of_hair, lightness_of_skin):
        change = np.abs(measure(more) - measure(less)).mean()
        print(f"  {measure.__name__} changes by {change:.0f} of 255 levels")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("generator", nargs="?", default="rezoolab-avatars")
    parser.add_argument("-o", "--out", default="red-hair.png")
    parser.add_argument("--samples", type=int, default=1000, help="faces that are labelled")
    try:
        main(**vars(parser.parse_args()))
    except (illust_gan.UserError, OSError) as error:
        parser.error(str(error))
