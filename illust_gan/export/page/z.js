// What is done with z, number by number as illust_gan/generation does it.

import { RandomState } from "./random.js";

const clip = (number) => Math.min(1, Math.max(-1, number));
const { fround } = Math;

/** The z of some faces of a seed, `illust_gan.generation.pick.pick_z`. */
export function pickZ(seed, faces, nHidden) {
  const random = new RandomState(seed);
  const rows = Array.from({ length: Math.max(...faces) + 1 }, () => random.uniform(nHidden));
  return faces.map((face) => rows[face]);
}

/** Rows of noise of a seed, `illust_gan.generation.noise.draw_noise`. */
export function drawNoise(seed, n, nHidden) {
  const random = new RandomState([seed, 1]);
  return Array.from({ length: n }, () => random.uniform(nHidden));
}

/** `illust_gan.generation.noise.add_noise` */
export function addNoise(z, noise, strength) {
  return z.map((number, i) => clip(fround(number + fround(fround(strength) * noise[i]))));
}

/** `illust_gan.apply_direction` */
export function applyDirection(z, vector, strength) {
  return z.map((number, i) => number + fround(fround(strength) * vector[i]));
}

/** A face's neighbours: in each row noise of its own grows, as `illust_gan.neighbours` has it. */
export function neighbours(z, { rows, columns, strength, noiseSeed }) {
  return drawNoise(noiseSeed, rows, z.length).flatMap((noise) =>
    Array.from({ length: columns }, (_, i) => addNoise(z, noise, (strength * i) / (columns - 1))),
  );
}

/** Through z and from the last back to the first, `illust_gan.generation.walk.walk_z`. */
export function walk(stops, frames) {
  return stops.flatMap((a, k) => {
    const b = stops[(k + 1) % stops.length];
    return Array.from({ length: frames }, (_, i) => {
      const t = i / frames;
      return i ? slerp(a, b, t * t * (3 - 2 * t)) : a;
    });
  });
}

function slerp(a, b, s) {
  const [lengthA, lengthB] = [Math.hypot(...a), Math.hypot(...b)];
  const cosine = a.reduce((sum, number, i) => sum + number * b[i], 0) / (lengthA * lengthB);
  const angle = Math.acos(clip(cosine));
  // Of one direction there is nothing to turn, and opposite ones have no nearest great circle.
  if (!(Math.sin(angle) >= 1e-6)) return a.map((number, i) => clip((1 - s) * number + s * b[i]));
  const length = ((1 - s) * lengthA + s * lengthB) / Math.sin(angle);
  const shareA = (length * Math.sin((1 - s) * angle)) / lengthA;
  const shareB = (length * Math.sin(s * angle)) / lengthB;
  return a.map((number, i) => clip(shareA * number + shareB * b[i]));
}
