// A sheet of twenty faces to choose from.

import { paint } from "./drawer.js";
import { words } from "./words.js";

export const ROWS = 4;
export const COLUMNS = 5;

export class Sheet {
  #aborted = new AbortController();
  #choices = [];

  /**
   * @param {HTMLElement} element
   * @param {Drawer} drawer
   * @param {function(object)} onChoose Is given what {@link show} was given of the face.
   */
  constructor(element, drawer, onChoose) {
    this.drawer = drawer;
    this.buttons = Array.from({ length: ROWS * COLUMNS }, (_, i) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "picture";
      button.tabIndex = i ? -1 : 0;
      const canvas = button.appendChild(document.createElement("canvas"));
      canvas.width = canvas.height = drawer.size;
      button.addEventListener("click", () => {
        this.#focusable(i);
        if (this.#choices[i]) onChoose(this.#choices[i]);
      });
      element.append(button);
      return button;
    });
    element.addEventListener("keydown", (event) => this.#move(event));
    this.speak();
  }

  /** Name the faces in the language of the page. */
  speak() {
    this.buttons.forEach((button, i) => button.setAttribute("aria-label", words.choose(i + 1)));
  }

  /**
   * @param {object[]} choices Each with the `z` that is to be drawn.
   * @returns {Promise} Resolved when all are drawn, or others are to be shown.
   */
  show(choices) {
    this.#aborted.abort();
    this.#aborted = new AbortController();
    this.#choices = choices;
    this.mark(null);
    const each = (i, picture) => paint(this.buttons[i].firstChild, picture);
    return this.drawer.all(choices.map(({ z }) => z), each, this.#aborted.signal);
  }

  /** Mark the face that was chosen, if it is on the sheet. */
  mark(choice) {
    this.buttons.forEach((button, i) =>
      button.classList.toggle("chosen", choice !== null && this.#choices[i] === choice),
    );
  }

  #focusable(i) {
    this.buttons.forEach((button, k) => (button.tabIndex = k === i ? 0 : -1));
  }

  #move(event) {
    const from = this.buttons.indexOf(document.activeElement);
    const step = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -COLUMNS,
      ArrowDown: COLUMNS,
      Home: -from,
      End: this.buttons.length - 1 - from,
    }[event.key];
    const to = this.buttons[from + step];
    if (from < 0 || !to) return;
    event.preventDefault();
    this.#focusable(from + step);
    to.focus();
  }
}
