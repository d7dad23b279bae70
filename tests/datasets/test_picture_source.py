import pytest

from illust_gan.datasets.errors import WORDS, DatasetError, PictureError
from illust_gan.datasets.picture_source import UNREAD, PictureSource, ending, natural_key
from illust_gan.datasets.pictures import ENDINGS


class Source(PictureSource):
    def __init__(self, passed_over=(), left_out=(), pictures=("1.png",)):
        super().__init__("source")
        for name in passed_over:
            self._pass_over(name, ending(name))
        for name, word in left_out:
            self._leave_out(PictureError(name, f"it is {word}", word))
        self.pictures = list(pictures)
        self._finish()


def test_order_is_the_one_in_which_people_count():
    names = ["b10/1.WebP", "b2/1.gif", "b/10.png", "b/2.png", "b/1.png", "1.png", "01.png"]
    assert sorted(names, key=natural_key) == names[::-1]
    pages = ["page٣.png", "page10.png", "page2a20.png", "page2a3.png"]
    assert sorted(pages, key=natural_key) == pages[::-1]


def test_order_of_numbers_longer_than_python_reads():
    names = ["1" + "0" * 5000 + ".png", "9" * 5000 + ".png", "0.png"]
    assert sorted(names, key=natural_key) == names[::-1]


def test_an_ending_is_in_lower_case_and_of_the_file_alone():
    assert [ending(name) for name in ("a.PNG", "b.c/d", "e.tar.gz", "")] == [".png", "", ".gz", ""]


@pytest.mark.parametrize("name", ["a.psd", "b.CLIP", "c.kra", "d.heic", "e.svg", "f.dng", "g.pdf"])
def test_a_picture_of_a_kind_that_is_not_read_is_left_out_with_advice(name):
    source = Source(passed_over=[name, "notes.txt"])
    assert source.passed_over == {".txt": 1}
    kind = name[1:].lower()
    assert source.left_out == [
        {
            "file": name,
            "word": "format",
            "reason": f"it is a {kind} file, which has to be exported as PNG first",
        }
    ]


def test_no_ending_is_both_read_and_not_read():
    assert not UNREAD & set(ENDINGS)
    assert all(one.startswith(".") and one == one.lower() for one in UNREAD)


def test_what_is_left_out_and_passed_over_does_not_depend_on_the_disk():
    names = ["10.png", "2.png", "2.png", "1/3.png"]
    words = ["link", "special", "link", "directory"]
    forward = Source(["a.x", "b.y", "c.z"], zip(names, words))
    backward = Source(["c.z", "b.y", "a.x"], reversed(list(zip(names, words))))
    assert [(one["file"], one["word"]) for one in forward.left_out] == [
        ("1/3.png", "directory"),
        ("2.png", "link"),
        ("2.png", "special"),
        ("10.png", "link"),
    ]
    assert forward.left_out == backward.left_out
    assert list(forward.passed_over) == list(backward.passed_over) == [".x", ".y", ".z"]
    assert {one["word"] for one in forward.left_out} <= set(WORDS)


def test_no_picture_among_other_files():
    links = [(f"{i}.png", "link") for i in (1, 2, 3, 4)]
    with pytest.raises(
        DatasetError,
        match=r"^No picture found in source: 3 other files \(2 \.txt, 1 without ending\), "
        r"4 left out \(1\.png: it is link; 2\.png: it is link; 3\.png: it is link; and 1 more\); "
        r"wanted files ending in \.png \.jpg .* that are not hidden$",
    ):
        Source(["a.txt", "README", "b.TXT"], links, pictures=[])


def test_a_list_of_endings_stays_short():
    with pytest.raises(DatasetError, match=r"10 other files \((1 \.\w, ){6}\.\.\.\); wanted"):
        Source([f"a.{letter}" for letter in "abcdefghij"], pictures=[])


def test_names_are_shown_without_control_codes():
    with pytest.raises(DatasetError) as caught:
        Source(["a.\x1b[2J", "b.\n" + "x" * 200], [("\x1b]0;c\x07.png", "link")], pictures=[])
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 400
    assert r"1 .\x1b[2j" in message


def test_nothing_at_all():
    with pytest.raises(DatasetError, match=r"No picture found in source: nothing seen; wanted"):
        Source(pictures=[])
