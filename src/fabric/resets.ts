/**
 * What a reset does beyond one function: everything behind a bridge whose secondary bus is reset, whose link goes down, or whose
 * slot loses power, and what the bridge itself then shows. PCIe 5.0 §6.6.1.
 */
import type { ConfigArena } from '../config/arena.ts';
import type { FieldEvent } from '../config/registers.ts';
import type { ResetKind } from '../config/reset.ts';
import { hasPowerController, isLinkUp, showLinkState } from './link.ts';
import { leadsToLink, subtree, type Topology } from './topology.ts';

/** A conventional reset of everything behind the bridge. VFs are gone with it: their PF's VF Enable falls. */
export function resetBehind(arena: ConfigArena, topology: Topology, bridge: number, kind: ResetKind): void {
  for (const fn of subtree(topology, bridge)) if (fn !== bridge) arena.reset(fn, kind);
}

/** After a write that changed one of the three bits which take a link down. */
export function linkChanged(arena: ConfigArena, topology: Topology, event: FieldEvent): void {
  const { fn: bridge, kind, after } = event;
  if (kind === 'slot-power' && !hasPowerController(arena, bridge)) return;
  if (after !== 0) resetBehind(arena, topology, bridge, kind === 'slot-power' ? 'fundamental' : 'hot');
  showLinkState(arena, bridge, isLinkActive(arena, topology, bridge));
}

/** After a reset of a port: its link is up again, unless its registers still say otherwise. */
export function portWasReset(arena: ConfigArena, topology: Topology, port: number): void {
  if (leadsToLink(arena, port)) showLinkState(arena, port, isLinkActive(arena, topology, port));
}

/** A link has two ends: nothing is active towards an empty slot. */
function isLinkActive(arena: ConfigArena, topology: Topology, port: number): boolean {
  return isLinkUp(arena, port) && topology.children[port]!.some((fn) => arena.isPresent(fn));
}
