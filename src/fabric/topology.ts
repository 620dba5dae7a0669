/**
 * How the functions are wired, from bytes alone: a bridge's Secondary Bus Number says which functions lie behind it. Wiring is
 * fixed once it is known; bus numbers are registers and may change under it.
 */

import { portTypes } from '../../spec-tables/port-types.ts';
import type { ConfigArena } from '../config/arena.ts';
import { routingId } from '../config/bdf.ts';
import { UNKNOWN_PORT } from '../config/placed-structures.ts';
import { SECONDARY_BUS_NUMBER, SUBORDINATE_BUS_NUMBER } from '../spec/constants.ts';

export const NONE = -1;

export interface TopologyProblem {
  readonly fn: number;
  readonly text: string;
}

/** A bus that no bridge of the dump leads to: that of a host bridge, or of a dump with functions left out. */
export interface RootBus {
  readonly segment: number;
  readonly bus: number;
  /** Functions in order of device and function number. */
  readonly functions: readonly number[];
}

export interface Topology {
  /** Index of the bridge that a function lies behind, NONE on a root bus. */
  readonly parent: Int32Array;
  /** Functions behind each bridge, in order of device and function number; empty for all else. */
  readonly children: readonly (readonly number[])[];
  /** In order of segment and bus number. */
  readonly rootBuses: readonly RootBus[];
  /** Functions on root buses that can claim an address: bridges, and those with a BAR. */
  readonly rootClaimants: readonly number[];
  /** Bridges on root buses, by segment. */
  readonly rootBridges: ReadonlyMap<number, readonly number[]>;
  readonly problems: readonly TopologyProblem[];
}

const noChildren: readonly number[] = [];

/** True for a header with bus numbers at 18h–1Ah: Type 1, and Type 2 (CardBus). */
export function isBridge(arena: ConfigArena, fn: number): boolean {
  const { headerType } = arena.layout[fn]!;
  return headerType === 1 || headerType === 2;
}

/**
 * True where the bus behind the bridge is conventional PCI: no completions, no error messages, no Requester IDs. A bridge whose
 * capabilities are not known is taken for a port of PCI Express, as nearly all are: then a refusal shows.
 */
export function hasConventionalSecondary(arena: ConfigArena, fn: number): boolean {
  const { portType } = arena.layout[fn]!;
  return (
    portType !== UNKNOWN_PORT &&
    portType !== portTypes['Root Port'] &&
    portType !== portTypes['Switch Upstream Port'] &&
    portType !== portTypes['Switch Downstream Port'] &&
    portType !== portTypes['PCI/PCI-X to PCI Express Bridge']
  );
}

/** True where the bus behind the bridge is known to be a link, with one device on it. The bus inside a switch has many. */
export function leadsToLink(arena: ConfigArena, fn: number): boolean {
  const { portType } = arena.layout[fn]!;
  return (
    portType === portTypes['Root Port'] ||
    portType === portTypes['Switch Downstream Port'] ||
    portType === portTypes['PCI/PCI-X to PCI Express Bridge']
  );
}

/**
 * The wiring with more functions: each lies where another, its neighbour, lies, as a VF beside its PF.
 * @param added functions that the arena has taken in since
 */
export function withNeighbours(
  topology: Topology,
  arena: ConfigArena,
  added: readonly number[],
  neighbour: number,
): Topology {
  const parent = new Int32Array(arena.count).fill(NONE);
  parent.set(topology.parent);
  const children = [...topology.children];
  for (const fn of added) {
    parent[fn] = topology.parent[neighbour]!;
    children[fn] = noChildren;
  }
  const up = topology.parent[neighbour]!;
  if (up !== NONE) {
    children[up] = [...children[up]!, ...added];
    return { ...topology, parent, children };
  }
  return {
    ...topology,
    parent,
    children,
    rootBuses: topology.rootBuses.map((root) =>
      root.functions.includes(neighbour) ? { ...root, functions: [...root.functions, ...added] } : root,
    ),
    rootClaimants: [...topology.rootClaimants, ...added],
  };
}

export function buildTopology(arena: ConfigArena): Topology {
  const { count } = arena;
  const problems: TopologyProblem[] = [];
  /** Bridge that claims a bus, by segment and bus number. */
  const claims = new Map<number, number>();
  const busKey = (segment: number, bus: number) => segment * 256 + bus;
  const order = Array.from({ length: count }, (_, fn) => fn).sort(
    (a, b) => arena.segment[a]! - arena.segment[b]! || arena.routingId[a]! - arena.routingId[b]!,
  );

  for (const fn of order) {
    if (!isBridge(arena, fn) || !arena.isPresent(fn)) continue;
    const secondary = arena.u8(fn, SECONDARY_BUS_NUMBER);
    const subordinate = arena.u8(fn, SUBORDINATE_BUS_NUMBER);
    const own = arena.routingId[fn]! >> 8;
    if (secondary === 0 && subordinate === 0) {
      problems.push({ fn, text: 'bus numbers are not assigned (secondary and subordinate are 0)' });
    } else if (secondary <= own || secondary > subordinate) {
      problems.push({
        fn,
        text: `secondary ${hex(secondary)} and subordinate ${hex(subordinate)} do not lie above its own bus ${hex(own)}`,
      });
    } else {
      const key = busKey(arena.segment[fn]!, secondary);
      const other = claims.get(key);
      if (other === undefined) claims.set(key, fn);
      else problems.push({ fn, text: `secondary ${hex(secondary)} is already that of ${arena.name(other)}` });
    }
  }

  const parent = new Int32Array(count).fill(NONE);
  const children: number[][] = [];
  const rootClaimants: number[] = [];
  const rootBridges = new Map<number, number[]>();
  const roots = new Map<number, { segment: number; bus: number; functions: number[] }>();
  for (const fn of order) {
    const segment = arena.segment[fn]!;
    // A VF is where its PF is, whatever bus its number is on. PCIe 5.0 §9.2.1.2.
    const virtual = arena.virtualFunctions.get(fn);
    const bus = arena.routingId[virtual?.physical ?? fn]! >> 8;
    const bridge = claims.get(busKey(segment, bus));
    // A claimed bus always lies above the claiming bridge's own, so parents can't form a circle.
    if (bridge !== undefined) {
      parent[fn] = bridge;
      children[bridge] ??= [];
      children[bridge].push(fn);
    } else {
      const key = busKey(segment, bus);
      let root = roots.get(key);
      if (root === undefined) {
        root = { segment, bus, functions: [] };
        roots.set(key, root);
      }
      root.functions.push(fn);
      const { bars, enhancedAllocation } = arena.layout[fn]!;
      if (isBridge(arena, fn) || bars.length > 0 || enhancedAllocation > 0 || virtual !== undefined)
        rootClaimants.push(fn);
      if (isBridge(arena, fn)) {
        const bridges = rootBridges.get(segment);
        if (bridges === undefined) rootBridges.set(segment, [fn]);
        else bridges.push(fn);
      }
    }
  }
  for (const fn of order) {
    const up = parent[fn]!;
    if (
      up === NONE ||
      !isBridge(arena, fn) ||
      claims.get(busKey(arena.segment[fn]!, arena.u8(fn, SECONDARY_BUS_NUMBER))) !== fn
    )
      continue;
    if (arena.u8(fn, SUBORDINATE_BUS_NUMBER) > arena.u8(up, SUBORDINATE_BUS_NUMBER))
      problems.push({
        fn,
        text: `subordinate ${hex(arena.u8(fn, SUBORDINATE_BUS_NUMBER))} lies beyond ${hex(arena.u8(up, SUBORDINATE_BUS_NUMBER))} of ${arena.name(up)} above it`,
      });
  }
  problems.push(
    ...overlaps(
      arena,
      order,
      (fn) => claims.get(busKey(arena.segment[fn]!, arena.u8(fn, SECONDARY_BUS_NUMBER))) === fn,
    ),
  );
  return {
    parent,
    children: Array.from({ length: count }, (_, fn) => children[fn] ?? noChildren),
    rootBuses: [...roots.values()].sort((a, b) => a.segment - b.segment || a.bus - b.bus),
    rootClaimants,
    rootBridges,
    problems,
  };
}

/**
 * Bridges on one bus whose bus ranges overlap: both would take a configuration request for a bus in both.
 * @param order all functions, by segment and Routing ID
 * @param counts whether the bridge's numbers are to be relied on
 */
function overlaps(
  arena: ConfigArena,
  order: readonly number[],
  counts: (bridge: number) => boolean,
): TopologyProblem[] {
  const byBus = new Map<number, number[]>();
  for (const fn of order) {
    if (!isBridge(arena, fn) || !counts(fn)) continue;
    const key = arena.segment[fn]! * 256 + (arena.routingId[fn]! >> 8);
    const siblings = byBus.get(key);
    if (siblings === undefined) byBus.set(key, [fn]);
    else siblings.push(fn);
  }
  const secondary = (fn: number) => arena.u8(fn, SECONDARY_BUS_NUMBER);
  const subordinate = (fn: number) => arena.u8(fn, SUBORDINATE_BUS_NUMBER);
  const range = (fn: number) => `${hex(secondary(fn))}–${hex(subordinate(fn))}`;
  const problems: TopologyProblem[] = [];
  for (const siblings of byBus.values()) {
    let widest: number | undefined;
    for (const fn of siblings.sort((a, b) => secondary(a) - secondary(b))) {
      if (widest !== undefined && secondary(fn) <= subordinate(widest))
        problems.push({ fn, text: `buses ${range(fn)} overlap ${range(widest)} of ${arena.name(widest)} beside it` });
      if (widest === undefined || subordinate(fn) > subordinate(widest)) widest = fn;
    }
  }
  return problems;
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}

/** The functions from `fn`'s parent up to the root, nearest first. */
export function ancestors(topology: Topology, fn: number): number[] {
  const result: number[] = [];
  for (let up = topology.parent[fn]!; up !== NONE; up = topology.parent[up]!) result.push(up);
  return result;
}

/** `fn` and everything behind it. */
export function subtree(topology: Topology, fn: number): number[] {
  const result = [fn];
  for (let i = 0; i < result.length; i++) result.push(...topology.children[result[i]!]!);
  return result;
}

/**
 * The Requester ID of a request by `fn` as it is on PCI Express: its own; or, from behind a bridge to conventional PCI, that
 * bridge's secondary bus with device and function 0. PCI Express to PCI/PCI-X Bridge Specification 1.0 §2.3.
 */
export function requesterIdOf(arena: ConfigArena, topology: Topology, fn: number): number {
  let id = arena.idOf(fn);
  for (let up = topology.parent[fn]!; up !== NONE; up = topology.parent[up]!)
    if (hasConventionalSecondary(arena, up)) id = routingId(arena.u8(up, SECONDARY_BUS_NUMBER), 0, 0);
  return id;
}
