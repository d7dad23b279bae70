"""The page in a real browser, from a plain server of files: it draws what Python draws."""

import gzip
import json
import re
import shutil
import time

import numpy as np
import pytest
from PIL import Image

import illust_gan
from illust_gan.generation.noise import add_noise, draw_noise
from illust_gan.generation.pick import pick_z
from illust_gan.generation.sample import draw
from illust_gan.generation.walk import walk_z
from tests.export.conftest import PlainHandler, browsing, complaints, serving
from tests.export.looking import (
    await_face,
    click,
    difference,
    open_page,
    pixels,
    set_slider,
    sheet_pixels,
    text,
    until,
)


def test_first_shows_the_faces_of_seed_0(browser, address, gen):
    open_page(browser, address)
    faces = illust_gan.generate(gen, 20)
    assert difference(pixels(browser), faces[0]) <= 2
    assert difference(sheet_pixels(browser), faces) <= 2
    assert text(browser, "caption") == "Face 0 of seed 0"
    assert text(browser, "name") == "rezoolab-avatars"
    assert "WebAssembly" in text(browser, "processor")


def test_asks_no_other_server(browser, address):
    open_page(browser, address)
    names = browser.execute_script(
        "return performance.getEntriesByType('resource').map(e => e.name)"
    )
    assert len(names) > 5
    assert all(name.startswith(address) for name in names)
    # The rule that forbids it is in force.
    refused = browser.execute_async_script(
        "fetch('http://localhost:9/').then(() => 'asked', (e) => e.name).then(arguments[0])"
    )
    assert refused == "TypeError"
    assert any("Content Security Policy" in line for line in complaints(browser))


def test_a_face_of_the_sheet_is_chosen_and_has_an_address(browser, address, gen):
    open_page(browser, address)
    browser.find_element("css selector", "#sheet button:nth-child(8)").click()
    await_face(browser, illust_gan.generate(gen, 8)[7])
    assert text(browser, "caption") == "Face 7 of seed 0"
    until(lambda: browser.current_url.endswith("#seed=0&face=7"), "the address")
    assert len(browser.find_elements("css selector", ".chosen")) == 1


def test_sliders_go_along_directions_and_noise(browser, address, gen, directions):
    open_page(browser, address, "#seed=3&face=5")
    z = pick_z([5], seed=3)
    set_slider(browser, 2, 2.5)
    moved = illust_gan.apply_direction(z, directions.vectors[1], 2.5)
    await_face(browser, draw(gen, moved)[0])
    # It is another face than without.
    assert difference(draw(gen, moved), draw(gen, z)) > 20
    set_slider(browser, 0, 0.4)
    noisy = add_noise(z, draw_noise(1, seed=0), 0.4)
    await_face(browser, draw(gen, illust_gan.apply_direction(noisy, directions.vectors[1], 2.5))[0])
    assert text(browser, "caption") == "Face 5 of seed 3, changed"
    until(lambda: "noise=0.4" in browser.current_url, "the address")

    # Whoever gets the link sees the same.
    seen = pixels(browser)
    address = browser.current_url
    open_page(browser, address)
    assert difference(pixels(browser), seen) == 0

    click(browser, "reset")
    await_face(browser, draw(gen, z)[0])
    set_slider(browser, 1, 1)
    # As fast as a finger moves it: the last one counts.
    for value in np.linspace(-5, 5, 50):
        set_slider(browser, 3, float(value))
    set_slider(browser, 1, 0)
    await_face(browser, draw(gen, illust_gan.apply_direction(z, directions.vectors[2], 5.0))[0])


def test_neighbours_are_those_of_python(browser, address, gen):
    open_page(browser, address, "#seed=0&face=7")
    click(browser, "look-around")
    wanted = illust_gan.neighbours(gen, 7, rows=4, columns=5)
    until(lambda: difference(sheet_pixels(browser), wanted) <= 2, "neighbours", 20)
    browser.find_element("css selector", "#sheet button:nth-child(14)").click()
    await_face(browser, wanted[13])
    assert text(browser, "caption") == "A face without a number"

    # z itself is in the address then.
    until(lambda: "#z=" in browser.current_url, "the address")
    open_page(browser, browser.current_url)
    assert difference(pixels(browser), wanted[13]) <= 2


def test_walks_through_kept_faces(browser, address, gen):
    open_page(browser, address, "#seed=0&face=1")
    assert not browser.find_element("id", "walk").is_enabled()
    click(browser, "keep")
    browser.find_element("css selector", "#sheet button:nth-child(3)").click()
    await_face(browser, illust_gan.generate(gen, 3)[2])
    click(browser, "keep")
    until(lambda: browser.find_element("id", "walk").is_enabled(), "the button")
    click(browser, "walk")
    frames = draw(gen, walk_z(pick_z([1, 2]), 24))
    seen = set()

    def all_the_way():
        face = pixels(browser)
        differences = [difference(face, frame) for frame in frames]
        if min(differences) <= 2:
            seen.add(int(np.argmin(differences)))
        return len(seen) > 12 and seen & {22, 23, 24, 25, 26}

    until(all_the_way, "frames of the walk", 30)
    assert browser.find_element("id", "walk").text == "Stop"
    click(browser, "walk")
    until(lambda: "#z=" in browser.current_url, "the address of where it stopped")
    where = pixels(browser)
    assert min(difference(where, frame) for frame in frames) <= 2
    time.sleep(0.2)
    assert difference(pixels(browser), where) == 0

    # One that is no longer kept.
    browser.find_element("css selector", ".remove").click()
    assert len(browser.find_elements("css selector", ".kept > div")) == 1
    assert not browser.find_element("id", "walk").is_enabled()


def test_keeps_the_face_that_was_chosen_however_fast(browser, address, gen):
    open_page(browser, address, "#seed=0&face=1")
    browser.execute_script(
        "document.querySelector('#sheet button:nth-child(8)').click();"
        "document.getElementById('keep').click();"
    )
    until(lambda: browser.find_elements("css selector", ".kept canvas"), "the kept face")
    assert difference(pixels(browser, ".kept canvas"), illust_gan.generate(gen, 8)[7]) <= 2


def test_another_and_other_twenty(browser, address):
    open_page(browser, address)
    first, sheet = pixels(browser), sheet_pixels(browser)
    click(browser, "another")
    until(lambda: difference(pixels(browser), first) > 20, "another face")
    assert re.fullmatch(r"Face 0 of seed \d+", text(browser, "caption"))
    click(browser, "more")
    until(
        lambda: all(difference(a, b) > 20 for a, b in zip(sheet_pixels(browser), sheet)),
        "twenty others",
    )


def test_keys_do_what_buttons_do(browser, address, gen):
    keys = pytest.importorskip("selenium.webdriver.common.keys").Keys
    open_page(browser, address)
    body = browser.find_element("css selector", "body")
    body.send_keys("n")
    until(lambda: text(browser, "caption") != "Face 0 of seed 0", "another face")
    browser.find_element("css selector", "#sheet button").send_keys(keys.ARROW_DOWN)
    browser.switch_to.active_element.send_keys(keys.ARROW_RIGHT)
    browser.switch_to.active_element.send_keys(keys.ENTER)
    await_face(browser, illust_gan.generate(gen, 7)[6])
    body.send_keys("k")
    until(lambda: browser.find_elements("css selector", ".kept > div"), "a kept face")
    slider = browser.find_element("css selector", "#sliders input")
    slider.send_keys(keys.ARROW_RIGHT)
    until(lambda: text(browser, "caption").endswith("changed"), "the slider")


def test_saves_the_face_as_png(browser, address, gen, tmp_path):
    open_page(browser, address, "#seed=0&face=4")
    browser.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    click(browser, "save")
    path = tmp_path / "face-0-4.png"
    until(path.exists, "the file")
    assert difference(np.asarray(Image.open(path).convert("RGB")), pixels(browser)) == 0
    assert difference(pixels(browser), illust_gan.generate(gen, 5)[4]) <= 2


def test_speaks_japanese(browser, address):
    open_page(browser, address)
    click(browser, "language")
    try:
        assert browser.execute_script("return document.documentElement.lang") == "ja"
        assert text(browser, "caption") == "シード 0 の 0 番の顔"
        assert text(browser, "another") == "別の顔"
        # Nothing is left in English but the names.
        words = browser.execute_script("return document.querySelector('main').innerText")
        assert not re.search(r"[A-Za-z]{2,}", words.replace("PNG", ""))
        assert browser.find_element("css selector", "#sheet button").accessible_name == "一覧の顔 1"
        open_page(browser, address)
        assert text(browser, "another") == "別の顔"
    finally:
        browser.execute_script("localStorage.clear()")


def test_both_languages_say_the_same_things(browser, address):
    open_page(browser, address)
    script = """
        const done = arguments[0];
        import("./words.js").then(async (module) => {
          const kind = ([key, value]) => `${key}: ${typeof value}`;
          const kinds = (words) => Object.entries(words).map(kind).sort();
          const english = kinds(module.words);
          module.speak("ja");
          done([english, kinds(module.words)]);
        });
    """
    english, japanese = browser.execute_async_script(script)
    assert len(english) > 30
    assert english == japanese


@pytest.mark.parametrize(
    "fragment",
    [
        "#",
        "#seed=0",
        "#seed=-1&face=0",
        "#seed=4294967296&face=0",
        "#seed=0&face=10000",
        "#seed=1e3&face=0",
        "#z=AAAA",
        "#z=" + "A" * 100_000,
        "#z=" + "_" * 534,
        "#seed=0&face=0&noise=NaN&d.sefa-1=Infinity&d.<script>=1",
        "#seed=0&face=0&noise=-3",
        "#%E0%A4%A",
    ],
)
def test_an_address_written_by_hand_does_no_harm(browser, address, gen, fragment):
    open_page(browser, address, fragment)
    assert difference(pixels(browser), illust_gan.generate(gen, 1)[0]) <= 2
    assert browser.execute_script("return document.querySelector('#message').hidden")


def test_numbers_are_those_of_numpy(browser, address):
    open_page(browser, address)
    script = """
        const [seeds, done] = arguments;
        import("./random.js").then(({ RandomState }) =>
          done(seeds.map((seed) => Array.from(new RandomState(seed).uniform(2000)))));
    """
    seeds = [0, 1, 4357, 2**32 - 1, [0, 1], [2**32 - 1, 1]]
    for seed, numbers in zip(seeds, browser.execute_async_script(script, seeds)):
        wanted = np.random.RandomState(seed).uniform(-1, 1, 2000).astype(np.float32)
        assert np.array_equal(np.float32(numbers), wanted)


@pytest.mark.parametrize("size", [(320, 568), (390, 844), (844, 390)])
def test_fits_on_a_phone(address, size):
    with browsing("--disable-gpu", phone=size) as browser:
        open_page(browser, address)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= size[0]
        # Of what a finger is to hit, nothing is smaller than WCAG 2.2 wants, 24 pixels.
        script = """
            return [...document.querySelectorAll("main button, main input")]
              .filter((e) => e.offsetParent)
              .map((e) => e.getBoundingClientRect())
              .map(({ width, height }) => Math.min(width, height))
        """
        assert min(browser.execute_script(script)) >= 24
        assert complaints(browser) == []


def test_draws_the_same_by_webgpu(address, gen):
    """SwiftShader computes what a GPU would."""
    flags = ("--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader")
    with browsing(*flags, "--enable-unsafe-swiftshader") as browser:
        browser.get(address)
        adapter = "navigator.gpu?.requestAdapter() ?? null"
        if not browser.execute_script(f"return ({adapter})"):
            pytest.skip("this Chromium has no WebGPU by software")
        open_page(browser, address, query="?processor=webgpu")
        assert "WebGPU" in text(browser, "processor")
        faces = illust_gan.generate(gen, 20)
        assert difference(sheet_pixels(browser), faces) <= 2
        assert complaints(browser) == []
        # By itself it does not take a GPU that is none.
        open_page(browser, address)
        assert "WebAssembly" in text(browser, "processor")


class ServerThatEncodes(PlainHandler):
    """Says of every file that ends in .gz that it is encoded so, as Apache may."""

    def end_headers(self):
        if self.path.endswith(".gz"):
            self.send_header("Content-Encoding", "gzip")
        super().end_headers()


class ServerThatCompresses(PlainHandler):
    """Compresses what it sends, so that its lengths are not those of the files."""

    def do_GET(self):  # noqa: N802
        with open(self.translate_path(self.path), "rb") as f:
            data = gzip.compress(f.read(), 1)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(self.path.partition("?")[0]))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.mark.parametrize("handler", [ServerThatEncodes, ServerThatCompresses])
def test_bears_with_servers(browser, page, gen, handler):
    with serving(page, handler) as address:
        open_page(browser, f"{address}index.html")
        assert difference(pixels(browser), illust_gan.generate(gen, 1)[0]) <= 2


def test_says_what_is_missing(chromium, page, tmp_path):
    shutil.copytree(page, tmp_path / "page")
    (tmp_path / "page" / "generator.onnx").unlink()
    with serving(tmp_path / "page") as address:
        chromium.get(address)
        shown = until(lambda: text(chromium, "message").count("404"), "the message")
        assert shown
        message = chromium.find_element("id", "message")
        assert message.get_attribute("role") == "alert"
        assert "generator.onnx: 404" in message.text
        assert not chromium.find_element("id", "main").is_displayed()
    chromium.get_log("browser")


def test_as_a_file_it_says_what_to_do(chromium, page):
    chromium.get((page / "index.html").as_uri())
    time.sleep(0.3)
    assert "illust-gan serve" in text(chromium, "message")
    assert "ウェブサーバー" in text(chromium, "message")
    chromium.get_log("browser")


def test_settings_are_json_of_directions(page, directions):
    settings = json.loads((page / "site.json").read_text(encoding="utf-8"))
    vectors = np.float32([direction["vector"] for direction in settings["directions"]])
    assert np.array_equal(vectors, directions.vectors)
    assert settings["about"] == "CC BY 4.0"
