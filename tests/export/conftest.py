"""A page of the generator that ships, and a real browser that looks at it."""

import contextlib
import functools
import http.server
import shutil
import threading

import pytest

import illust_gan
from illust_gan.export import runtime

MODEL = "rezoolab-avatars"
FLAGS = (
    "--headless=new --no-sandbox --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --window-size=1200,900 --lang=en-US"
)


@pytest.fixture(scope="session")
def gen():
    return illust_gan.load_generator(MODEL)


@pytest.fixture(scope="session")
def directions(gen):
    return illust_gan.sefa(gen, 3)


@pytest.fixture(scope="session")
def page(gen, directions, tmp_path_factory):
    pytest.importorskip("onnxruntime")
    if not runtime.is_there(runtime.FOLDER):
        pytest.skip("onnxruntime-web was not installed, as npm was not there")
    folder = tmp_path_factory.mktemp("pages") / "page"
    illust_gan.export_web(gen, folder, directions=directions, name=MODEL, about="CC BY 4.0")
    return folder


class PlainHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, form, *arguments):
        pass


@contextlib.contextmanager
def serving(folder, handler=PlainHandler):
    """A plain server of files, as anybody has: nothing of illust-gan serve is in it."""
    handler = functools.partial(handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="session")
def address(page):
    with serving(page) as address:
        yield address


@contextlib.contextmanager
def browsing(*flags, phone=None):
    """A new Chromium with a profile of its own."""
    webdriver = pytest.importorskip("selenium.webdriver")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        pytest.skip("there is no chromium with chromedriver here")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS.split(), *flags):
        options.add_argument(flag)
    if phone:
        width, height = phone
        metrics = {"width": width, "height": height, "pixelRatio": 2}
        options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(driver)
    browser = webdriver.Chrome(options=options, service=service)
    try:
        browser.set_script_timeout(60)
        yield browser
    finally:
        browser.quit()


@pytest.fixture(scope="session")
def chromium():
    with browsing("--disable-gpu") as browser:
        yield browser


@pytest.fixture
def browser(chromium):
    """The browser, which must not have complained when the test is over."""
    chromium.get("about:blank")
    chromium.get_log("browser")
    yield chromium
    assert complaints(chromium) == []


def complaints(browser):
    return [line["message"] for line in browser.get_log("browser") if line["level"] == "SEVERE"]
