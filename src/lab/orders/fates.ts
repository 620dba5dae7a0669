/**
 * What becomes of each function's requests, by the class of its own cells and by the state of the bridges above it: asked once, then
 * looked up.
 */
import { NONE } from '../../fabric/topology.ts';
import type { Classes } from './classes.ts';
import type { Fate } from './rehearsal.ts';
import type { OrderFailure, WalkState } from './walk-state.ts';
import type { Cell } from './watch.ts';

type Refusal = Pick<OrderFailure, 'reporter' | 'kind'>;

/** A function that sends nothing, whatever is above it. */
const SILENT = null;
/** In place of an index into the refusals. */
const NOT_REFUSED = -1;

export class Fates {
  readonly #parent: Int32Array;
  readonly #own: readonly Classes[];
  readonly #gate: readonly Classes[];
  readonly #ask: (fn: number, cells: readonly (readonly [Cell, number])[]) => Fate;
  /** By bridge: number of the state of all bridges down to it, by the state above and its own class. */
  readonly #paths: (number | undefined)[][][];
  readonly #pathCounts: Int32Array;
  /** By function, own class and path above: index of its refusal. */
  readonly #fates: ((number | undefined)[] | null | undefined)[][];
  readonly #refusals: Refusal[] = [];

  /** @param ask what becomes of a function's requests, given the cells that they depend on as far as these change */
  constructor(
    parent: Int32Array,
    own: readonly Classes[],
    gate: readonly Classes[],
    ask: (fn: number, cells: readonly (readonly [Cell, number])[]) => Fate,
  ) {
    this.#parent = parent;
    this.#own = own;
    this.#gate = gate;
    this.#ask = ask;
    this.#paths = own.map(() => []);
    this.#pathCounts = new Int32Array(own.length);
    this.#fates = own.map(() => []);
  }

  /** The bridge's class, or what is above it, has changed. */
  enterPath(state: WalkState, bridge: number): void {
    const above = this.#pathAbove(state, bridge);
    const byGate = this.#paths[bridge]!;
    const gate = state.gate[bridge]!;
    let row = byGate[above];
    if (row === undefined) {
      row = [];
      byGate[above] = row;
    }
    let number = row[gate];
    if (number === undefined) {
      number = this.#pathCounts[bridge]!++;
      row[gate] = number;
    }
    state.path[bridge] = number;
  }

  isRefused(state: WalkState, fn: number): boolean {
    const row = this.#fates[fn]![state.own[fn]!];
    if (row === SILENT) return false;
    const index = row?.[this.#pathAbove(state, fn)] ?? this.#learn(state, fn);
    return index !== NOT_REFUSED;
  }

  /** Whether the function sends nothing, whatever is above it. */
  isSilent(state: WalkState, fn: number): boolean {
    this.isRefused(state, fn);
    return this.#fates[fn]![state.own[fn]!] === SILENT;
  }

  /** Of a function whose request is refused. */
  refusal(state: WalkState, fn: number): Refusal {
    const index = this.#fates[fn]![state.own[fn]!]?.[this.#pathAbove(state, fn)];
    return this.#refusals[index!]!;
  }

  #pathAbove(state: WalkState, fn: number): number {
    const parent = this.#parent[fn]!;
    return parent === NONE ? 0 : state.path[parent]!;
  }

  /** @returns index of its refusal */
  #learn(state: WalkState, fn: number): number {
    const cells = this.#own[fn]!.contents(state.own[fn]!);
    const above: Cell[] = [];
    for (let up = this.#parent[fn]!; up !== NONE; up = this.#parent[up]!) {
      cells.push(...this.#gate[up]!.contents(state.gate[up]!));
      above.push(...this.#gate[up]!.cells);
    }
    const { sends, reads, refusal } = this.#ask(fn, cells);
    const rows = this.#fates[fn]!;
    const own = state.own[fn]!;
    // What it is silent by is its own, as far as it changes; else the bridges above would have a say in it.
    if (!sends && !above.some((cell) => reads.has(cell))) {
      rows[own] = SILENT;
      return NOT_REFUSED;
    }
    const row = rows[own] ?? [];
    rows[own] = row;
    const index = refusal === undefined ? NOT_REFUSED : this.#refusals.push(refusal) - 1;
    row[this.#pathAbove(state, fn)] = index;
    return index;
  }
}
