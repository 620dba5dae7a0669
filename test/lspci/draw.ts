/** Random field values from one seed. */
export class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An unsigned number of that many bits, 1 to 32. Mulberry32. */
  bits(width: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) >>> (32 - width);
  }

  /** From `low` to `high`, both among them. */
  between(low: number, high: number): number {
    return low + (this.bits(32) % (high - low + 1));
  }

  pick<T>(...values: readonly T[]): T {
    return values[this.between(0, values.length - 1)]!;
  }

  /** A register of that width; each field that is given, by its bits `high:low` or `bit`, has the value given. */
  register(width: 8 | 16 | 32, fields: Readonly<Record<string, number>> = {}): number {
    let value = this.bits(width);
    for (const [bits, field] of Object.entries(fields)) {
      const [high = 0, low = high] = bits.split(':').map(Number);
      const mask = 2 ** (high - low + 1) - 1;
      if (field > mask) throw new Error(`bits ${bits}: expected at most ${mask}, got ${field}`);
      value = ((value & ~(mask << low)) | (field << low)) >>> 0;
    }
    return value;
  }
}
