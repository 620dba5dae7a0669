/**
 * Root Complex Event Collectors: the function that integrated endpoints report to, in place of a root port, which they have none of.
 * PCIe 5.0 §1.3.4, §6.2.4.1, §7.9.10.
 */
import { portTypes } from '../../spec-tables/port-types.ts';
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';
import { NONE, type Topology } from './topology.ts';

/** From this version on, the association names buses beside the collector's own. */
const WITH_BUSES = 2;

/** The collector that a function reports to, which for a collector is itself; NONE for all but integrated endpoints, and where none has it. */
export function eventCollectorOf(arena: ConfigArena, topology: Topology, fn: number): number {
  if (isEventCollector(arena, fn)) return fn;
  if (arena.layout[fn]!.portType !== portTypes['Root Complex Integrated Endpoint']) return NONE;
  for (const candidate of onRootBuses(topology, arena.segment[fn]!))
    if (isEventCollector(arena, candidate) && arena.isPresent(candidate) && isAssociated(arena, candidate, fn))
      return candidate;
  return NONE;
}

/** The integrated endpoints of a collector: those on its own bus, then those on others, in order. */
export function associatedEndpoints(arena: ConfigArena, topology: Topology, collector: number): number[] {
  const own = busOf(arena, collector);
  const associated = onRootBuses(topology, arena.segment[collector]!).filter(
    (fn) =>
      arena.layout[fn]!.portType === portTypes['Root Complex Integrated Endpoint'] &&
      isAssociated(arena, collector, fn),
  );
  const isOwn = (fn: number) => busOf(arena, fn) === own;
  return [...associated.filter(isOwn), ...associated.filter((fn) => !isOwn(fn))];
}

export function isEventCollector(arena: ConfigArena, fn: number): boolean {
  return arena.layout[fn]!.portType === portTypes['Root Complex Event Collector'];
}

/** By device number on the collector's own bus, by bus number elsewhere. PCIe 5.0 §7.9.10.2, §7.9.10.3. */
function isAssociated(arena: ConfigArena, collector: number, fn: number): boolean {
  const { rcecAssociation: at } = arena.layout[collector]!;
  if (at === 0) return false;
  const id = arena.idOf(fn);
  if (id >> 8 === busOf(arena, collector))
    return ((arena.u32(collector, at + C.RCEC_ASSOCIATION_BITMAP) >>> ((id >> 3) & 0x1f)) & 1) !== 0;
  const version = (arena.u32(collector, at) & C.RCEC_ASSOCIATION_HEADER_CAPABILITY_VERSION) >>> 16;
  if (version < WITH_BUSES) return false;
  const buses = arena.u32(collector, at + C.RCEC_ASSOCIATED_BUS_NUMBERS);
  const next = (buses & C.RCEC_ASSOCIATED_BUS_NUMBERS_RCEC_NEXT_BUS) >>> 8;
  const last = (buses & C.RCEC_ASSOCIATED_BUS_NUMBERS_RCEC_LAST_BUS) >>> 16;
  // FFh and 0 where there are no others.
  return id >> 8 >= next && id >> 8 <= last;
}

function onRootBuses(topology: Topology, segment: number): number[] {
  return topology.rootBuses.filter((bus) => bus.segment === segment).flatMap(({ functions }) => functions);
}

function busOf(arena: ConfigArena, fn: number): number {
  return arena.idOf(fn) >> 8;
}
