/**
 * Random numbers that a seed and a run's number fix, whatever else runs: SplitMix32 (Steele, Lea, Flood: "Fast splittable
 * pseudorandom number generators", 2014), 32-bit variant.
 */
export class Random {
  #state: number;

  /** @param seed any integer; @param stream number of the run */
  constructor(seed: number, stream = 0) {
    this.#state = advanced(stateOf(seed, stream));
  }

  /** Uniform in [0, 1), 32 bits. */
  next(): number {
    this.#state = advanced(this.#state);
    return mixed(this.#state) / 0x1_0000_0000;
  }

  /** Uniform integer in [0, below). */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** A new array in random order (Fisher and Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [result[i], result[j]] = [result[j]!, result[i]!];
    }
    return result;
  }
}

/** Puts into `into`, in random order, what stands in `items`: `new Random(seed, stream).shuffled(items)` without any object. */
export function shuffleInto(into: Int32Array, items: Int32Array, seed: number, stream: number): void {
  into.set(items);
  let state = advanced(stateOf(seed, stream));
  for (let i = into.length - 1; i > 0; i--) {
    state = advanced(state);
    const j = Math.floor((mixed(state) / 0x1_0000_0000) * (i + 1));
    const item = into[i]!;
    into[i] = into[j]!;
    into[j] = item;
  }
}

function stateOf(seed: number, stream: number): number {
  return (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(stream + 1, 0xc2b2ae35)) >>> 0;
}

function advanced(state: number): number {
  return (state + 0x9e3779b9) >>> 0;
}

/** 32 bits, unsigned. */
function mixed(state: number): number {
  let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}
