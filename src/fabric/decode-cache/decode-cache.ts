/**
 * What the config bytes say of where memory requests go, decoded once and kept current at every change of a register that has a say
 * in it. Bytes stay the only truth: `rebuild` makes all of it from them.
 *
 * Two levels: a state for each Requester ID, and for each bridge the nearest port above that stops requests. Both follow a change at
 * once. The address map follows with the next `refresh`: an enumeration moves many windows before anyone sends.
 */
import type { RegisterWatch } from '../../config/watched-registers.ts';
import { Mark } from '../../config/watched-registers.ts';
import * as C from '../../spec/constants.ts';
import type { ExactRouter } from '../exact-router.ts';
import { isBridge, type Topology } from '../topology.ts';
import { fillAddressMap } from './address-map.ts';
import { Ports } from './ports.ts';
import { Senders } from './senders.ts';
import type { Tables } from './tables.ts';

export class DecodeCache implements RegisterWatch {
  readonly tables: Tables;
  /** Another number whenever a TLP may go another way than before. */
  revision = 0;
  readonly #router: ExactRouter;
  readonly #segment: number;
  #topology: Topology;
  #ports: Ports;
  #senders: Senders;
  #mapIsStale = true;

  /** Watches the arena from now on, until `close`. @param segment whose Requester IDs the senders are found by */
  constructor(router: ExactRouter, tables: Tables, segment: number) {
    this.#router = router;
    this.tables = tables;
    this.#segment = segment;
    this.#topology = router.topology;
    this.#ports = new Ports(router, tables, segment);
    this.#senders = new Senders(router, tables, this.#ports, segment);
    router.arena.watch(this);
  }

  close(): void {
    this.#router.arena.unwatch(this);
  }

  /** Everything anew, from bytes and wiring. */
  rebuild(): void {
    this.#topology = this.#router.topology;
    this.#ports = new Ports(this.#router, this.tables, this.#segment);
    this.#senders = new Senders(this.#router, this.tables, this.#ports, this.#segment);
    this.#mapIsStale = true;
    this.revision++;
  }

  /** Before TLPs are routed by the tables. */
  refresh(): void {
    if (this.#topology !== this.#router.topology) this.rebuild();
    if (!this.#mapIsStale) return;
    const ports = this.#ports;
    const { arena } = this.#router;
    // A function of another segment is beyond the root complex, as one on a root bus is.
    fillAddressMap(this.#router, this.tables, (fn) => (arena.segment[fn] === this.#segment ? ports.placeAbove(fn) : 0));
    this.#mapIsStale = false;
  }

  changed(fn: number, dword: number, before: number): void {
    // Functions that have just joined: their wiring is not known yet, and `refresh` takes them in.
    if (fn >= this.#topology.parent.length) return;
    const { arena } = this.#router;
    const marks = arena.layout[fn]!.marked[dword >> 2]!;
    if ((marks & Mark.reports) !== 0) this.#disturb(fn);
    if ((marks & Mark.decodes) === 0) return;
    if (dword === C.COMMAND) {
      const changes = (before ^ arena.u32(fn, C.COMMAND)) & DECODED_OF_COMMAND;
      if (changes === 0) return;
      this.#update(fn, (changes & C.COMMAND_MEMORY_SPACE_ENABLE) !== 0);
    } else this.#update(fn, !(dword === C.PRIMARY_BUS_NUMBER && isBridge(arena, fn)));
  }

  replaced(fn: number): void {
    if (fn >= this.#topology.parent.length) return;
    this.#disturb(fn);
    this.#update(fn, true);
  }

  restored(): void {
    this.rebuild();
  }

  #disturb(fn: number): void {
    const place = this.#ports.placeOf(fn);
    if (place !== 0) this.#ports.disturb(place);
  }

  #update(fn: number, movesClaims: boolean): void {
    this.revision++;
    if (movesClaims) this.#mapIsStale = true;
    const { arena } = this.#router;
    if (arena.segment[fn] !== this.#segment) return;
    const place = this.#ports.placeOf(fn);
    if (place !== 0) {
      this.#ports.update(place, (changed) => this.#senders.updateBehind(changed));
      // Bus numbers change no place, but whose Requester IDs they cover.
      this.#renumbered(place);
    }
    this.#senders.update(fn);
    if (arena.layout[fn]!.sriov !== 0)
      for (const [virtual, { physical }] of arena.virtualFunctions)
        if (physical === fn && virtual < this.#topology.parent.length) this.#senders.update(virtual);
  }

  #renumbered(place: number): void {
    for (let at = place; at < this.#ports.end(place); at++)
      if (this.#ports.validates(at)) this.#senders.updateBehind(at);
  }
}

const DECODED_OF_COMMAND = C.COMMAND_MEMORY_SPACE_ENABLE | C.COMMAND_BUS_MASTER_ENABLE;
