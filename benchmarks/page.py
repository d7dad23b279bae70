"""The page in headless Chromium: how long until the first face and the first sheet, and for a face.

Each run starts a browser with an empty cache, which reads the page from this machine. It wants
chromium, chromedriver and the package selenium, which `[dev]` has.

    illust-gan export web rezoolab-avatars page
    python benchmarks/page.py page --screenshot page.png
"""

import shutil
import statistics
import threading
import time

import illust_gan
import chainer
import click
from illust_gan.export.server import make_server
from illust_gan.generation.pick import pick_z
from illust_gan.generation.sample import draw
from selenium import webdriver
from updater import describe

FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars "
    "--disable-background-networking --disable-component-update --disable-sync --lang=en-US"
)

# Milliseconds of a browser's clock, 0 where it went to the page's address.
FIRST = """
    const done = arguments[0];
    const shown = [];
    const look = () => {
      if (!shown.length && !document.getElementById("main").hidden) shown.push(performance.now());
      if (document.body.ariaBusy) requestAnimationFrame(look);
      else done([shown[0], performance.now()]);
    };
    look();
"""

# With a worker of its own, while the page's is idle.
DRAWING = """
    const [times, done] = arguments;
    (async () => {
      const { Drawer } = await import("./drawer.js");
      const { pickZ } = await import("./z.js");
      const site = await (await fetch("site.json")).json();
      const drawer = new Drawer(site);
      await drawer.start({ model: site.model, bytes: site.bytes, processor: null }, () => {});
      const [z] = pickZ(0, [0], site.nHidden);
      const taken = [];
      for (let i = 0; i < times; i++) {
        const start = performance.now();
        await drawer.latest(z);
        taken.push(performance.now() - start);
      }
      done(taken);
    })();
"""


def open_browser(size):
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in (*FLAGS.split(), f"--window-size={size}"):
        options.add_argument(flag)
    browser = webdriver.Chrome(
        options=options, service=webdriver.ChromeService(shutil.which("chromedriver"))
    )
    browser.set_script_timeout(120)
    return browser


def time_python(gen, times):
    z = pick_z([0], gen.n_hidden)
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        draw(gen, z)
        taken.append(1000 * (time.perf_counter() - start))
    return taken


@click.command()
@click.argument("page", type=click.Path(exists=True, file_okay=False))
@click.option("--model", help="What PAGE was made of: its time in Python is told, too.")
@click.option("--runs", default=5, show_default=True)
@click.option("--size", default="1200,900", show_default=True, help="Of the window.")
@click.option("--fragment", default="#seed=0&face=0", show_default=True, help="The face.")
@click.option("--screenshot", type=click.Path(), help="PNG to write of the page at the end.")
def main(page, model, runs, size, fragment, screenshot):
    firsts, sheets, faces, python = [], [], [], []
    gen = illust_gan.load_generator(model) if model else None
    with make_server(page, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for run in range(runs):
            browser = open_browser(size)
            browser.get(f"http://127.0.0.1:{server.server_address[1]}/{fragment}")
            first, sheet = browser.execute_async_script(FIRST)
            firsts.append(first)
            sheets.append(sheet)
            faces += browser.execute_async_script(DRAWING, 20)[2:]
            if gen is not None:
                python += time_python(gen, 20)[2:]
            if screenshot and run == runs - 1:
                browser.save_screenshot(screenshot)
            browser.quit()
        server.shutdown()
    print(describe(chainer.get_device("@numpy")))
    for what, times in (
        ("first face shown", firsts),
        ("sheet of twenty drawn", sheets),
        ("one face drawn", faces),
        ("one face drawn by Chainer, in its batch of 16", python),
    ):
        if times:
            low, high = min(times), max(times)
            print(f"{what}: {statistics.median(times):.0f} ms ({low:.0f} to {high:.0f})")


if __name__ == "__main__":
    main()
