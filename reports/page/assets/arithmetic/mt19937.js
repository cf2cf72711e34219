/* NumPy's legacy random numbers: np.random.RandomState(seed).standard_normal().

   MT19937 seeded with a whole number, 53-bit uniforms, and normals by Marsaglia's polar method, two at a time, the second
   kept for the next call. The logarithm is the browser's, which may differ from the C library's in the last of 53 bits;
   rounded to float32, as the scenarios' draws are, that is seen about once in 2²⁹ numbers. */

class RandomState {
  constructor(seed) {
    this.words = new Uint32Array(624);
    this.words[0] = seed >>> 0;
    for (let i = 1; i < 624; i++) {
      const before = this.words[i - 1] ^ (this.words[i - 1] >>> 30);
      this.words[i] = Math.imul(1812433253, before) + i;
    }
    this.position = 624;
    this.kept = null;
  }

  /* The next 32 bits. */
  bits() {
    if (this.position === 624) this.twist();
    let y = this.words[this.position++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  twist() {
    const w = this.words;
    for (let i = 0; i < 624; i++) {
      const y = (w[i] & 0x80000000) | (w[(i + 1) % 624] & 0x7fffffff);
      w[i] = w[(i + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.position = 0;
  }

  /* A number in [0, 1) with 53 bits. */
  uniform() {
    const high = this.bits() >>> 5;
    const low = this.bits() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  standardNormal() {
    if (this.kept !== null) {
      const kept = this.kept;
      this.kept = null;
      return kept;
    }
    let x, y, square;
    do {
      x = 2 * this.uniform() - 1;
      y = 2 * this.uniform() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const factor = Math.sqrt((-2 * Math.log(square)) / square);
    this.kept = factor * x;
    return factor * y;
  }
}
