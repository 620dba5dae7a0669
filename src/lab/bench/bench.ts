/** What `rootport bench` measures: throughput on the mixes of `traces.ts`, and the targets of the project, each with its figure. */
import { cpus } from 'node:os';
import { clock } from './clock.ts';
import { configMix, configWrite } from './config.ts';
import { type Bench, type BenchReport, type Figures, judged } from './figures.ts';
import { nativeRouter } from './native.ts';
import { heapGrowth, memoryShare, startup } from './resources.ts';
import { acceleratedMixes, depths, mixes, sizes } from './throughput.ts';

/** Targets and the most that each may be, or the least; in the order in which they are told. */
const goals: Readonly<Record<string, number>> = {
  'ts-std': 1.2,
  'wasm-std': 0.8,
  'wasm-up64': 0.65,
  // Millions a second: 256-byte writes on a Gen5 x16 link.
  'wasm-up64-rate': 223,
  mixed: 4,
  size: 1.1,
  depth: 1.03,
  'config-mix': 1.05,
  'config-write': 2,
  heap: 4096,
  startup: 1.5,
  memory: 1.15,
};

/** Of those, the ones that are met from the target on. */
const atLeast: ReadonlySet<string> = new Set(['wasm-up64-rate']);

/** Each measures what belongs together, adds its results, and gives the figures of its targets. */
const parts: readonly ((bench: Bench) => Figures)[] = [
  mixes,
  acceleratedMixes,
  configMix,
  depths,
  configWrite,
  heapGrowth,
  startup,
  sizes,
  memoryShare,
];

/**
 * @param options.quick short samples, under 40 seconds
 * @param options.command the built command, for its start
 * @param progress told before each part
 */
export function runBench(
  options: { readonly quick: boolean; readonly command: string | undefined },
  progress: (part: string) => void = () => undefined,
): BenchReport {
  const bench: Bench = {
    clock: clock(),
    effort: options.quick ? { rounds: 7, turn: 20 } : { rounds: 31, turn: 60 },
    isQuick: options.quick,
    native: nativeRouter(),
    command: options.command,
    results: [],
  };
  const figures = new Map<string, number | null>();
  for (const part of parts) {
    progress(part.name);
    for (const [id, value] of Object.entries(part(bench))) figures.set(id, value);
  }
  const processors = cpus();
  return {
    machine: { processor: processors[0]?.model ?? 'unknown', cpus: processors.length, node: process.version },
    clock: bench.clock.name,
    native: bench.native?.name ?? null,
    results: bench.results,
    targets: Object.entries(goals).map(([id, target]) => judged(id, figures.get(id) ?? null, target, atLeast.has(id))),
  };
}
