/** What a bench finds, and what it needs to find it. */
import type { Clock } from './clock.ts';
import type { Effort } from './measure.ts';
import type { NativeRouter } from './native.ts';

export interface Result {
  readonly name: string;
  readonly ns_per_tlp: number;
  /** Against scalar C on the same traffic; null where it was not measured there. */
  readonly ratio_to_c: number | null;
}

export interface Target {
  readonly id: string;
  /** Null where this machine can't measure it. */
  readonly value: number | null;
  readonly target: number;
  readonly met: boolean | null;
}

export interface BenchReport {
  readonly machine: { readonly processor: string; readonly cpus: number; readonly node: string };
  readonly clock: Clock['name'];
  /** Compiler and flags of the native reference; null where there is none. */
  readonly native: string | null;
  readonly results: readonly Result[];
  readonly targets: readonly Target[];
}

export interface Bench {
  readonly clock: Clock;
  readonly effort: Effort;
  readonly isQuick: boolean;
  readonly native: NativeRouter | undefined;
  /** The command's file; undefined where it is not built. */
  readonly command: string | undefined;
  readonly results: Result[];
}

/** What a part found, by the target's id. */
export type Figures = Readonly<Record<string, number | null>>;

export function judged(id: string, value: number | null, target: number, isAtLeast: boolean): Target {
  if (value === null) return { id, value, target, met: null };
  return { id, value: rounded(value), target, met: isAtLeast ? value >= target : value <= target };
}

export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

export function add(bench: Bench, name: string, nanoseconds: number, ratio: number | null): void {
  bench.results.push({
    name,
    ns_per_tlp: rounded(nanoseconds),
    ratio_to_c: ratio === null ? null : rounded(ratio),
  });
}
