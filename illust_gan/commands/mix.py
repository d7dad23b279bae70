"""``illust-gan mix``: face A - face B + face C."""

import click

from illust_gan.commands.drawing import drawing_options, faces_option, noise_options, open_generator
from illust_gan.commands.output import check_out, make_folder
from illust_gan.generation.mix import mix as mix_faces
from illust_gan.generation.mix import mix_sheet
from illust_gan.generation.sheet import save_picture


@click.command()
@click.argument("snapshot", type=click.Path())
@click.option("-o", "--out", required=True, type=click.Path(), help="PNG to write.")
@faces_option("-a", required=True, help="Numbers of the faces whose mean is A; three, say.")
@faces_option("-b", required=True, help="Of those whose mean is taken away.")
@faces_option("-c", required=True, help="Of those whose mean is added.")
@noise_options(0.25)
@drawing_options
def mix(snapshot, out, a, b, c, strength, noise_seed, seed, force, **generator):
    """Draw A - B + C, each the mean of faces of SNAPSHOT that have something in common.

    The faces are given by their numbers on the sheet of illust-gan generate, counted row by row
    from 0. First row of the picture: the means A, B and C. Below it: the result, in the middle of
    its neighbours.

    \b
    illust-gan generate generator.npz -o faces.png
    illust-gan mix generator.npz -o mix.png -a 3,17,42 -b 1,5,9 -c 2,6,30
    """
    check_out(out, force)
    gen = open_generator(snapshot, **generator)
    faces = mix_faces(gen, a, b, c, seed=seed, strength=strength, noise_seed=noise_seed)
    make_folder(out)
    save_picture(mix_sheet(faces), out)
    click.echo(f"A - B + C in the middle of its neighbours, seed {seed}, in {out}")
