"""Pictures for the tests: each seed another one, and none like another."""

import numpy as np
from PIL import Image, ImageDraw


def drawing(seed, width=96, height=96, mode="RGB"):
    """Draw shapes in many colours, differently for each seed.

    Args:
        seed (int): Which.
        width, height (int): Pixels.
        mode (str): Of the picture; with alpha, the ground is transparent.

    Returns:
        PIL.Image.Image: The drawing.
    """
    rng = np.random.RandomState(seed)
    alpha = mode.endswith(("A", "a"))
    ground = (*rng.randint(0, 256, 3).tolist(), 0 if alpha else 255)
    image = Image.new("RGBA", (width, height), ground)
    draw = ImageDraw.Draw(image)
    for _ in range(8):
        x0, x1 = sorted(rng.randint(0, width + 1, 2).tolist())
        y0, y1 = sorted(rng.randint(0, height + 1, 2).tolist())
        shape = draw.ellipse if rng.randint(2) else draw.rectangle
        shape(
            (x0, y0, x1 + width // 6, y1 + height // 6),
            fill=(*rng.randint(0, 256, 3).tolist(), 255),
        )
    return image if mode == "RGBA" else image.convert("RGB").convert(mode)
