/**
 * Multicast: memory writes into the multicast window, of which each port that receives the group gets a copy. PCIe 5.0 §6.14, §7.9.11.
 *
 * The port that a write comes in by says whether it is one, and may block it; each port that it could leave by says whether it does,
 * and to which address. A write that no port takes is dropped silently. Of a copy that its device refuses only the trace tells.
 */
import { portTypes } from '../../spec-tables/port-types.ts';
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';
import { type TlpHeader, tlpTypeNamed } from '../tlp/header.ts';
import type { Hop, HopSource, Outcome, Route } from './hop.ts';
import { isLinkUp } from './link.ts';
import { isBridge, NONE, type Topology } from './topology.ts';

const SPEC = '§6.14';
const AT_TRANSLATED = 2;
/** Overlay sizes below it say that there is none: 2^6 bytes is the smallest. */
const SMALLEST_OVERLAY = 6;
const ADDRESS_BITS = 64;

/** What the ways of the copies need of the router. */
export interface MulticastWalk {
  readonly arena: ConfigArena;
  readonly topology: Topology;
  note(fn: number, action: Hop['action'], rule: string, spec: string, source?: HopSource): void;
  end(outcome: Outcome, at: number, action: Hop['action'], rule: string, spec: string, source?: HopSource): Route;
  /** A copy on the secondary side of a port, which judges it as every request from below: a Route where it ends there. */
  enter(header: TlpHeader, port: number): Route | undefined;
  /** A copy that is a plain request from here on: up from a function, and down to what lies behind a port. */
  up(header: TlpHeader, from: number): Route;
  down(header: TlpHeader, port: number): Route;
}

/** Group of the write, 0 to 63, by the window of the function; undefined where it is none to it. */
export function multicastGroup(arena: ConfigArena, fn: number, header: TlpHeader): number | undefined {
  const { multicast } = arena.layout[fn]!;
  if (multicast === 0) return undefined;
  const control = arena.u16(fn, multicast + C.MULTICAST_CONTROL);
  if ((control & C.MULTICAST_CONTROL_MC_ENABLE) === 0) return undefined;
  const { kind, posted } = tlpTypeNamed(header.type);
  if (kind !== 'memory' || !posted) return undefined;
  const low = arena.u32(fn, multicast + C.MC_BASE_ADDRESS_LOWER);
  const index = BigInt(low & C.MC_BASE_ADDRESS_LOWER_MC_INDEX_POSITION);
  const base = join(
    arena.u32(fn, multicast + C.MC_BASE_ADDRESS_UPPER),
    low & C.MC_BASE_ADDRESS_LOWER_MC_BASE_ADDRESS_31_12,
  );
  const offset = join(header.addressHi, header.addressLo) - base;
  if (offset < 0n) return undefined;
  const group = offset >> index;
  return group <= BigInt(control & C.MULTICAST_CONTROL_MC_NUM_GROUP) ? Number(group) : undefined;
}

/** Why the port that a write comes in by does not let it on: MC_Block_All, MC_Block_Untranslated. */
export function multicastBlock(
  arena: ConfigArena,
  port: number,
  group: number,
  { at }: TlpHeader,
): 'MC_Block_All' | 'MC_Block_Untranslated' | undefined {
  const { multicast } = arena.layout[port]!;
  if (hasGroup(arena, port, multicast + C.MC_BLOCK_ALL_LOWER, group)) return 'MC_Block_All';
  const untranslated = hasGroup(arena, port, multicast + C.MC_BLOCK_UNTRANSLATED_LOWER, group);
  return untranslated && at !== AT_TRANSLATED ? 'MC_Block_Untranslated' : undefined;
}

/** @param ingress port that the write came in by on its secondary side; it has passed that port's own checks */
export function routeMulticast(walk: MulticastWalk, header: TlpHeader, ingress: number, group: number): Route {
  const blocked = blockedAt(walk, header, ingress, group);
  if (blocked !== undefined) return blocked;
  const copies: number[] = [];
  spread(walk, header, ingress, group, copies);
  return ended(walk, ingress, group, copies);
}

/** A write of the root complex itself: down every root port that receives the group. */
export function multicastFromHost(walk: MulticastWalk, header: TlpHeader, ports: readonly number[]): Route | undefined {
  const copies: number[] = [];
  let found: number | undefined;
  for (const port of ports) {
    const group = multicastGroup(walk.arena, port, header);
    if (group === undefined) continue;
    found = group;
    leave(walk, header, port, group, copies);
  }
  return found === undefined ? undefined : ended(walk, NONE, found, copies);
}

function ended(walk: MulticastWalk, at: number, group: number, copies: readonly number[]): Route {
  if (copies.length === 0) return walk.end('dropped', at, 'drop', `multicast: nobody receives group ${group}`, SPEC);
  return {
    ...walk.end('delivered', at, 'deliver', `multicast: a copy to each that receives group ${group}`, SPEC),
    copies,
  };
}

function blockedAt(walk: MulticastWalk, header: TlpHeader, port: number, group: number): Route | undefined {
  const why = multicastBlock(walk.arena, port, group, header);
  if (why === undefined) return undefined;
  return walk.end('mc-blocked', port, 'refuse', `${why}: group ${group} is not let in here`, `${SPEC}.4`);
}

/** From the secondary side of a port to all other ports of its switch, or to root ports and integrated endpoints of its segment. */
function spread(walk: MulticastWalk, header: TlpHeader, ingress: number, group: number, copies: number[]): void {
  const { arena, topology } = walk;
  const above = topology.parent[ingress]!;
  const others =
    above === NONE
      ? topology.rootClaimants.filter((fn) => arena.segment[fn] === arena.segment[ingress])
      : topology.children[above]!;
  for (const port of others) if (port !== ingress && arena.isPresent(port)) leave(walk, header, port, group, copies);
  if (above === NONE || !receives(arena, above, group)) return;
  // The upstream port takes it from the bus inside the switch, and lets it out above.
  if (walk.enter(header, above) !== undefined) return;
  const copy = overlaid(arena, above, header);
  walk.note(above, 'forward up', `multicast: MC_Receive of group ${group} is set`, SPEC);
  const next = topology.parent[above]!;
  const nextGroup = next === NONE ? undefined : multicastGroup(arena, next, copy);
  if (nextGroup === undefined) take(walk.up(copy, above), copies);
  else if (isLinkUp(arena, next) && walk.enter(copy, next) === undefined)
    if (blockedAt(walk, copy, next, nextGroup) === undefined) spread(walk, copy, next, nextGroup, copies);
}

/** Out of a downstream or root port, where it receives the group, and to what is there. */
function leave(walk: MulticastWalk, header: TlpHeader, port: number, group: number, copies: number[]): void {
  const { arena, topology } = walk;
  if (!receives(arena, port, group) || !isLinkUp(arena, port)) return;
  if (!isBridge(arena, port)) {
    // An endpoint that is integrated in the root complex.
    walk.note(port, 'deliver', `multicast: MC_Receive of group ${group} is set`, SPEC);
    copies.push(port);
    return;
  }
  walk.note(port, 'forward down', `multicast: MC_Receive of group ${group} is set`, SPEC);
  const copy = overlaid(arena, port, header);
  const behind = topology.children[port]!.filter((fn) => arena.isPresent(fn));
  const groups = behind.map((fn) => multicastGroup(arena, fn, copy));
  if (groups.every((one) => one === undefined)) {
    if (behind.length > 0) take(walk.down(copy, port), copies);
    return;
  }
  behind.forEach((fn, i) => {
    const here = groups[i];
    if (here === undefined) return;
    if (arena.layout[fn]!.portType === portTypes['Switch Upstream Port']) {
      if (blockedAt(walk, copy, fn, here) === undefined)
        for (const next of topology.children[fn]!) if (arena.isPresent(next)) leave(walk, copy, next, here, copies);
    } else if (receives(arena, fn, here)) {
      walk.note(fn, 'deliver', `multicast: MC_Receive of group ${here} is set`, SPEC);
      copies.push(fn);
    }
  });
}

function take({ outcome, at }: Route, copies: number[]): void {
  if (outcome === 'delivered') copies.push(at);
}

/** MC_Receive of a function whose multicast is on. */
function receives(arena: ConfigArena, fn: number, group: number): boolean {
  const { multicast } = arena.layout[fn]!;
  return (
    multicast !== 0 &&
    (arena.u16(fn, multicast + C.MULTICAST_CONTROL) & C.MULTICAST_CONTROL_MC_ENABLE) !== 0 &&
    hasGroup(arena, fn, multicast + C.MC_RECEIVE_LOWER, group)
  );
}

/** A bit of one of the registers of 64 groups. */
function hasGroup(arena: ConfigArena, fn: number, offset: number, group: number): boolean {
  return ((arena.u32(fn, offset + 4 * (group >> 5)) >>> (group & 31)) & 1) === 1;
}

/** The copy with the port's MC_Overlay_BAR in its upper address bits, so that a device without multicast has it in a BAR. §6.14.5. */
function overlaid(arena: ConfigArena, port: number, header: TlpHeader): TlpHeader {
  const { multicast, portType } = arena.layout[port]!;
  // Only they have the register. PCIe 5.0 §7.9.11.8.
  if (
    portType !== portTypes['Root Port'] &&
    portType !== portTypes['Switch Upstream Port'] &&
    portType !== portTypes['Switch Downstream Port']
  )
    return header;
  const low = arena.u32(port, multicast + C.MC_OVERLAY_BAR_LOWER);
  const size = low & C.MC_OVERLAY_BAR_LOWER_MC_OVERLAY_SIZE;
  if (size < SMALLEST_OVERLAY) return header;
  const overlay = join(
    arena.u32(port, multicast + C.MC_OVERLAY_BAR_UPPER),
    low & C.MC_OVERLAY_BAR_LOWER_MC_OVERLAY_BAR_31_6,
  );
  const kept = BigInt.asUintN(size, join(header.addressHi, header.addressLo));
  const address = BigInt.asUintN(ADDRESS_BITS, ((overlay >> BigInt(size)) << BigInt(size)) | kept);
  const addressHi = Number(address >> 32n);
  return { ...header, type: addressHi === 0 ? 'MWr' : 'MWr64', addressHi, addressLo: Number(address & 0xffffffffn) };
}

function join(hi: number, lo: number): bigint {
  return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
}
