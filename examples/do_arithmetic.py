"""Do arithmetic with faces: A − B + C.

    python do_arithmetic.py
    python do_arithmetic.py -a 8,52,112 -b 15,37,74 -c 24,75,114 -o laughing.png

A and B are faces that differ in one thing, C are others that get it. Without arguments: bright hair
and brown skin − bright hair and pale skin + black hair and pale skin = black hair and brown skin.
"""

import argparse

import illust_gan
from illust_gan.generation.mix import mix_sheet
from illust_gan.generation.sheet import save_picture
from PIL import Image


def main(generator, out, a, b, c):
    gen = illust_gan.load_generator(generator)
    # The means of A, B and C in the first row, and below them the result amid its neighbours.
    means = mix_sheet(illust_gan.mix(gen, a, b, c))

    # Beside it the same with one face for each. A face is a hundred things at once, and all that A
    # and B do not share is added too; the mean of several keeps what they have in common (Radford,
    # Metz and Chintala, «Unsupervised Representation Learning with Deep Convolutional Generative
    # Adversarial Networks», 2015, section 6.3.2). And of three single z the sum is √3 times as long
    # as any that the net has seen; of three means of three it is as long as a z.
    a, b, c = (faces.split(",")[:1] for faces in (a, b, c))
    single = mix_sheet(illust_gan.mix(gen, a, b, c))

    both = Image.new("RGB", (2 * means.width + gen.size, means.height), "white")
    both.paste(means, (0, 0))
    both.paste(single, (means.width + gen.size, 0))
    save_picture(both, out)
    print(f"A − B + C of means, on the left, and of single faces, on the right, in {out}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("generator", nargs="?", default="rezoolab-avatars")
    parser.add_argument("-o", "--out", default="arithmetic.png")
    parser.add_argument("-a", default="10,61,100", metavar="N,N,…")
    parser.add_argument("-b", default="3,37,14", metavar="N,N,…")
    parser.add_argument("-c", default="1,57,97", metavar="N,N,…")
    try:
        main(**vars(parser.parse_args()))
    except (illust_gan.UserError, OSError) as error:
        parser.error(str(error))
