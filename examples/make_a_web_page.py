"""Write a web page that draws faces in anybody's browser, with sliders of your choice.

    pip install 'onnx>=1.20,<2' 'onnxruntime>=1.24,<2'
    python make_a_web_page.py
    illust-gan serve page

The folder PAGE holds all that the page needs: copy it to any server of files.
"""

import argparse
import pathlib

import illust_gan
from illust_gan.generation.directions import join_directions
from illust_gan.generation.labels import colour_label


def main(generator, out):
    gen = illust_gan.load_generator(generator)
    # SeFa's directions come with the generator's weights and have only numbers for names; two
    # sliders more are fitted to what can be measured. `fit_a_direction.py` has one of its own.
    several = [illust_gan.sefa(gen, 4)]
    for name, colour, region in (
        ("light hair", "brightness", "hair"),
        ("blue background", "blue", "background"),
    ):
        label = colour_label(colour, region)
        several.append(illust_gan.fit_label(gen, label, name=name, samples=500))
    directions = join_directions(several)

    illust_gan.export_web(
        gen,
        out,
        directions=directions,
        name="My faces",
        about="What they were learnt from, and whose drawings these are.",
        overwrite=True,
    )
    # Nearly all of it is the generator, with 16 bits for a weight, and what computes in a browser:
    # of the latter a visitor loads one of two, the one that can use a GPU or the one that cannot.
    sizes = {path: path.stat().st_size for path in pathlib.Path(out).rglob("*") if path.is_file()}
    for path, size in sorted(sizes.items(), key=lambda item: -item[1])[:4]:
        print(f"{size / 1e6:5.1f} MB  {path}")
    print(f"{sum(sizes.values()) / 1e6:5.1f} MB in all; look at it with: illust-gan serve {out}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("generator", nargs="?", default="rezoolab-avatars")
    parser.add_argument("-o", "--out", default="page")
    try:
        main(**vars(parser.parse_args()))
    except (illust_gan.UserError, OSError) as error:
        parser.error(str(error))
