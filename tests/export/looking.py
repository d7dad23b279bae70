"""What a test sees of the page and does on it."""

import base64
import io
import time

import numpy as np
from PIL import Image

PATIENCE = 60


def until(condition, what, patience=PATIENCE):
    """Wait for a condition, and return its value."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.02)


def open_page(browser, address, fragment="", query=""):
    """Open the page anew and wait until its sheet is drawn."""
    browser.get("about:blank")
    browser.get(f"{address}{query}{fragment}")
    until(lambda: not browser.execute_script("return document.body.ariaBusy"), "the page")


def pixels(browser, selector="#face"):
    """What a canvas shows, as uint8 (size, size, 3)."""
    script = "return document.querySelector(arguments[0]).toDataURL('image/png').split(',')[1]"
    data = base64.b64decode(browser.execute_script(script, selector))
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def sheet_pixels(browser):
    return [pixels(browser, f"#sheet button:nth-child({i + 1}) canvas") for i in range(20)]


def difference(a, b):
    return int(np.abs(np.asarray(a, int) - np.asarray(b, int)).max())


def await_face(browser, wanted, bound=2):
    """Wait until the face is, within a bound of 255, the one that Python draws."""
    until(lambda: difference(pixels(browser), wanted) <= bound, "the face that Python draws", 15)


def set_slider(browser, number, value):
    """Move a slider; the first one is noise."""
    browser.execute_script(
        """
        const input = document.querySelectorAll("#sliders input")[arguments[0]];
        input.value = arguments[1];
        input.dispatchEvent(new Event("input"));
        """,
        number,
        value,
    )


def click(browser, name):
    browser.find_element("id", name).click()


def text(browser, name):
    return browser.find_element("id", name).text
