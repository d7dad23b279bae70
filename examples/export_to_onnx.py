"""Export a generator to ONNX, draw with onnxruntime alone, and compare with Chainer.

    pip install 'onnx>=1.20,<2' 'onnxruntime>=1.24,<2'
    python export_to_onnx.py
    python export_to_onnx.py results/000-maccha/generator.npz -o maccha.onnx

Writes the model OUT, and OUT.png, the faces that onnxruntime drew.
"""

import argparse
import collections

import illust_gan
import numpy as np
from illust_gan.generation.sheet import save_picture


def main(generator, out):
    gen = illust_gan.load_generator(generator)
    illust_gan.export_onnx(gen, out, overwrite=True)
    import onnx  # after export_onnx, which says what to install if they are missing
    import onnxruntime

    # From here on only NumPy: this is what a program without Chainer does.
    z = np.random.RandomState(0).uniform(-1, 1, (32, gen.n_hidden)).astype(np.float32)
    session = onnxruntime.InferenceSession(out, providers=["CPUExecutionProvider"])
    (x,) = session.run(["picture"], {"z": z})  # (32, 3, height, width) on [-1, 1]
    x = x.transpose(0, 2, 3, 1)
    faces = np.rint((np.clip(x, -1, 1) + 1) * 127.5).astype(np.uint8)

    save_picture(illust_gan.sheet(faces, columns=8), f"{out}.png")
    different = np.abs(faces.astype(int) - illust_gan.generate(gen, n=32, seed=0))
    print(f"{out}, and its faces in {out}.png")
    print(f"  from Chainer's they differ by {different.max()} of 255 levels at most")

    # Batch normalisation is gone: with fixed averages it only multiplies and adds, and that has
    # been done to the weights before it.
    nodes = collections.Counter(node.op_type for node in onnx.load(out).graph.node)
    print("  " + ", ".join(f"{count} {name}" for name, count in nodes.items()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("generator", nargs="?", default="rezoolab-avatars")
    parser.add_argument("-o", "--out", default="faces.onnx")
    try:
        main(**vars(parser.parse_args()))
    except (illust_gan.UserError, OSError) as error:
        parser.error(str(error))
