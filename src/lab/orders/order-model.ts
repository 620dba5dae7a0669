/**
 * A shutdown taken apart into steps, one a function, so that an order is a walk over numbers. A step is run once, on the real kernel
 * model and the real fabric, for each contents of the cells that it depends on and that other steps change (mostly there are none). What
 * becomes of a function's requests is asked of the real router once for each contents of the cells that decide it: its own, and those of
 * the bridges above. Which cells these are is recorded, not known beforehand; see `knowledge.ts`.
 */
import type { Fabric } from '../../fabric/fabric.ts';
import { NONE, subtree } from '../../fabric/topology.ts';
import type { KernelRules } from '../../linux/kernel-rules.ts';
import { composedPath } from '../../linux/policies/index.ts';
import { assemble, type Machine } from '../machine.ts';
import { hasShutdownAfter, type ShutdownOptions } from '../shutdown-run.ts';
import { optionsOf, type ShutdownSpec } from '../shutdown-spec.ts';
import { Classes } from './classes.ts';
import { Fates } from './fates.ts';
import { type Kept, Knowledge, sameCells } from './knowledge.ts';
import { type Contents, type Fate, Rehearsal, type Step } from './rehearsal.ts';
import { copyOf, type OrderFailure, type WalkState } from './walk-state.ts';
import { type Cell, NotDecomposable } from './watch.ts';

/** A step that a search takes. */
export interface SearchStep {
  /** Number of the step's configuration writes. */
  readonly writes: number;
  readonly state: WalkState;
  /** Its `step` is the write of this step. Where there is one, `state` is worth nothing. */
  readonly failure: OrderFailure | undefined;
}

export interface StateWalk {
  readonly start: WalkState;
  /**
   * @param requester whose requests are looked at
   * @returns where the function's shutdown leads to; `from` stays as it is
   */
  step(from: WalkState, fn: number, requester: number): SearchStep;
}

/** A step for one context, in numbers. */
interface Variant {
  /** Four numbers a moment: index of the write, function, its own classes' edit and its gate classes' edit, -1 for none. */
  readonly moments: Int32Array;
  readonly writes: number;
  /** Pairs: index into the walk's context, and what the cell then holds. */
  readonly context: Int32Array;
}

/** Thrown where something new to keep in mind was learnt: what is numbered is numbered anew, and the walk begins again. */
class LearntMore extends Error {}

const MOMENT = 4;

export class OrderModel {
  readonly #rehearsal: Rehearsal;
  readonly #knowledge: Knowledge;
  readonly #parent: Int32Array;
  /** Functions behind each one, itself first; and the bridges among them. */
  readonly #behind: readonly Int32Array[];
  readonly #bridgesBehind: readonly Int32Array[];
  readonly #recorded: { readonly context: Contents; readonly step: Step }[][];
  /** Of what is known, when it was numbered. */
  #version = 0;
  #kept!: Kept;
  #own!: Classes[];
  #gate!: Classes[];
  #fates!: Fates;
  /** Every cell of `kept.context`, and its index. */
  #contextCells!: ReadonlyMap<Cell, number>;
  /** By function: its step, where that has no context. */
  #plain!: (Variant | undefined)[];
  #variants!: Map<string, Variant>[];
  /** By function: whose steps change its own classes, and its gate classes. */
  #ownChangers!: Set<number>[];
  #gateChangers!: Set<number>[];
  #start!: WalkState;
  #startFailure: OrderFailure | undefined;
  /** Where the walk of `fails` stands. */
  #walk!: WalkState;
  /** Of the last step that failed. */
  #failed: OrderFailure = { step: 0, requester: NONE, reporter: NONE, kind: 'dma' };

  /**
   * @param fabric for the model to keep
   * @throws NotDecomposable when the shutdown can't be taken apart
   */
  constructor(fabric: Fabric, options: ShutdownOptions) {
    if (hasShutdownAfter(composedPath(options.policies ?? [], options.path), options))
      throw new NotDecomposable('a second kernel shuts down after kexec');
    this.#rehearsal = new Rehearsal(fabric, options);
    const { arena, topology } = fabric;
    const { count } = arena;
    const functions = Array.from({ length: count }, (_, fn) => fn);
    this.#parent = topology.parent;
    this.#behind = functions.map((fn) => Int32Array.from(subtree(topology, fn)));
    this.#bridgesBehind = this.#behind.map((all) => all.filter((fn) => topology.children[fn]!.length > 0));
    this.#knowledge = new Knowledge(this.#rehearsal);
    this.#recorded = functions.map(() => []);
    for (const fn of functions) this.#knowledge.addFate(fn, this.#rehearsal.fate(fn, new Map()));
    for (const fn of this.order) this.#record(fn, new Map());
    this.#number();
  }

  /** The functions in the order in which the kernel itself shuts them down. */
  get order(): readonly number[] {
    return this.#rehearsal.order;
  }

  /** Number of functions of the machine. */
  get count(): number {
    return this.#parent.length;
  }

  /** Of the functions, as the kernel spells them. */
  get names(): string[] {
    const { arena } = this.#rehearsal.fabric;
    return Array.from({ length: arena.count }, (_, fn) => arena.name(fn));
  }

  /** Of the kernel that shuts down. */
  get rules(): KernelRules {
    return this.#rehearsal.rules;
  }

  /** True where steps depend on what other steps have left, so that more than what is open and closed has to be kept in mind. */
  get hasContext(): boolean {
    return this.#contextCells.size > 0;
  }

  /** Refused before any write, whoever shuts down. */
  get startFailure(): OrderFailure | undefined {
    return this.#startFailure;
  }

  /**
   * Whether any request is refused when the functions shut down in this order; each at most once.
   * @throws NotDecomposable when what this order leads to can't be taken apart, which shows only there
   */
  fails(order: ArrayLike<number>): boolean {
    for (;;)
      try {
        return this.#fails(order);
      } catch (error) {
        if (!(error instanceof LearntMore)) throw error;
      }
  }

  /** As `fails`, and where. */
  failure(order: ArrayLike<number>): OrderFailure | undefined {
    if (!this.fails(order)) return undefined;
    if (this.#startFailure !== undefined) return this.#startFailure;
    const state = copyOf(this.#start);
    let writes = 0;
    for (let i = 0; i < order.length; i++) {
      const variant = this.#variantOf(state, order[i]!);
      if (this.#apply(state, variant)) return this.#failureAfter(writes);
      writes += variant.writes;
    }
    throw new Error('expected the order to fail again');
  }

  /**
   * Runs a search over states instead of orders, again where it taught the model something that the search may have missed.
   * @param run all that it holds of states is of this one call
   */
  search<T>(run: (walk: StateWalk) => T): T {
    for (;;)
      try {
        const { version } = this.#knowledge;
        const result = run({ start: copyOf(this.#start), step: (...from) => this.#step(...from) });
        if (version === this.#knowledge.version) return result;
      } catch (error) {
        if (!(error instanceof LearntMore)) throw error;
      }
  }

  #step(from: WalkState, fn: number, requester: number): SearchStep {
    const state = copyOf(from);
    const variant = this.#variantOf(state, fn);
    const fails = this.#apply(state, variant, requester);
    return { writes: variant.writes, state, failure: fails ? this.#failureAfter(0) : undefined };
  }

  /**
   * The functions whose steps have a say in what becomes of the function's requests, in ascending order; none where it never sends. As
   * far as is known: see `search`.
   */
  concerned(fn: number): number[] {
    if (this.#isAlwaysSilent(fn)) return [];
    const result = new Set(this.#ownChangers[fn]!);
    for (let up = this.#parent[fn]!; up !== NONE; up = this.#parent[up]!)
      for (const one of this.#gateChangers[up]!) result.add(one);
    // What is added while the set is gone through is gone through as well.
    for (const one of result)
      for (const cell of this.#kept.context[one]!)
        for (const other of this.#knowledge.changers(cell)) result.add(other);
    return [...result].sort((a, b) => a - b);
  }

  #isAlwaysSilent(fn: number): boolean {
    const state = copyOf(this.#start);
    return this.#own[fn]!.reachable().every((own) => {
      state.own[fn] = own;
      return this.#fates.isSilent(state, fn);
    });
  }

  /** Functions behind the function, itself first. */
  behind(fn: number): Int32Array {
    return this.#behind[fn]!;
  }

  #failureAfter(writes: number): OrderFailure {
    return { ...this.#failed, step: writes + this.#failed.step };
  }

  #fails(order: ArrayLike<number>): boolean {
    if (this.#startFailure !== undefined) return true;
    const state = this.#walk;
    const start = this.#start;
    state.own.set(start.own);
    state.gate.set(start.gate);
    state.path.set(start.path);
    if (start.context.length > 0) state.context.set(start.context);
    for (let i = 0; i < order.length; i++) {
      const fn = order[i]!;
      if (this.#apply(state, this.#plain[fn] ?? this.#variantOf(state, fn))) return true;
    }
    return false;
  }

  /**
   * Takes a step.
   * @param requester whose requests alone are looked at; NONE: everybody's
   * @returns whether a request is refused after any of its writes
   */
  #apply(state: WalkState, { moments, context }: Variant, requester = NONE): boolean {
    for (let i = 0; i < moments.length; i += MOMENT) {
      const fn = moments[i + 1]!;
      const ownEdit = moments[i + 2]!;
      const gateEdit = moments[i + 3]!;
      if (ownEdit >= 0) state.own[fn] = this.#own[fn]!.after(ownEdit, state.own[fn]!);
      const gate = gateEdit < 0 ? state.gate[fn]! : this.#gate[fn]!.after(gateEdit, state.gate[fn]!);
      const isMoved = gate !== state.gate[fn];
      if (isMoved) {
        state.gate[fn] = gate;
        const bridges = this.#bridgesBehind[fn]!;
        for (let b = 0; b < bridges.length; b++) this.#fates.enterPath(state, bridges[b]!);
      }
      if (requester !== NONE) {
        if (this.#isTouched(requester, fn) && this.#fates.isRefused(state, requester))
          return this.#failedAt(moments[i]!, requester, state);
      } else if (isMoved) {
        const behind = this.#behind[fn]!;
        for (let b = 0; b < behind.length; b++)
          if (this.#fates.isRefused(state, behind[b]!)) return this.#failedAt(moments[i]!, behind[b]!, state);
      } else if (this.#fates.isRefused(state, fn)) return this.#failedAt(moments[i]!, fn, state);
    }
    for (let i = 0; i < context.length; i += 2) state.context[context[i]!] = context[i + 1]!;
    return false;
  }

  /** Functions try after a write to themselves or to a bridge above them. */
  #isTouched(requester: number, written: number): boolean {
    for (let fn = requester; fn !== NONE; fn = this.#parent[fn]!) if (fn === written) return true;
    return false;
  }

  #failedAt(write: number, requester: number, state: WalkState): true {
    this.#failed = { step: write, requester, ...this.#fates.refusal(state, requester) };
    return true;
  }

  #learnFate(fn: number, cells: readonly (readonly [Cell, number])[]): Fate {
    const contents = new Map(cells.map(([cell, value]) => [cell, this.#knowledge.whole(cell, value)]));
    const fate = this.#rehearsal.fate(fn, contents);
    this.#knowledge.addFate(fn, fate);
    this.#expectNothingNew();
    return fate;
  }

  #variantOf(state: WalkState, fn: number): Variant {
    const plain = this.#plain[fn];
    if (plain !== undefined) return plain;
    const cells = this.#kept.context[fn]!;
    const values = cells.map((cell) => state.context[this.#contextCells.get(cell)!]!);
    const known = this.#variants[fn]!.get(values.join());
    if (known !== undefined) return known;
    const variant = this.#compile(fn, this.#record(fn, new Map(cells.map((cell, i) => [cell, values[i]!]))));
    this.#expectNothingNew();
    this.#variants[fn]!.set(values.join(), variant);
    return variant;
  }

  #record(fn: number, context: Contents): Step {
    const step = this.#rehearsal.step(fn, context);
    this.#recorded[fn]!.push({ context, step });
    this.#knowledge.addStep(fn, step);
    return step;
  }

  #expectNothingNew(): void {
    if (this.#knowledge.version === this.#version) return;
    this.#version = this.#knowledge.version;
    if (sameCells(this.#knowledge.kept(), this.#kept)) return;
    this.#number();
    throw new LearntMore();
  }

  /** Numbers everything by what is to be kept in mind now. */
  #number(): void {
    const rehearsal = this.#rehearsal;
    const kept = this.#knowledge.kept();
    this.#version = this.#knowledge.version;
    this.#kept = kept;
    const atStart = (cell: Cell) => rehearsal.atStart(cell);
    const deciding = (cell: Cell, value: number) => this.#knowledge.deciding(cell, value);
    this.#own = kept.own.map((cells) => new Classes(cells, atStart, deciding));
    this.#gate = kept.gate.map((cells) => new Classes(cells, atStart, deciding));
    const cells = [...new Set(kept.context.flat())];
    this.#contextCells = new Map(cells.map((cell, i) => [cell, i]));
    const { count } = rehearsal.fabric.arena;
    this.#ownChangers = Array.from({ length: count }, () => new Set());
    this.#gateChangers = Array.from({ length: count }, () => new Set());
    this.#fates = new Fates(this.#parent, this.#own, this.#gate, (fn, cells) => this.#learnFate(fn, cells));
    const start: WalkState = {
      own: new Int32Array(count),
      gate: new Int32Array(count),
      path: new Int32Array(count),
      context: Int32Array.from(cells, atStart),
    };
    this.#start = start;
    for (let fn = 0; fn < count; fn++)
      if (this.#parent[fn] === NONE)
        for (const bridge of this.#bridgesBehind[fn]!) this.#fates.enterPath(start, bridge);
    this.#variants = this.#recorded.map((recordings, fn) => {
      const own = kept.context[fn]!;
      return new Map(
        recordings.map(({ context, step }) => [
          own.map((cell) => context.get(cell) ?? atStart(cell)).join(),
          this.#compile(fn, step),
        ]),
      );
    });
    this.#plain = this.#variants.map((variants, fn) => (kept.context[fn]!.length === 0 ? variants.get('') : undefined));
    this.#walk = copyOf(start);
    this.#startFailure = this.#refusedBefore() ?? this.#findStartFailure(start);
  }

  #refusedBefore(): OrderFailure | undefined {
    const request = this.#rehearsal.refusedBefore;
    if (request === undefined) return undefined;
    const { step, requester, reporter, kind } = request;
    return { step, requester, reporter, kind };
  }

  /** Functions on a root bus are not asked: no bridge can refuse them. Their first try is at a write of their own. */
  #findStartFailure(start: WalkState): OrderFailure | undefined {
    for (let fn = 0; fn < start.own.length; fn++) {
      if (this.#parent[fn] === NONE || !this.#fates.isRefused(start, fn)) continue;
      this.#failedAt(-1, fn, start);
      return this.#failureAfter(0);
    }
    return undefined;
  }

  #compile(shutDown: number, step: Step): Variant {
    const moments: number[] = [];
    for (const { write, fn, cells } of step.changes) {
      const own = this.#own[fn]!.edit(cells);
      const gate = this.#gate[fn]!.edit(cells);
      if (own >= 0) this.#ownChangers[fn]!.add(shutDown);
      if (gate >= 0) this.#gateChangers[fn]!.add(shutDown);
      // On a root bus, any write is the first at which the function may be refused.
      if (own >= 0 || gate >= 0 || this.#parent[fn] === NONE) moments.push(write, fn, own, gate);
    }
    const context = [...step.after].flatMap(([cell, value]) => {
      const index = this.#contextCells.get(cell);
      return index === undefined ? [] : [index, value];
    });
    return { moments: Int32Array.from(moments), writes: step.writes, context: Int32Array.from(context) };
  }
}

/** @throws NotDecomposable as the model does, InputError as `optionsOf` */
export function orderModelOf(machine: Machine, shutdown: ShutdownSpec): OrderModel {
  const { fabric } = assemble(machine);
  return new OrderModel(fabric, optionsOf(shutdown, machine, fabric));
}
