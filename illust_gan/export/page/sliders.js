// A slider for the strength of noise and one for each direction.

import { directionName, words } from "./words.js";

// As long as the z of a random face of 100 numbers, √(100 / 3), is 5.8.
const MOST = 5;

export class Sliders {
  #rows = [];

  /**
   * @param {HTMLElement} element
   * @param {string[]} names Of the directions.
   * @param {function} onChange
   */
  constructor(element, names, onChange) {
    this.onChange = onChange;
    this.noise = this.#add(element, null, 0, 1, 0.01);
    this.directions = new Map(
      names.map((name) => [name, this.#add(element, name, -MOST, MOST, 0.1)]),
    );
    this.speak();
  }

  #add(element, name, min, max, step) {
    const label = document.createElement("label");
    const text = label.appendChild(document.createElement("span"));
    const output = label.appendChild(document.createElement("output"));
    const input = label.appendChild(document.createElement("input"));
    Object.assign(input, { type: "range", min, max, step });
    input.value = 0;
    input.addEventListener("input", () => {
      this.#tell(input, output);
      this.onChange();
    });
    // As one sets a slider to its middle again.
    input.addEventListener("dblclick", () => {
      this.set(input, 0);
      this.onChange();
    });
    element.append(label);
    this.#rows.push({ name, text, input, output });
    this.#tell(input, output);
    return input;
  }

  #tell(input, output) {
    output.textContent = Number(input.value).toFixed(input.min === "0" ? 2 : 1);
  }

  /** Name the sliders in the language of the page. */
  speak() {
    for (const { name, text } of this.#rows) {
      text.textContent = name === null ? words.noise : directionName(name);
    }
  }

  /** Set one without telling of it. */
  set(input, value) {
    input.value = value;
    const row = this.#rows.find((row) => row.input === input);
    this.#tell(input, row.output);
  }

  /** Set all: noise to a strength, directions to those of a Map, or 0. */
  setAll(noise, strengths) {
    this.set(this.noise, noise);
    for (const [name, input] of this.directions) this.set(input, strengths.get(name) ?? 0);
  }

  /** @returns {Map<string, number>} Of the directions, those that are not 0. */
  strengths() {
    const all = [...this.directions].map(([name, input]) => [name, Number(input.value)]);
    return new Map(all.filter(([, strength]) => strength));
  }
}
