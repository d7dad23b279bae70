from illust_gan.datasets import pack
from tests.datasets.packing.corpus import PACKED, build


def test_strangers_files_are_packed_or_left_out_with_a_word(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    expected = build(folder)
    assert len(expected) >= 90
    before = sorted(tmp_path.rglob("*"))
    dataset = pack(folder, tmp_path / "out" / "set", 64)
    found = {entry["file"]: PACKED for entry in dataset.manifest["pictures"]}
    found.update({entry["file"]: entry["word"] for entry in dataset.manifest["left_out"]})
    assert found == expected
    assert all(entry["reason"] for entry in dataset.manifest["left_out"])
    outside = tmp_path / "out"
    written = set(tmp_path.rglob("*")) - set(before)
    assert written == {outside, outside / "set.npy", outside / "set.json"}
