// Loads what the page needs, and opens it.

import { Drawer } from "./drawer.js";
import { Page } from "./page.js";
import { firstLanguage, speak, words } from "./words.js";

const $ = (id) => document.getElementById(id);

async function start() {
  speak(firstLanguage());
  $("message").textContent = words.starting;
  const site = await (await fetch("site.json")).json();
  document.title = `${site.name} – illust-gan`;
  $("name").textContent = site.name;
  $("about-text").textContent = site.about;
  $("about").hidden = !site.about;
  $("progress").hidden = false;
  const drawer = new Drawer(site);
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  const processor = await drawer.start(
    {
      model: site.model,
      bytes: site.bytes,
      processor: new URLSearchParams(location.search).get("processor"),
    },
    (loaded, wanted) => {
      $("progress").value = loaded / wanted;
      $("message").textContent =
        loaded < wanted ? words.loading(megabytes(loaded), megabytes(wanted)) : words.starting;
    },
  );
  const page = new Page(site, drawer, processor);
  page.open();
  $("message").hidden = true;
  $("progress").hidden = true;
  $("main").hidden = false;
  await page.show(false);
  document.body.removeAttribute("aria-busy");
}

function fail(error) {
  console.error(error);
  $("progress").hidden = true;
  $("message").hidden = false;
  $("message").setAttribute("role", "alert");
  $("message").textContent = words.failed(error.message);
}

addEventListener("unhandledrejection", ({ reason }) => fail(reason));
start().catch(fail);
