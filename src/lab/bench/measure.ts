/** Medians of runs that take turns, so that what slows the machine down for a while slows all of them. */
import type { Clock } from './clock.ts';

export interface Effort {
  /** Turns that each run gets. */
  readonly rounds: number;
  /** A turn repeats the run until it has taken about so long. Milliseconds. */
  readonly turn: number;
}

/** Milliseconds. */
const WARM_UP = 300;

/** @returns nanoseconds of one run each, by name */
export function interleaved<Name extends string>(
  clock: Clock,
  effort: Effort,
  runs: Readonly<Record<Name, () => void>>,
): Record<Name, number> {
  const names = Object.keys(runs) as Name[];
  const repeats = new Map<Name, number>();
  const samples = new Map<Name, number[]>();
  for (const name of names) {
    // Until its code is compiled for good, which a busy machine does late; the last says how often a turn has time for it.
    for (const end = performance.now() + WARM_UP; performance.now() < end; ) runs[name]();
    const start = performance.now();
    runs[name]();
    repeats.set(name, Math.max(1, Math.round(effort.turn / Math.max(performance.now() - start, 1e-3))));
    samples.set(name, []);
  }
  for (let round = 0; round < effort.rounds; round++)
    for (const name of names) {
      const times = repeats.get(name)!;
      const start = clock.now();
      for (let i = 0; i < times; i++) runs[name]();
      samples.get(name)!.push((clock.now() - start) / times);
    }
  return Object.fromEntries(names.map((name) => [name, median(samples.get(name)!)])) as Record<Name, number>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
