/** What lies behind a bridge by bus numbers and IDs, as its registers have them now. PCIe 5.0 §7.3.3, §7.5.1.3.2–§7.5.1.3.4. */
import type { ConfigArena } from '../config/arena.ts';
import { SECONDARY_BUS_NUMBER, SUBORDINATE_BUS_NUMBER } from '../spec/constants.ts';
import { isLinkUp } from './link.ts';
import { isBridge, NONE, type Topology } from './topology.ts';

const nobody: readonly number[] = [];

/** The functions that can be reached through a bridge. */
export function reachable(arena: ConfigArena, topology: Topology, bridge: number): readonly number[] {
  return isLinkUp(arena, bridge) ? topology.children[bridge]! : nobody;
}

/**
 * The function of that ID behind the bridge: on its secondary bus, or a VF on one of the buses after it; NONE where there is none.
 */
export function functionOnBus(arena: ConfigArena, behind: readonly number[], bridge: number, id: number): number {
  const further = (id >> 8) - arena.u8(bridge, SECONDARY_BUS_NUMBER);
  for (const fn of behind)
    if ((arena.routingId[fn]! & 0xff) === (id & 0xff) && arena.busesFromPhysical(fn) === further) return fn;
  return NONE;
}

/**
 * The bridge among functions of one bus that leads to `bus`, NONE where none does. Where ranges overlap, which no sane machine has,
 * the one whose secondary bus it is counts first, then the narrowest.
 */
export function bridgeTowards(arena: ConfigArena, functions: readonly number[], bus: number): number {
  let best = NONE;
  let bestWidth = Number.POSITIVE_INFINITY;
  for (const fn of functions) {
    if (!isBridge(arena, fn) || !arena.isPresent(fn) || !coversBus(arena, fn, bus)) continue;
    const secondary = arena.u8(fn, SECONDARY_BUS_NUMBER);
    const width = secondary === bus ? 0 : arena.u8(fn, SUBORDINATE_BUS_NUMBER) - secondary;
    if (width < bestWidth) {
      best = fn;
      bestWidth = width;
    }
  }
  return best;
}

/** Secondary to Subordinate Bus Number. */
export function coversBus(arena: ConfigArena, bridge: number, bus: number): boolean {
  return bus >= arena.u8(bridge, SECONDARY_BUS_NUMBER) && bus <= arena.u8(bridge, SUBORDINATE_BUS_NUMBER);
}
