import dicebear
import pytest

from illust_gan.datasets import DatasetError
from illust_gan.datasets.avatar_styles import (
    DEFAULT_STYLES,
    OPTIONS,
    check_styles,
    credit,
    read_definition,
)

FREE = {"CC0 1.0", "CC BY 4.0"}


@pytest.mark.parametrize("style", OPTIONS)
def test_every_style_says_who_drew_it_and_may_be_passed_on(style):
    line = credit(style)
    assert line["license"] in FREE
    assert line["license_url"].startswith("https://creativecommons.org/")
    assert line["author"] in line["text"]
    assert all(line.values())


@pytest.mark.parametrize("style", OPTIONS)
def test_every_option_and_variant_exists_in_the_style(style):
    known = dicebear.OptionsDescriptor(dicebear.Style(read_definition(style))).to_json()
    for option, value in OPTIONS[style].items():
        assert option in known
        if option.endswith("Variant"):
            assert set(value) <= set(known[option]["values"]), option


def test_names_may_come_in_one_string():
    assert check_styles("lorelei, micah") == check_styles(("lorelei", "micah"))
    assert check_styles(DEFAULT_STYLES) == list(DEFAULT_STYLES)


@pytest.mark.parametrize("style", ["avataaars", "bottts", "manga", "../lorelei", ""])
def test_a_style_that_is_not_offered(style):
    with pytest.raises(
        DatasetError,
        match=rf"no style '{style}' is offered; wanted .* lorelei \(CC0 1\.0\), adventurer \(CC BY",
    ):
        check_styles(["lorelei", style])


def test_none_and_twice_are_refused():
    with pytest.raises(DatasetError, match=r"styles are empty; wanted one or more of lorelei"):
        check_styles([])
    with pytest.raises(DatasetError, match=r"styles are micah, micah; wanted .*, each once"):
        check_styles("micah,micah")
