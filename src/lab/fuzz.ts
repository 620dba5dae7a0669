/** Random shutdown orders. A run's order depends on the seed and the run's number alone, not on jobs, shards or chunks. */
import type { PciDev } from '../linux/pci-dev.ts';
import type { Machine } from './machine.ts';
import { ExactOrders, inOrder } from './orders/exact-orders.ts';
import { type OrderKind, OrderSettler, orderSetOf } from './orders/order-kinds.ts';
import { type OrderModel, orderModelOf } from './orders/order-model.ts';
import { NotDecomposable } from './orders/watch.ts';
import { shuffleInto } from './random.ts';
import type { RequestJson } from './shutdown-json.ts';
import type { ShutdownResult } from './shutdown-run.ts';
import type { ShutdownSpec } from './shutdown-spec.ts';

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
  /** Of which orders random ones are drawn; `any` where not given. */
  readonly orders?: OrderKind | undefined;
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

/**
 * Runs orders. Each is a walk over the steps of a model; where a shutdown can't be taken apart into steps, on the fabric itself. What is
 * told of a failing run is what the fabric does.
 */
export class Fuzzer {
  readonly #spec: FuzzSpec;
  readonly #exact: ExactOrders;
  readonly #settler: OrderSettler;
  /** Made when it is first needed; null where the shutdown can't be taken apart. */
  #model: OrderModel | null | undefined;
  /** The kernel's own order, and one that is walked. */
  #functions = new Int32Array(0);
  #order = new Int32Array(0);

  /** @throws InputError as `optionsOf` does */
  constructor(spec: FuzzSpec) {
    this.#spec = spec;
    this.#exact = new ExactOrders(spec.machine, spec.shutdown);
    const { fabric, rules } = this.#exact;
    this.#settler = new OrderSettler(fabric.topology, orderSetOf(spec.orders ?? 'any', rules));
  }

  chunk(chunk: number): ChunkResult {
    const runs = runsOfChunk(this.#spec, chunk);
    let failures = 0;
    let firstFailure = -1;
    for (const run of runs) {
      if (!this.fails(run)) continue;
      failures++;
      if (firstFailure < 0) firstFailure = run;
    }
    return { chunk, runs: runs.length, failures, firstFailure };
  }

  /** Whether the run has an Unsupported Request. */
  fails(run: number): boolean {
    const model = this.#decomposed();
    if (model === null) return this.run(run).unsupportedRequests.length > 0;
    this.#draw(run, this.#functions, this.#order);
    const fails = decomposed(() => model.fails(this.#order));
    if (fails !== undefined) return fails;
    this.#model = null;
    return this.fails(run);
  }

  #draw(run: number, functions: Int32Array, into: Int32Array): void {
    shuffleInto(into, functions, this.#spec.seed, run);
    this.#settler.settle(into);
  }

  /** The devices in the run's order. */
  #inRandomOrder(run: number, devices: readonly PciDev[]): PciDev[] {
    const { arena } = this.#exact.fabric;
    const functions = Int32Array.from(devices, (dev) => arena.find(dev.segment, dev.routingId));
    const order = functions.slice();
    this.#draw(run, functions, order);
    return Array.from(order, (fn) => devices[functions.indexOf(fn)]!);
  }

  #decomposed(): OrderModel | null {
    if (this.#model === undefined) {
      const { machine, shutdown } = this.#spec;
      this.#model = decomposed(() => orderModelOf(machine, shutdown)) ?? null;
      this.#functions = Int32Array.from(this.#model?.order ?? []);
      this.#order = this.#functions.slice();
    }
    return this.#model;
  }

  /** The run on the fabric. @param order instead of the run's random one */
  run(run: number, order?: (devices: readonly PciDev[]) => readonly PciDev[]): ShutdownResult {
    const { seed } = this.#spec;
    return this.#exact.run(
      order ?? ((devices) => this.#inRandomOrder(run, devices)),
      (seed ^ Math.imul(run + 1, 0x9e3779b1)) >>> 0,
    );
  }

  /** Shrinks a failing run: leaves out functions, one after the other, while a refusal remains. */
  shrink(run: number): Counterexample {
    let names: string[] = [];
    const { unsupportedRequests } = this.run(run, (devices) => {
      const shuffled = this.#inRandomOrder(run, devices);
      names = shuffled.map((dev) => dev.name);
      return shuffled;
    });
    if (unsupportedRequests.length === 0)
      throw new Error(`run ${run}: expected the fabric to refuse a request as the model does`);
    // Halves first, then single functions, until nothing more can go.
    for (let size = Math.ceil(names.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
      for (let at = 0; at < names.length; ) {
        const without = [...names.slice(0, at), ...names.slice(at + size)];
        if (this.run(run, inOrder(without)).unsupportedRequests.length > 0) names = without;
        else at += size;
      }
    const { unsupported_requests } = this.#exact.told(this.run(run, inOrder(names)));
    return { run, seed: this.#spec.seed, order: names, unsupported_requests };
  }
}

/** Nothing where the shutdown can't be taken apart into steps. */
function decomposed<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof NotDecomposable) return undefined;
    throw error;
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
