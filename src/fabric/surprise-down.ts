/** A link that goes down though nobody asked for it. PCIe 5.0 §3.2.1, §7.5.3.6. */
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';
import type { ErrorSignaling, SignaledError } from './error-signaling.ts';
import { isLinkUp, showLinkState } from './link.ts';
import { resetBehind } from './resets.ts';
import { leadsToLink, type Topology } from './topology.ts';

/**
 * Takes the link down, and everything behind it with it. Undefined where the port makes no error of it: it was down already, cannot
 * tell, or has a slot whose devices may be pulled out.
 * @throws RangeError when the function leads to no link
 */
export function surpriseDown(signaling: ErrorSignaling, topology: Topology, port: number): SignaledError | undefined {
  const { arena } = signaling;
  expectLink(arena, port);
  const wasUp = isLinkUp(arena, port);
  arena.loseLink(port, true);
  if (!wasUp) return undefined;
  resetBehind(arena, topology, port, 'hot');
  showLinkState(arena, port, false);
  return isError(arena, port) ? signaling.detect(port, { error: 'Surprise Down Error' }) : undefined;
}

/** The link trains again, unless a register keeps it down. @throws RangeError when the function leads to no link */
export function linkRestored(arena: ConfigArena, port: number): void {
  expectLink(arena, port);
  arena.loseLink(port, false);
  showLinkState(arena, port, isLinkUp(arena, port));
}

function expectLink(arena: ConfigArena, port: number): void {
  arena.expectFunction(port);
  if (!leadsToLink(arena, port))
    throw new RangeError(`${arena.name(port)}: expected a root port or switch downstream port, got another function`);
}

function isError(arena: ConfigArena, port: number): boolean {
  const { pciExpress } = arena.layout[port]!;
  if (pciExpress === 0) return false;
  const link = arena.u32(port, pciExpress + C.LINK_CAPABILITIES);
  if ((link & C.LINK_CAPABILITIES_SURPRISE_DOWN_ERROR_REPORTING_CAPABLE) === 0) return false;
  const hasSlot =
    (arena.u16(port, pciExpress + C.PCI_EXPRESS_CAPABILITIES) & C.PCI_EXPRESS_CAPABILITIES_SLOT_IMPLEMENTED) !== 0;
  const pulled = C.SLOT_CAPABILITIES_HOT_PLUG_CAPABLE | C.SLOT_CAPABILITIES_HOT_PLUG_SURPRISE;
  return !hasSlot || (arena.u32(port, pciExpress + C.SLOT_CAPABILITIES) & pulled) !== pulled;
}
