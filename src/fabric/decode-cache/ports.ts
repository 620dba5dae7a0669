/**
 * The ports as a memory request from below meets them: which of them stop it. A place is a bridge that something lies behind, or the
 * root complex (place 0). Places are numbered parents first, so that all behind one are the places after it, up to `end`.
 */
import { portTypes } from '../../../spec-tables/port-types.ts';
import * as C from '../../spec/constants.ts';
import { accessControl } from '../access-control.ts';
import type { ExactRouter } from '../exact-router.ts';
import { isLinkUp } from '../link.ts';
import { hasConventionalSecondary, isBridge, NONE } from '../topology.ts';
import { Gate, MAX_PLACES, PlaceFlag, type Tables } from './tables.ts';

/** No bus lies in this range, and any range that it is joined with stays what it is. */
const NO_BUS_FIRST = 0x100;
const NO_BUS_LAST = -1;

export class Ports {
  readonly #router: ExactRouter;
  readonly #tables: Tables;
  /** Place of each bridge that something lies behind, 0 for all else. */
  readonly #placeOf: Uint8Array;
  /** The place after the last one behind each place. */
  readonly #end = new Int32Array(MAX_PLACES);
  /** `PlaceFlag` of each bridge for itself alone. */
  readonly #ownFlags = new Uint8Array(MAX_PLACES);

  /** @throws RangeError when the segment has more than 255 bridges with something behind them, which no wiring gives */
  constructor(router: ExactRouter, tables: Tables, segment: number) {
    this.#router = router;
    this.#tables = tables;
    this.#placeOf = new Uint8Array(router.arena.count);
    tables.placeFunction.fill(NONE);
    for (const table of [tables.placeAbove, tables.placeDepth, tables.placeGate, tables.placeStop]) table.fill(0);
    tables.placeFlags.fill(0);
    tables.placeFirstBus.fill(NO_BUS_FIRST);
    tables.placeLastBus.fill(NO_BUS_LAST);
    tables.placeQuiet.fill(0);
    let count = 1;
    const number = (functions: readonly number[], above: number) => {
      for (const fn of functions) {
        if (!isBridge(router.arena, fn) || router.topology.children[fn]!.length === 0) continue;
        if (count === MAX_PLACES)
          throw new RangeError(`${router.arena.name(fn)}: expected at most ${MAX_PLACES - 1} bridges in its segment`);
        const place = count++;
        this.#placeOf[fn] = place;
        tables.placeFunction[place] = fn;
        tables.placeAbove[place] = above;
        tables.placeDepth[place] = tables.placeDepth[above]! + 1;
        number(router.topology.children[fn]!, place);
        this.#end[place] = count;
      }
    };
    for (const root of router.topology.rootBuses) if (root.segment === segment) number(root.functions, 0);
    this.#end[0] = count;
    for (let place = 1; place < count; place++) {
      this.#read(place);
      this.#inherit(place);
    }
  }

  /** Place of a bridge, 0 where nothing lies behind it, and for what is no bridge. */
  placeOf(fn: number): number {
    return this.#placeOf[fn]!;
  }

  /** The place that a function lies behind. */
  placeAbove(fn: number): number {
    const parent = this.#router.topology.parent[fn]!;
    return parent === NONE ? 0 : this.#placeOf[parent]!;
  }

  /** The place after the last one behind a place. */
  end(place: number): number {
    return this.#end[place]!;
  }

  /**
   * A register of the port has changed: its own gate, and what follows of it for the places behind it.
   * @param changed told of each place for whose functions that makes a difference
   */
  update(place: number, changed: (place: number) => void): void {
    this.#read(place);
    if (!this.#inherit(place)) return;
    changed(place);
    const end = this.#end[place]!;
    for (let behind = place + 1; behind < end; behind++) if (this.#inherit(behind)) changed(behind);
  }

  /** Whether ACS Source Validation is on there or above. */
  validates(place: number): boolean {
    return (this.#tables.placeFlags[place]! & PlaceFlag.validates) !== 0;
  }

  /** One more refusal may change a register again, at the port and at those whose messages go through it. */
  disturb(place: number): void {
    this.#tables.placeQuiet.fill(0, place, this.#end[place]!);
  }

  /** What its registers say of the port alone. */
  #read(place: number): void {
    const { arena } = this.#router;
    const fn = this.#tables.placeFunction[place]!;
    const control = accessControl(arena, fn);
    const isDownstreamPort = arena.layout[fn]!.portType === portTypes['Switch Downstream Port'];
    const validates = (control & C.ACS_CONTROL_ACS_SOURCE_VALIDATION_ENABLE) !== 0;
    this.#ownFlags[place] =
      (isDownstreamPort ? PlaceFlag.isDownstreamPort : 0) |
      (validates ? PlaceFlag.validates : 0) |
      (control !== 0 ? PlaceFlag.controls : 0);
    this.#tables.placeGate[place] = this.#gateOf(fn);
  }

  /** What it means with that of the ports above. @returns whether it is another one for the functions behind it */
  #inherit(place: number): boolean {
    const { placeFunction, placeAbove, placeGate, placeStop, placeFlags, placeFirstBus, placeLastBus } = this.#tables;
    const { arena } = this.#router;
    const fn = placeFunction[place]!;
    const above = placeAbove[place]!;
    const stop = placeGate[place] === Gate.open ? placeStop[above]! : place;
    const flags = this.#ownFlags[place]! | (placeFlags[above]! & (PlaceFlag.validates | PlaceFlag.controls));
    const firstBus = Math.min(placeFirstBus[above]!, arena.u8(fn, C.SECONDARY_BUS_NUMBER));
    const lastBus = Math.max(placeLastBus[above]!, arena.u8(fn, C.SUBORDINATE_BUS_NUMBER));
    const isChanged =
      stop !== placeStop[place] ||
      flags !== placeFlags[place] ||
      firstBus !== placeFirstBus[place] ||
      lastBus !== placeLastBus[place];
    placeStop[place] = stop;
    placeFlags[place] = flags;
    placeFirstBus[place] = firstBus;
    placeLastBus[place] = lastBus;
    return isChanged;
  }

  #gateOf(port: number): number {
    const router = this.#router;
    const { arena } = router;
    const { headerType, multicast } = arena.layout[port]!;
    if (headerType !== 1 || hasConventionalSecondary(arena, port) || !arena.isPresent(port)) return Gate.unclear;
    if (multicast !== 0) {
      const control = arena.u16(port, multicast + C.MULTICAST_CONTROL);
      if ((control & C.MULTICAST_CONTROL_MC_ENABLE) !== 0) return Gate.unclear;
    }
    if (!isLinkUp(arena, port)) return Gate.down;
    const isOpen = router.powerState(port) === 0 && (arena.command(port) & C.COMMAND_BUS_MASTER_ENABLE) !== 0;
    if (isOpen) return Gate.open;
    // An ACS Violation would come before the Unsupported Request.
    return accessControl(arena, port) === 0 ? Gate.refuses : Gate.unclear;
  }
}
