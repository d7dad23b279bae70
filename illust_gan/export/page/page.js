// One face, and all that can be done with it.

import { paint } from "./drawer.js";
import { fromFragment, MOST_SEED, toFragment } from "./link.js";
import { COLUMNS, ROWS, Sheet } from "./sheet.js";
import { Sliders } from "./sliders.js";
import { Walk } from "./walk.js";
import { speakOther, words } from "./words.js";
import { addNoise, applyDirection, drawNoise, neighbours, pickZ } from "./z.js";

const $ = (id) => document.getElementById(id);
const randomSeed = () => Math.floor(Math.random() * (MOST_SEED + 1));

export class Page {
  constructor(site, drawer, processor) {
    this.site = site;
    this.drawer = drawer;
    this.processor = processor;
    this.sheetSeed = 0;
    this.showsNeighbours = false;
    const names = site.directions.map(({ name }) => name);
    this.vectors = new Map(site.directions.map(({ name, vector }) => [name, vector]));
    this.sliders = new Sliders($("sliders"), names, () => this.change());
    this.sheet = new Sheet($("sheet"), drawer, (choice) => this.choose(choice));
    this.walk = new Walk({ kept: $("kept"), button: $("walk"), face: $("face") }, drawer, {
      onChoose: (choice) => this.choose(choice),
      onStop: (z) => (z ? this.choose({ seed: null, face: null, z }) : this.draw()),
    });
    this.connect();
    this.tellProcessor();
  }

  connect() {
    const click = (id, action) => $(id).addEventListener("click", action);
    click("another", () => this.another());
    click("keep", () => this.keep());
    click("save", () => this.save());
    click("share", () => this.share());
    click("look-around", () => this.show(true));
    click("show-neighbours", () => this.show(true));
    click("show-faces", () => this.show(false));
    click("more", () => this.more());
    click("other-noise", () => this.otherNoise());
    click("reset", () => this.reset());
    click("language", () => this.speakOther());
    const keys = { n: "another", k: "keep", w: "walk", s: "save" };
    addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const id = keys[event.key.toLowerCase()];
      if (id) $(id).click();
    });
    addEventListener("hashchange", () => this.open());
  }

  /** Take the face that the address names, or the first of seed 0. */
  open() {
    const { nHidden } = this.site;
    const found = fromFragment(location.hash, nHidden);
    const { seed, face, z, noise, noiseSeed, strengths } = found ?? {
      ...{ seed: 0, face: 0, z: null, noise: 0, noiseSeed: 0, strengths: new Map() },
    };
    this.noiseSeed = noiseSeed;
    this.sliders.setAll(noise, strengths);
    this.take(z ? { seed, face, z } : { seed, face, z: pickZ(seed, [face], nHidden)[0] });
  }

  /** Make a face of the sheet, or a kept one, the one on the screen. */
  choose(choice) {
    this.sliders.setAll(0, new Map());
    const drawn = this.take(choice);
    this.sheet.mark(choice);
    return drawn;
  }

  take(choice) {
    this.chosen = choice;
    this.sheet.mark(null);
    return this.change();
  }

  another() {
    const seed = randomSeed();
    this.choose({ seed, face: 0, z: pickZ(seed, [0], this.site.nHidden)[0] });
  }

  /** @returns {Float32Array} The z of the face as the sliders make it. */
  z() {
    const noise = Number(this.sliders.noise.value);
    let { z } = this.chosen;
    if (noise) z = addNoise(z, drawNoise(this.noiseSeed, 1, z.length)[0], noise);
    for (const [name, strength] of this.sliders.strengths()) {
      z = applyDirection(z, this.vectors.get(name), strength);
    }
    return z;
  }

  change() {
    this.walk.stop();
    this.caption();
    // Browsers bear with some addresses a second only.
    clearTimeout(this.addressing);
    this.addressing = setTimeout(() => this.address(), 250);
    return this.draw();
  }

  address() {
    const noise = Number(this.sliders.noise.value);
    const { noiseSeed, chosen } = this;
    const strengths = this.sliders.strengths();
    history.replaceState(null, "", `#${toFragment({ ...chosen, noise, noiseSeed, strengths })}`);
  }

  async draw() {
    const picture = await this.drawer.latest(this.z());
    if (!picture) return;
    this.picture = picture;
    paint($("face"), picture);
  }

  caption() {
    const { seed, face } = this.chosen;
    const text = face === null ? words.ownCaption : words.caption(face, seed);
    const changed = Number(this.sliders.noise.value) || this.sliders.strengths().size;
    $("caption").textContent = changed ? words.changed(text) : text;
  }

  /** The face as it is, sliders included, as one that can be chosen again. */
  asItIs() {
    const changed = Number(this.sliders.noise.value) || this.sliders.strengths().size;
    return changed ? { seed: null, face: null, z: this.z() } : this.chosen;
  }

  async keep() {
    // Of a walk, the face that it has come to.
    await this.walk.halt();
    // The one on the screen may still be that before a click or a slider.
    await this.draw();
    this.walk.keep(this.asItIs(), this.picture);
  }

  /** Show the neighbours of the face, or faces of a seed. */
  async show(showsNeighbours, noiseSeed = 0) {
    if (showsNeighbours) await this.walk.halt();
    this.showsNeighbours = showsNeighbours;
    $("show-neighbours").setAttribute("aria-pressed", showsNeighbours);
    $("show-faces").setAttribute("aria-pressed", !showsNeighbours);
    let choices;
    if (showsNeighbours) {
      const here = this.asItIs();
      const settings = { rows: ROWS, columns: COLUMNS, strength: 1, noiseSeed };
      const zs = neighbours(here.z, settings);
      // In the first column the noise is none.
      choices = zs.map((z, i) => (i % COLUMNS ? { seed: null, face: null, z } : { ...here }));
    } else {
      const faces = Array.from({ length: ROWS * COLUMNS }, (_, i) => i);
      const zs = pickZ(this.sheetSeed, faces, this.site.nHidden);
      choices = zs.map((z, face) => ({ seed: this.sheetSeed, face, z }));
    }
    return this.sheet.show(choices);
  }

  more() {
    if (!this.showsNeighbours) this.sheetSeed = randomSeed();
    return this.show(this.showsNeighbours, randomSeed());
  }

  otherNoise() {
    this.noiseSeed = randomSeed();
    if (!Number(this.sliders.noise.value)) this.sliders.set(this.sliders.noise, 0.5);
    this.change();
  }

  reset() {
    this.sliders.setAll(0, new Map());
    this.change();
  }

  async save() {
    await this.walk.halt();
    const { seed, face } = this.asItIs();
    const link = document.createElement("a");
    link.download = face === null ? "face.png" : `face-${seed}-${face}.png`;
    link.href = $("face").toDataURL("image/png");
    link.click();
  }

  async share() {
    this.address();
    try {
      await navigator.clipboard.writeText(location.href);
    } catch {
      // Only pages from https or from this machine may write there.
      prompt(words.share, location.href);
      return;
    }
    $("share").textContent = words.copied;
    setTimeout(() => ($("share").textContent = words.share), 1500);
  }

  speakOther() {
    speakOther();
    this.sliders.speak();
    this.sheet.speak();
    this.walk.speak();
    this.caption();
    this.tellProcessor();
  }

  tellProcessor() {
    $("processor").textContent = words.drawnBy(this.processor, this.site.version);
  }
}
