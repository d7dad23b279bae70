// Faces that are kept, and the walk through them.

import { paint } from "./drawer.js";
import { walk } from "./z.js";
import { words } from "./words.js";

// From one face to the next, as illust-gan walk has it.
const FRAMES = 24;
const MILLISECONDS = 1000 / 25;
const MOST = 12;

export class Walk {
  #kept = [];
  #walking = null;
  #here = null;

  /**
   * @param {{kept: HTMLElement, button: HTMLButtonElement, face: HTMLCanvasElement}} elements
   * @param {Drawer} drawer
   * @param {{onChoose: function(object), onStop: function(Float32Array?)}} does What is chosen; and
   *   at which z a walk stopped, if it came to one.
   */
  constructor({ kept, button, face }, drawer, { onChoose, onStop }) {
    Object.assign(this, { element: kept, button, face, drawer, onChoose, onStop });
    button.addEventListener("click", () => this.toggle());
  }

  /** Keep a face: its z, changes included, and its picture. */
  keep(choice, picture) {
    if (this.#kept.length === MOST) this.#kept.shift();
    this.#kept.push({ choice, picture });
    this.#list();
  }

  /** Walk, or stop at the face that the walk has come to. */
  toggle() {
    if (this.#walking) return this.halt();
    if (this.#kept.length > 1) this.#start();
  }

  /** Stop at the face that the walk has come to, if there is a walk. */
  halt() {
    if (!this.#walking) return undefined;
    this.stop();
    return this.onStop(this.#here);
  }

  /** Stop, as another face is shown. */

  stop() {
    this.#walking?.abort();
    this.#walking = null;
    this.speak();
  }

  /** Name things in the language of the page. */
  speak() {
    this.button.textContent = this.#walking ? words.stop : words.walk;
    this.button.disabled = this.#kept.length < 2;
    [...this.element.children].forEach((item, i) => {
      item.firstChild.setAttribute("aria-label", words.kept(i + 1));
      item.lastChild.setAttribute("aria-label", words.remove(i + 1));
    });
  }

  #list() {
    this.element.replaceChildren(
      ...this.#kept.map((kept) => {
        const item = document.createElement("div");
        const face = item.appendChild(document.createElement("button"));
        face.type = "button";
        face.className = "picture";
        paint(face.appendChild(document.createElement("canvas")), kept.picture);
        face.addEventListener("click", () => this.onChoose(kept.choice));
        const remove = item.appendChild(document.createElement("button"));
        remove.type = "button";
        remove.className = "remove";
        remove.textContent = "×";
        remove.addEventListener("click", () => {
          this.#kept = this.#kept.filter((other) => other !== kept);
          this.halt();
          this.#list();
        });
        return item;
      }),
    );
    this.speak();
  }

  #start() {
    this.#walking = new AbortController();
    const { signal } = this.#walking;
    const zs = walk(this.#kept.map(({ choice }) => choice.z), FRAMES);
    const frames = [];
    this.drawer.all(zs, (i, picture) => (frames[i] = picture), signal);
    this.#here = null;
    let shown = -1;
    let due = 0;
    const show = (now) => {
      if (signal.aborted) return;
      const next = (shown + 1) % zs.length;
      // Frames that are not drawn yet are waited for: none is left out.
      if (frames[next] && now >= due) {
        paint(this.face, frames[next]);
        shown = next;
        this.#here = zs[next];
        due = Math.max(due + MILLISECONDS, now - MILLISECONDS);
      }
      requestAnimationFrame(show);
    };
    requestAnimationFrame(show);
    this.speak();
  }
}
