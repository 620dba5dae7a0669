/** The functions of a segment as senders, by Requester ID: who has it, and what becomes of its requests to host memory. */
import { portTypes } from '../../../spec-tables/port-types.ts';
import * as C from '../../spec/constants.ts';
import { coversBus } from '../bus-numbers.ts';
import type { ExactRouter } from '../exact-router.ts';
import { isBridge, NONE } from '../topology.ts';
import type { Ports } from './ports.ts';
import { IdFlag, PlaceFlag, Sender, type Tables } from './tables.ts';

export class Senders {
  readonly #router: ExactRouter;
  readonly #tables: Tables;
  readonly #ports: Ports;
  readonly #segment: number;
  /** By function: the ID that it has here, and `Sender.open`, `silent` or `unclear` for itself alone. */
  readonly #id: Uint16Array;
  readonly #own: Uint8Array;

  constructor(router: ExactRouter, tables: Tables, ports: Ports, segment: number) {
    const { arena } = router;
    this.#router = router;
    this.#tables = tables;
    this.#ports = ports;
    this.#segment = segment;
    this.#id = new Uint16Array(arena.count);
    this.#own = new Uint8Array(arena.count);
    tables.senderState.fill(Sender.nobody);
    tables.senderPlace.fill(0);
    tables.senderFunction.fill(NONE);
    tables.idFlags.fill(0);
    // Backwards: of two with one ID the first has it.
    for (let fn = arena.count - 1; fn >= 0; fn--) {
      if (arena.segment[fn] !== segment) continue;
      this.#id[fn] = arena.idOf(fn);
      if (router.topology.parent[fn] === NONE) tables.idFlags[arena.routingId[fn]!]! |= IdFlag.isOnRootBus;
      tables.senderFunction[this.#id[fn]!] = fn;
      tables.senderPlace[this.#id[fn]!] = ports.placeAbove(fn);
    }
    for (let fn = 0; fn < arena.count; fn++) if (arena.segment[fn] === segment) this.update(fn);
  }

  /** A register of the function has changed, or its bus number. */
  update(fn: number): void {
    const id = this.#router.arena.idOf(fn);
    if (id !== this.#id[fn]) this.#renumber(fn, id);
    this.#own[fn] = this.#ownState(fn);
    this.#settle(fn);
  }

  /** Something above them has changed. */
  updateBehind(place: number): void {
    const bridge = this.#tables.placeFunction[place]!;
    for (const fn of this.#router.topology.children[bridge]!) this.#settle(fn);
  }

  #renumber(fn: number, id: number): void {
    const old = this.#id[fn]!;
    this.#id[fn] = id;
    const { senderFunction, senderPlace, senderState, idFlags } = this.#tables;
    const give = (to: number, owner: number) => {
      senderFunction[to] = owner;
      senderPlace[to] = owner === NONE ? 0 : this.#ports.placeAbove(owner);
      if (owner === NONE) {
        senderState[to] = Sender.nobody;
        idFlags[to]! &= ~IdFlag.isBridge;
      } else this.#settle(owner);
    };
    if (senderFunction[old] === fn) give(old, this.#firstWith(old));
    if (senderFunction[id] === NONE || senderFunction[id]! > fn) give(id, fn);
  }

  #firstWith(id: number): number {
    const { segment } = this.#router.arena;
    for (let fn = 0; fn < this.#id.length; fn++) if (this.#id[fn] === id && segment[fn] === this.#segment) return fn;
    return NONE;
  }

  /** What the exact router asks of the sender itself. */
  #ownState(fn: number): number {
    const router = this.#router;
    const { arena } = router;
    const maySend =
      arena.isPresent(fn) && router.powerState(fn) === 0 && (arena.command(fn) & C.COMMAND_BUS_MASTER_ENABLE) !== 0;
    if (!maySend) return Sender.silent;
    // What a downstream port itself sends, its neighbours inside the switch may claim.
    const isOnSharedBus = arena.layout[fn]!.portType === portTypes['Switch Downstream Port'];
    return isOnSharedBus ? Sender.unclear : Sender.open;
  }

  #settle(fn: number): void {
    const { senderFunction, senderState, senderPlace, placeStop, placeFlags, idFlags } = this.#tables;
    const id = this.#id[fn]!;
    if (senderFunction[id] !== fn) return;
    const others = idFlags[id]! & ~IdFlag.isBridge;
    idFlags[id] = isBridge(this.#router.arena, fn) ? others | IdFlag.isBridge : others;
    const place = senderPlace[id]!;
    let state = this.#own[fn]!;
    if (state === Sender.open) {
      if ((placeFlags[place]! & PlaceFlag.validates) !== 0 && !this.#isValid(place, id)) state = Sender.unclear;
      else if (placeStop[place] !== 0) state = Sender.stopped;
    }
    senderState[id] = state;
  }

  /** Whether no Source Validation on the way up would mind the ID. Asked of every port: one that doesn't look may not mind. */
  #isValid(place: number, id: number): boolean {
    const { placeAbove, placeFunction } = this.#tables;
    for (let at = place; at !== 0; at = placeAbove[at]!)
      if (!coversBus(this.#router.arena, placeFunction[at]!, id >> 8)) return false;
    return true;
  }
}
