import html.parser
import json
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from illust_gan.datasets import DatasetError, PackedDataset, report, write_packed
from illust_gan.datasets.report import check_report_name, write_report
from illust_gan.datasets.thumbnail import data_uri, encode_thumbnail

PIXELS = np.random.RandomState(0).randint(0, 256, (70, 8, 8, 3), np.uint8)
THUMBNAIL = encode_thumbnail(Image.new("RGB", (40, 30), "red"))
_VOID = {"meta", "img"}


class Page(html.parser.HTMLParser):
    """Reads a page strictly: every tag is closed, in order."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.open, self.words = [], [], []
        text = path.read_text(encoding="utf-8")
        assert text.startswith("<!DOCTYPE html>\n<html lang=")
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        assert len(dict(attributes)) == len(attributes)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        if self.open and self.open[-1] != "style":
            self.words.append(text)

    @property
    def text(self):
        return " ".join("".join(self.words).split())

    def all(self, tag, **wanted):
        return [a for t, a in self.tags if t == tag and wanted.items() <= a.items()]


def dataset(folder, left_out, pictures=None, sources=()):
    made = write_packed(
        folder / "faces", 8, PIXELS, sources=list(sources), settings={}, left_out=left_out
    )
    if pictures is not None:
        manifest = made.path.with_suffix(".json")
        manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "pictures": pictures}))
    return PackedDataset(made.path)


def left_out(word, n=1, **more):
    return [{"file": f"{word}-{i}.png", "word": word, "reason": "so", **more} for i in range(n)]


def written(folder, *arguments, thumbnail=lambda entry: None, **options):
    path = folder / "report.html"
    write_report(path, dataset(folder, *arguments, **options), thumbnail)
    return Page(path)


def test_it_tells_what_was_kept_and_what_was_left_out_and_why(tmp_path):
    entries = left_out("duplicate", 2) + left_out("damaged", 1)
    page = written(tmp_path, entries, sources=[{"folder": "drawings", "found": 73}])
    assert page.text.startswith(
        "faces: what was left out, and why faces: what was left out, and why "
        "from folder drawings, found 73 70kept as 8×8 3left out "
        "1damaged – truncated or broken 2duplicate – the same pixels as another "
        "What was kept: the first 64 What was left out damaged 1 – truncated or broken "
        "damaged-0.png: so duplicate 2"
    )


def test_links_lead_to_the_sections(tmp_path):
    page = written(tmp_path, left_out("duplicate") + left_out("blank"))
    links = [a["href"] for a in page.all("a")]
    assert links == [f"#{a['id']}" for a in page.all("div") if "id" in a]
    assert len(set(links)) == 2


def test_pictures_are_shown_or_named(tmp_path):
    entries = left_out("small", 3)
    page = written(
        tmp_path,
        entries,
        thumbnail=lambda entry: None if entry == entries[1] else THUMBNAIL,
    )
    assert [a["alt"] for a in page.all("img", src=data_uri(THUMBNAIL))] == [
        "small-0.png, left out: small",
        "small-2.png, left out: small",
    ]
    assert page.text.endswith("small-0.pngso small-2.pngso small-1.png: so")


def test_a_duplicate_stands_beside_its_kept_twin(tmp_path):
    pictures = [{"file": f"{i // 2}.png"} for i in range(70)]
    entries = left_out("duplicate", 1, like="3.png") + left_out("near-duplicate", 1, like="?.png")
    page = written(tmp_path, entries, pictures, thumbnail=lambda entry: THUMBNAIL)
    twin = data_uri(encode_thumbnail(Image.fromarray(PIXELS[6])))
    assert [a["alt"] for a in page.all("img", src=twin)] == ["3.png", "3.png, kept"]
    assert "duplicate-0.pngkept: 3.pngso" in page.text
    assert len(page.all("figure", **{"class": "twins"})) == 1


@pytest.mark.parametrize(("place", "shown"), [(7, 7), (70, 6), (-1, 6), ("7", 6), (True, 6)])
def test_of_the_faces_of_one_page_the_right_one_is_the_twin(tmp_path, place, shown):
    pictures = [{"file": f"{i // 2}.png"} for i in range(70)]
    entries = left_out("duplicate", 1, like="3.png", like_index=place)
    page = written(tmp_path, entries, pictures, thumbnail=lambda entry: THUMBNAIL)
    twin = data_uri(encode_thumbnail(Image.fromarray(PIXELS[shown])))
    assert "3.png, kept" in [a["alt"] for a in page.all("img", src=twin)]


def test_the_sample_names_the_first_64(tmp_path):
    pictures = [{"file": f"{i}.png"} for i in range(70)]
    page = written(tmp_path, [], pictures)
    assert [a["alt"] for a in page.all("img")] == [f"{i}.png" for i in range(64)]
    assert "What was left out" not in page.text.partition("kept")[2]


def test_the_further_ones_are_named_and_not_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "MOST_THUMBNAILS", 3)
    asked = []
    page = written(
        tmp_path,
        left_out("blank", 30) + left_out("small", 2),
        thumbnail=lambda entry: asked.append(entry["file"]) or THUMBNAIL,
    )
    assert asked == ["small-0.png", "small-1.png", *(f"blank-{i}.png" for i in range(3))]
    assert len(page.all("img", src=data_uri(THUMBNAIL))) == 5
    assert page.text.endswith(" ".join(f"blank-{i}.png: so" for i in range(3, 30)))
    assert [("open" in a) for a in page.all("details")] == [True, False]


HOSTILE = (
    "<script>alert(1)</script>",
    "\"'><img src=http://example.com/x onerror=alert(1)>",
    "</style></title></details><!--",
    "a\nb\x1b[2J\u202eb\x00\ud800&lt;&#0;",
    "javascript:alert(1)//" + "/" * 5000,
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_never_more_than_text(tmp_path, name):
    plain = written(
        tmp_path / "plain",
        left_out("blank", 2, like="0") + left_out("like", 1),
        [{"file": "0"}],
        sources=["drawings"],
        thumbnail=lambda entry: THUMBNAIL if entry["file"] != "blank-1.png" else None,
    )
    keys = ("file", "reason", "like")
    odd = [dict.fromkeys(keys, name) | {"word": "blank", "n": i} for i in range(2)]
    page = written(
        tmp_path / "hostile",
        [*odd, dict.fromkeys([*keys, "word"], name)],
        [{"file": name}],
        sources=[name],
        thumbnail=lambda entry: THUMBNAIL if entry.get("n") != 1 else None,
    )
    assert page.all("script") == []
    assert {a["src"][:11] for a in page.all("img")} == {"data:image/"}
    # The same elements, but for the twin that the plain word's picture does not have.
    shape = [(tag, sorted(a)) for tag, a in page.tags if tag not in ("div", "figure", "img")]
    assert shape == [
        (tag, sorted(a)) for tag, a in plain.tags if tag not in ("div", "figure", "img")
    ]
    assert page.text.isprintable()
    assert len(page.text) < 10_000


def test_entries_of_other_kinds_are_named_as_far_as_they_can_be(tmp_path):
    entries = [None, 3, [], {}, {"file": 3, "reason": [], "word": None}, {"file": "a.png"}]
    page = written(tmp_path, entries, ["b.png", None, {"file": []}])
    assert page.text.endswith("other 6 not told not told not told not told not told a.png")


def test_it_needs_nothing_from_elsewhere_and_may_run_nothing(tmp_path):
    page = written(tmp_path, left_out("small"), thumbnail=lambda entry: THUMBNAIL)
    (policy,) = page.all("meta", **{"http-equiv": "Content-Security-Policy"})
    assert policy["content"] == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert page.all("meta", charset="utf-8")
    assert page.all("html", lang="en")
    assert page.all("meta", name="viewport")
    assert page.all("link") == page.all("script") == []
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "prefers-color-scheme: dark" in text
    assert "url(" not in text
    assert "@import" not in text
    assert "http:" not in text
    assert "https:" not in text


def test_the_same_set_gives_the_same_bytes(tmp_path):
    for folder in ("a", "b"):
        written(tmp_path / folder, left_out("small", 3), thumbnail=lambda entry: THUMBNAIL)
    first, second = ((tmp_path / x / "report.html").read_bytes() for x in "ab")
    assert first == second


def test_thumbnails_are_not_held(tmp_path):
    made = dataset(tmp_path, left_out("small", 200))
    tracemalloc.start()
    write_report(tmp_path / "report.html", made, lambda entry: b"\x89PNG" + bytes(100_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "report.html").stat().st_size > 20_000_000
    assert peak < 5_000_000


def test_an_error_leaves_the_old_report_whole(tmp_path):
    made = dataset(tmp_path, left_out("small"))
    path = tmp_path / "report.html"
    path.write_text("old")

    def fail(entry):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_report(path, made, fail)
    assert path.read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["faces.json", "faces.npy", "report.html"]


@pytest.mark.parametrize("name", ["report.png", "report", "faces.npy", ".html", "html"])
def test_a_report_takes_no_other_files_name(tmp_path, name):
    with pytest.raises(DatasetError, match=rf"the report .*{name} is not a \.html; give such"):
        write_report(tmp_path / name, dataset(tmp_path, []), lambda entry: None)
    check_report_name(tmp_path / "REPORT.HTML")


def test_a_damaged_manifest(tmp_path):
    with pytest.raises(DatasetError, match=r'"pictures" in .*faces\.json is not a list; copy'):
        written(tmp_path, [], pictures="none")
    assert not (tmp_path / "report.html").exists()
