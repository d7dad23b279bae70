import pytest

from illust_gan.datasets.manifest import count_left_out, phrase, picture_name, plural, word_of


def test_words_are_counted_in_their_own_order():
    entries = [{"word": word} for word in ("duplicate", "zebra", "link", "ape", "duplicate")]
    counted = count_left_out({"left_out": entries})
    assert list(counted.items()) == [("link", 1), ("duplicate", 2), ("ape", 1), ("zebra", 1)]


@pytest.mark.parametrize("pictures", [None, "abc", [], ["a.png"], [{"file": 3}], [{}]])
def test_a_picture_without_a_file_name_is_called_by_its_number(pictures):
    assert picture_name({"pictures": pictures}, 0) == "picture 0"


@pytest.mark.parametrize("entry", [None, 3, "damaged", [], {}, {"word": None}, {"word": ["a"]}])
def test_a_reason_without_a_word_is_another(entry):
    assert word_of(entry) == "other"


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ({"zip": "a.zip", "found": 5120}, "zip a.zip, found 5,120"),
        ({}, "none"),
        ("noise", "noise"),
        (1234.5, "1234.5"),
        ({"crop": True, "box": [1, None]}, "crop true, box [1, null]"),
        ({"\x1b": "\r\n"}, "\\x1b \\r\\n"),
        ({"a": "x" * 999}, "a " + "x" * 80 + "…"),
    ],
)
def test_a_table_on_one_line(entry, line):
    assert phrase(entry) == line


def test_none_are_many():
    assert [plural(n, "face") for n in (0, 1, 2)] == ["0 faces", "1 face", "2 faces"]
