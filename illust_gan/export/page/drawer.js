// The way to the worker that draws: one thing at a time, the face on the screen first.

// Pictures of a sheet or a walk that are drawn at once; always as many, as WebGPU prepares itself
// for each number anew.
const CHUNK = 4;

export class Drawer {
  #worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  #newest = null;
  #jobs = [];
  #answer = null;

  /** @param {{nHidden: number, size: number}} net */
  constructor({ nHidden, size }) {
    this.nHidden = nHidden;
    this.size = size;
  }

  /**
   * @param {object} settings What the worker's `start` takes.
   * @param {function(number, number)} progress Bytes that are loaded, and wanted.
   * @returns {Promise<string>} "WebGPU" or "WebAssembly".
   */
  start(settings, progress) {
    return new Promise((resolve, reject) => {
      this.#worker.onerror = (event) => reject(new Error(event.message || "worker.js"));
      this.#worker.onmessage = ({ data }) => {
        if (data.error) reject(new Error(data.error));
        else if (data.started) {
          this.#worker.onmessage = ({ data }) => this.#take(data);
          resolve(data.started);
        } else progress(data.loaded, data.wanted);
      };
      this.#worker.postMessage({ start: settings });
    });
  }

  /**
   * Draw one face before all else; a newer one takes the place of one that still waits.
   * @param {Float32Array} z
   * @returns {Promise<ImageData|null>} null if a newer one came.
   */
  latest(z) {
    return new Promise((resolve, reject) => {
      this.#newest?.resolve([null]);
      const settle = ([face]) => resolve(face);
      this.#newest = { zs: [z], size: 1, resolve: settle, reject };
      this.#next();
    });
  }

  /**
   * Draw several faces, and hand each out as it is done.
   * @param {Float32Array[]} zs
   * @param {function(number, ImageData)} each
   * @param {AbortSignal} signal
   */
  async all(zs, each, signal) {
    for (let start = 0; start < zs.length && !signal.aborted; start += CHUNK) {
      const part = zs.slice(start, start + CHUNK);
      const faces = await new Promise((resolve, reject) => {
        this.#jobs.push({ zs: part, size: CHUNK, resolve, reject });
        this.#next();
      });
      if (!signal.aborted) faces.forEach((face, i) => each(start + i, face));
    }
  }

  #next() {
    if (this.#answer) return;
    const job = this.#newest ?? this.#jobs.shift();
    if (!job) return;
    if (job === this.#newest) this.#newest = null;
    this.#answer = job;
    const z = new Float32Array(job.size * this.nHidden);
    job.zs.forEach((row, i) => z.set(row, i * this.nHidden));
    this.#worker.postMessage({ z, n: job.size }, [z.buffer]);
  }

  #take({ pixels, error }) {
    const job = this.#answer;
    this.#answer = null;
    if (error) job.reject(new Error(error));
    else {
      const length = 4 * this.size ** 2;
      const picture = (i) =>
        new ImageData(pixels.slice(i * length, (i + 1) * length), this.size, this.size);
      job.resolve(job.zs.map((_, i) => picture(i)));
    }
    this.#next();
  }
}

/** Show a picture on a canvas, in its own size. */
export function paint(canvas, picture) {
  if (canvas.width !== picture.width) canvas.width = picture.width;
  if (canvas.height !== picture.height) canvas.height = picture.height;
  canvas.getContext("2d").putImageData(picture, 0, 0);
}
