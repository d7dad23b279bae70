import io

import numpy as np
import pytest
from PIL import Image

import illust_gan
from illust_gan.generation.sheet import save_picture


def test_rows_columns_and_the_white_rest():
    faces = np.stack([np.full((2, 3, 3), i, np.uint8) for i in range(5)])
    pixels = np.asarray(illust_gan.sheet(faces, columns=3))
    assert pixels.shape == (4, 9, 3)
    assert (
        pixels[:, :, 0].tolist()
        == [[0] * 3 + [1] * 3 + [2] * 3] * 2 + [[3] * 3 + [4] * 3 + [255] * 3] * 2
    )


def test_colours_keep_their_order():
    red = np.zeros((1, 2, 2, 3), np.uint8)
    red[..., 0] = 255
    assert illust_gan.sheet(red).getpixel((0, 0)) == (255, 0, 0)


def test_fewer_faces_than_columns():
    assert illust_gan.sheet(np.zeros((2, 8, 8, 3), np.uint8), columns=8).size == (16, 8)


def test_greyscale():
    assert illust_gan.sheet(np.zeros((2, 8, 8, 1), np.uint8)).mode == "L"


def test_shows_itself_in_a_notebook():
    png = illust_gan.sheet(np.zeros((1, 8, 8, 3), np.uint8))._repr_png_()
    assert Image.open(io.BytesIO(png)).size == (8, 8)


@pytest.mark.parametrize(
    ("shape", "columns"), [((0, 8, 8, 3), 8), ((8, 8, 3), 8), ((1, 8, 8, 3), 0)]
)
def test_nothing_to_lay_out(shape, columns):
    with pytest.raises(ValueError, match=r"wants faces of shape \(N, H, W, 3\).*given"):
        illust_gan.sheet(np.zeros(shape, np.uint8), columns=columns)


def test_saved_whole_or_not_at_all(tmp_path):
    path = tmp_path / "faces.png"
    path.write_bytes(b"what was there")

    class Broken:
        def save(self, f, format):
            f.write(b"half")
            raise OSError("no more room")

    with pytest.raises(OSError, match="no more room"):
        save_picture(Broken(), path)
    assert [p.name for p in tmp_path.iterdir()] == ["faces.png"]
    assert path.read_bytes() == b"what was there"
