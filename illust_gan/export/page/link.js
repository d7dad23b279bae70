// A face as the fragment of the page's address, and back: what anybody may have written by hand.

export const MOST_SEED = 2 ** 32 - 1;
export const MOST_FACE = 9999;
const LARGEST = 100;

/**
 * @param {{seed: number, face: number, z: Float32Array, noise: number, noiseSeed: number,
 *   strengths: Map<string, number>}} state A face has a number, or else its z itself is written.
 * @returns {string} Without the `#`.
 */
export function toFragment({ seed, face, z, noise, noiseSeed, strengths }) {
  const fields = new URLSearchParams();
  if (face === null) fields.set("z", toBase64(z));
  else {
    fields.set("seed", seed);
    fields.set("face", face);
  }
  if (noise) {
    fields.set("noise", noise);
    fields.set("noise-seed", noiseSeed);
  }
  for (const [name, strength] of strengths) if (strength) fields.set(`d.${name}`, strength);
  return fields.toString();
}

/**
 * @param {string} fragment With or without the `#`.
 * @param {number} nHidden Length of z.
 * @returns {object|null} As for {@link toFragment}; null if it names no face.
 */
export function fromFragment(fragment, nHidden) {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const whole = (name, most) => {
    const text = fields.get(name) ?? "";
    return /^\d{1,10}$/.test(text) && Number(text) <= most ? Number(text) : null;
  };
  const number = (text) => {
    const value = Number(text);
    return Number.isFinite(value) ? Math.min(LARGEST, Math.max(-LARGEST, value)) : 0;
  };
  const z = fromBase64(fields.get("z"), nHidden);
  const [seed, face] = [whole("seed", MOST_SEED), whole("face", MOST_FACE)];
  if (!z && (seed === null || face === null)) return null;
  const strengths = new Map();
  for (const [key, text] of fields) {
    if (key.startsWith("d.")) strengths.set(key.slice(2), number(text));
  }
  return {
    seed: z ? null : seed,
    face: z ? null : face,
    z,
    noise: Math.max(0, number(fields.get("noise"))),
    noiseSeed: whole("noise-seed", MOST_SEED) ?? 0,
    strengths,
  };
}

function toBase64(z) {
  const bytes = new Uint8Array(Float32Array.from(z).buffer);
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64(text, nHidden) {
  if (!text || text.length > 8 * nHidden) return null;
  let bytes;
  try {
    bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return null;
  }
  if (bytes.length !== 4 * nHidden) return null;
  const z = new Float32Array(Uint8Array.from(bytes, (c) => c.charCodeAt(0)).buffer);
  return z.every((number) => Math.abs(number) <= LARGEST) ? z : null;
}
