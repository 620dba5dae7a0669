/**
 * What has been learnt of a shutdown's steps: which cells each reads and changes, and so which cells a walk over steps must keep in
 * mind. It only grows.
 */
import { ancestors, NONE } from '../../fabric/topology.ts';
import {
  COMMAND,
  COMMAND_BUS_MASTER_ENABLE,
  COMMAND_IO_SPACE_ENABLE,
  COMMAND_MEMORY_SPACE_ENABLE,
} from '../../spec/constants.ts';
import type { Fate, Rehearsal, Step } from './rehearsal.ts';
import { type Cell, NotDecomposable } from './watch.ts';

/** Bits of Command that decide where a request goes. PCIe 5.0 §7.5.1.1.3. The others are for interrupts and for reports of errors. */
const DECIDING = COMMAND_IO_SPACE_ENABLE | COMMAND_MEMORY_SPACE_ENABLE | COMMAND_BUS_MASTER_ENABLE;

/** What a walk must keep in mind, in lists that stand in order. */
export interface Kept {
  /** By function: its cells that its own requests depend on. */
  readonly own: readonly (readonly Cell[])[];
  /** By function: its cells that requests from behind it depend on. */
  readonly gate: readonly (readonly Cell[])[];
  /** By function: cells that its step depends on and that another function's step changes. */
  readonly context: readonly (readonly Cell[])[];
}

export function sameCells(a: Kept, b: Kept): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export class Knowledge {
  readonly #rehearsal: Rehearsal;
  /** By function. */
  readonly #readByStep: Set<Cell>[];
  readonly #readByFate: Set<Cell>[];
  /** Cells that a write changes, be it for a moment, in what requests depend on. */
  readonly #changing = new Set<Cell>();
  /** Cells that hold something else after a step: whose steps, and what they hold then. */
  readonly #changed = new Map<Cell, { readonly by: Set<number>; readonly values: Set<number> }>();

  /** Cells that requests themselves change. */
  readonly #marked = new Set<Cell>();
  #version = 0;

  constructor(rehearsal: Rehearsal) {
    this.#rehearsal = rehearsal;
    const { count } = rehearsal.fabric.arena;
    this.#readByStep = Array.from({ length: count }, () => new Set());
    this.#readByFate = Array.from({ length: count }, () => new Set());
  }

  /** What of a cell's contents requests depend on. */
  deciding(cell: Cell, value: number): number {
    const { base } = this.#rehearsal.fabric.arena;
    if (cell >= this.#rehearsal.watch.bytes) return value;
    const offset = cell - base[this.#rehearsal.functionOf(cell)]!;
    if (offset === COMMAND) return value & DECIDING;
    return offset === COMMAND + 1 ? 0 : value;
  }

  /** The way back: contents that requests can't tell from those that `deciding` was given. */
  whole(cell: Cell, deciding: number): number {
    const start = this.#rehearsal.atStart(cell);
    return deciding | (start & ~this.deciding(cell, 0xff) & 0xff);
  }

  /** Goes up whenever something is learnt that was not known. */
  get version(): number {
    return this.#version;
  }

  /** Functions whose steps change the cell. */
  changers(cell: Cell): Iterable<number> {
    return this.#changed.get(cell)?.by ?? [];
  }

  addStep(fn: number, step: Step): void {
    for (const cell of step.reads) this.#add(this.#readByStep[fn]!, cell);
    for (const { cells } of step.changes)
      for (const [cell, value] of cells)
        if (this.deciding(cell, value) !== this.#decidingAtStart(cell)) this.#add(this.#changing, cell);
    for (const [cell, value] of step.after) {
      let known = this.#changed.get(cell);
      if (known === undefined) {
        known = { by: new Set(), values: new Set() };
        this.#changed.set(cell, known);
      }
      this.#add(known.by, fn);
      this.#add(known.values, value);
    }
  }

  addFate(fn: number, fate: Fate): void {
    for (const cell of fate.reads) this.#add(this.#readByFate[fn]!, cell);
    for (const cell of fate.marks) this.#add(this.#marked, cell);
  }

  #add(set: Set<number>, member: number): void {
    if (set.has(member)) return;
    set.add(member);
    this.#version++;
  }

  /**
   * @throws NotDecomposable when a function's requests depend on what the step of a function beside its way changes, or anything on
   * what requests leave in registers
   */
  kept(): Kept {
    for (const cell of this.#marked)
      if ([...this.#readByStep, ...this.#readByFate].some((reads) => reads.has(cell)))
        throw new NotDecomposable('what a request leaves in a register is read');
    const { arena, topology } = this.#rehearsal.fabric;
    const functions = Array.from({ length: arena.count }, (_, fn) => fn);
    const own: Set<Cell>[] = functions.map(() => new Set());
    const gate: Set<Cell>[] = functions.map(() => new Set());
    for (const fn of functions) {
      const above = new Set(ancestors(topology, fn));
      for (const cell of this.#readByFate[fn]!) {
        if (!this.#changing.has(cell) && !this.#changed.has(cell)) continue;
        const of = this.#rehearsal.functionOf(cell);
        if (of !== fn && !above.has(of)) this.#expectNoMatter(cell, of);
        else if (this.#changing.has(cell)) (of === fn ? own : gate)[of]!.add(cell);
      }
    }
    const context = functions.map((fn) =>
      [...this.#readByStep[fn]!].filter((cell) => {
        const by = this.#changed.get(cell)?.by;
        return by !== undefined && (by.size > 1 || !by.has(fn));
      }),
    );
    const sorted = (sets: Iterable<Iterable<Cell>>) => [...sets].map((cells) => [...cells].sort((a, b) => a - b));
    return { own: sorted(own), gate: sorted(gate), context: sorted(context) };
  }

  /** A request looks for a peer that claims its address; Bus Master Enable has no say in what a function claims. PCIe 5.0 §7.5.1.1.3. */
  #expectNoMatter(cell: Cell, of: number): void {
    const { arena } = this.#rehearsal.fabric;
    const changed = this.#changed.get(cell);
    if (changed === undefined) return;
    const isCommand = of !== NONE && cell - arena.base[of]! === COMMAND;
    const mask = isCommand ? ~COMMAND_BUS_MASTER_ENABLE : -1;
    const start = this.#decidingAtStart(cell) & mask;
    if ([...changed.values].some((value) => (this.deciding(cell, value) & mask) !== start))
      throw new NotDecomposable('what a function claims changes while others send');
  }

  #decidingAtStart(cell: Cell): number {
    return this.deciding(cell, this.#rehearsal.atStart(cell));
  }
}
