// NumPy's RandomState in part: the same seed gives the numbers that Python draws faces from.
// Matsumoto and Nishimura, «Mersenne Twister», 1998; seeded as mt19937ar.c of 2002 does.

const N = 624;
const M = 397;

export class RandomState {
  /** @param {number|number[]} seed 0 to 2**32 - 1, or several of them. */
  constructor(seed) {
    this.key = new Uint32Array(N);
    this.position = N;
    if (Array.isArray(seed)) this.#seedByArray(seed);
    else this.#seedByNumber(seed);
  }

  #seedByNumber(seed) {
    const key = this.key;
    key[0] = seed;
    for (let i = 1; i < N; i++) {
      key[i] = Math.imul(1812433253, key[i - 1] ^ (key[i - 1] >>> 30)) + i;
    }
  }

  #seedByArray(seeds) {
    const key = this.key;
    this.#seedByNumber(19650218);
    let i = 1;
    let j = 0;
    for (let k = Math.max(N, seeds.length); k; k--) {
      key[i] = (key[i] ^ Math.imul(key[i - 1] ^ (key[i - 1] >>> 30), 1664525)) + seeds[j] + j;
      if (++i >= N) [key[0], i] = [key[N - 1], 1];
      if (++j >= seeds.length) j = 0;
    }
    for (let k = N - 1; k; k--) {
      key[i] = (key[i] ^ Math.imul(key[i - 1] ^ (key[i - 1] >>> 30), 1566083941)) - i;
      if (++i >= N) [key[0], i] = [key[N - 1], 1];
    }
    key[0] = 0x80000000;
  }

  #refill() {
    const key = this.key;
    for (let i = 0; i < N; i++) {
      const y = (key[i] & 0x80000000) | (key[(i + 1) % N] & 0x7fffffff);
      key[i] = key[(i + M) % N] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.position = 0;
  }

  /** @returns {number} 32 random bits. */
  bits() {
    if (this.position === N) this.#refill();
    let y = this.key[this.position++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** @returns {Float32Array} As `uniform(-1, 1, n).astype(float32)`. */
  uniform(n) {
    return Float32Array.from({ length: n }, () => {
      const high = this.bits() >>> 5;
      const low = this.bits() >>> 6;
      return -1 + 2 * ((high * 67108864 + low) / 9007199254740992);
    });
  }
}
