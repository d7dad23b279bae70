import numpy as np
import pytest
from PIL import Image

from illust_gan.datasets import PackedDataset, pack
from tests.datasets.face_page import TILE, corners, draw_page
from tests.datasets.packing.drawings import drawing

CASCADE = {"faces": "frontalface_alt2", "face_neighbours": 2, "min_face": 30}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A page of twelve faces, the same page in a file that is to be turned, and no face."""
    folder = tmp_path_factory.mktemp("pages")
    page = Image.fromarray(draw_page(tmp_path_factory.mktemp("faces")))
    page.save(folder / "page.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    page.rotate(90, expand=True).save(folder / "turned.png", exif=exif)
    drawing(1, 300, 300).save(folder / "none.png")
    return folder


def test_a_page_of_faces_gives_the_faces(folder, tmp_path):
    dataset = pack(folder, tmp_path / "faces", 64, **CASCADE)
    pictures = dataset.manifest["pictures"]
    assert [entry["file"] for entry in pictures] == ["page.png"] * 12
    boxes = [entry["box"] for entry in pictures]
    # In the order of reading, each around the middle of one of the faces.
    for (left, top), box in zip(
        sorted(corners(), key=lambda c: (c[1], c[0])), sorted(boxes, key=row)
    ):
        assert box[0] < left + TILE / 2 < box[2]
        assert box[1] < top + TILE / 2 < box[3]
        assert box[2] - box[0] == box[3] - box[1]
    # Both pages are upright: all that the second one has is on the first.
    words = [(entry["file"], entry["word"]) for entry in dataset.manifest["left_out"]]
    assert words == [("none.png", "no face"), *[("turned.png", "duplicate")] * 12]
    assert dataset.manifest["settings"]["faces"]["cascade"] == "haarcascade_frontalface_alt2.xml"


def row(box):
    return round(box[1] / TILE), box[0]


def test_a_margin_takes_in_more_and_small_faces_are_left_out(folder, tmp_path):
    narrow = pack(folder, tmp_path / "narrow", 64, face_margin=0, **CASCADE)
    wide = pack(folder, tmp_path / "wide", 64, face_margin=0.5, **CASCADE)
    edges = [
        [box[2] - box[0] for box in (entry["box"] for entry in dataset.manifest["pictures"])]
        for dataset in (narrow, wide)
    ]
    np.testing.assert_allclose(edges[1], 2 * np.array(edges[0]), atol=1)
    limit = sorted(edges[0])[6]
    some = pack(folder, tmp_path / "some", 64, face_margin=0, **{**CASCADE, "min_face": limit})
    assert len(some) == sum(edge >= limit for edge in edges[0])
    small = [entry for entry in some.manifest["left_out"] if entry["word"] == "small"]
    assert {entry["file"] for entry in small} == {"page.png", "turned.png"}
    assert f"and --min-face is {limit}" in small[0]["reason"]


def test_a_function_of_ones_own_gives_what_a_cascade_gives(folder, tmp_path):
    boxes = {entry["file"]: [] for entry in ({"file": "page.png"}, {"file": "turned.png"})}
    cascade = pack(folder, tmp_path / "cascade", 64, duplicates="keep", face_margin=0, **CASCADE)
    for entry in cascade.manifest["pictures"]:
        boxes[entry["file"]].append(entry["box"])

    def find(pixels):
        return boxes["page.png"] if pixels.shape == (480, 624, 3) else None

    own = pack(folder, tmp_path / "own", 64, duplicates="keep", face_margin=0, faces=find)
    np.testing.assert_array_equal(own.pixels, cascade.pixels)


def test_a_duplicate_names_the_face_that_it_is_like(folder, tmp_path):
    dataset = pack(folder, tmp_path / "faces", 64, **CASCADE)
    duplicates = [e for e in dataset.manifest["left_out"] if e["word"] == "duplicate"]
    assert [entry["like_index"] for entry in duplicates] == list(range(12))


def test_sheets_show_every_picture_with_its_boxes(folder, tmp_path):
    pack(folder, tmp_path / "faces", 64, debug_boxes=tmp_path / "boxes", **CASCADE)
    (sheet,) = (tmp_path / "boxes").iterdir()
    with Image.open(sheet) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    blue = (np.abs(pixels - (0, 190, 255)).sum(axis=2) < 60).sum()
    assert blue > 24 * 4 * 8
    assert len(PackedDataset(tmp_path / "faces")) == 12
