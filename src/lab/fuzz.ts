/** Random shutdown orders. A run's order depends on the seed and the run's number alone, not on jobs, shards or chunks. */
import type { Checkpoint, Fabric } from '../fabric/fabric.ts';
import type { PciDev } from '../linux/pci-dev.ts';
import { assemble, type Machine } from './machine.ts';
import { Random } from './random.ts';
import { type RequestJson, requestJson } from './shutdown-json.ts';
import { runShutdown, type ShutdownResult } from './shutdown-run.ts';
import { optionsOf, type ShutdownSpec } from './shutdown-spec.ts';

/** Runs of a campaign at the most: a run's random numbers come of 32 bits of its number. */
export const MAX_RUNS = 0xffffffff;
/** Runs of a chunk: small enough that a chunk takes well under a second on the machines that people have. */
export const CHUNK_RUNS = 64;

export interface FuzzSpec {
  readonly machine: Machine;
  readonly shutdown: ShutdownSpec;
  /** 1 to MAX_RUNS. */
  readonly runs: number;
  readonly seed: number;
  /** This shard, 1 to `of`: it has every `of`-th run. */
  readonly shard: { readonly index: number; readonly of: number };
}

export interface ChunkResult {
  /** Number of the chunk: runs CHUNK_RUNS × chunk up to the next chunk's first. */
  readonly chunk: number;
  readonly runs: number;
  readonly failures: number;
  /** The first failing run, or -1. */
  readonly firstFailure: number;
}

export interface Counterexample {
  readonly run: number;
  readonly seed: number;
  /** The fewest functions, in the order in which they are shut down, that still give a refusal. */
  readonly order: readonly string[];
  readonly unsupported_requests: readonly RequestJson[];
}

export interface FuzzResult {
  readonly runs: number;
  readonly failures: number;
  /** Share of runs without an Unsupported Request; 1 where there were no runs. */
  readonly ur_free_fraction: number;
  readonly counterexample: Counterexample | null;
}

export function chunksOf(spec: FuzzSpec): number {
  return Math.ceil(spec.runs / CHUNK_RUNS);
}

/** Numbers of the chunk's runs that are the shard's, in order: at most CHUNK_RUNS. */
export function runsOfChunk({ runs, shard }: Pick<FuzzSpec, 'runs' | 'shard'>, chunk: number): number[] {
  const first = chunk * CHUNK_RUNS;
  const length = Math.max(Math.min(runs - first, CHUNK_RUNS), 0);
  return Array.from({ length }, (_, i) => first + i).filter((run) => run % shard.of === shard.index - 1);
}

/** Runs orders on one fabric that it puts back before each. */
export class Fuzzer {
  readonly #spec: FuzzSpec;
  readonly #fabric: Fabric;
  readonly #start: Checkpoint;

  /** @throws InputError as `optionsOf` does */
  constructor(spec: FuzzSpec) {
    this.#spec = spec;
    this.#fabric = assemble(spec.machine).fabric;
    this.#start = this.#fabric.checkpoint();
    optionsOf(spec.shutdown, spec.machine, this.#fabric);
  }

  chunk(chunk: number): ChunkResult {
    const runs = runsOfChunk(this.#spec, chunk);
    const failing = runs.filter((run) => this.run(run).unsupportedRequests.length > 0);
    return { chunk, runs: runs.length, failures: failing.length, firstFailure: failing[0] ?? -1 };
  }

  /** @param order instead of the run's random one */
  run(run: number, order?: (devices: readonly PciDev[]) => readonly PciDev[]): ShutdownResult {
    const { machine, shutdown, seed } = this.#spec;
    this.#fabric.restore(this.#start);
    const options = optionsOf(shutdown, machine, this.#fabric, (seed ^ Math.imul(run + 1, 0x9e3779b1)) >>> 0);
    const shuffled = (devices: readonly PciDev[]) => new Random(seed, run).shuffled(devices);
    return runShutdown(this.#fabric, { ...options, order: order ?? shuffled });
  }

  /** Shrinks a failing run: leaves out functions, one after the other, while a refusal remains. */
  shrink(run: number): Counterexample {
    let names: string[] = [];
    this.run(run, (devices) => {
      const shuffled = new Random(this.#spec.seed, run).shuffled(devices);
      names = shuffled.map((dev) => dev.name);
      return shuffled;
    });
    const inOrder = (wanted: readonly string[]) => (devices: readonly PciDev[]) =>
      wanted.flatMap((name) => devices.filter((dev) => dev.name === name));
    // Halves first, then single functions, until nothing more can go.
    for (let size = Math.ceil(names.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
      for (let at = 0; at < names.length; ) {
        const without = [...names.slice(0, at), ...names.slice(at + size)];
        if (this.run(run, inOrder(without)).unsupportedRequests.length > 0) names = without;
        else at += size;
      }
    const result = this.run(run, inOrder(names));
    return {
      run,
      seed: this.#spec.seed,
      order: names,
      unsupported_requests: result.unsupportedRequests.map((request) => requestJson(this.#fabric.arena, request)),
    };
  }
}

/** Adds chunks up, in whatever order they come; each must come once. */
export class Tally {
  runs = 0;
  failures = 0;
  /** The lowest failing run, or -1. */
  firstFailure = -1;

  add({ runs, failures, firstFailure }: ChunkResult): void {
    this.runs += runs;
    this.failures += failures;
    if (firstFailure >= 0 && (this.firstFailure < 0 || firstFailure < this.firstFailure))
      this.firstFailure = firstFailure;
  }

  /** @param fuzzer of the same campaign, which shrinks the first failure */
  result(fuzzer: Fuzzer): FuzzResult {
    const { runs, failures, firstFailure } = this;
    return {
      runs,
      failures,
      ur_free_fraction: runs === 0 ? 1 : (runs - failures) / runs,
      counterexample: firstFailure < 0 ? null : fuzzer.shrink(firstFailure),
    };
  }
}
