/** Whether anything gets through to what lies behind a bridge, from its registers, and what a change of that leaves in them. */
import { portTypes } from '../../spec-tables/port-types.ts';
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';
import { isBridge, leadsToLink } from './topology.ts';

/**
 * False while the bridge holds its secondary side in reset (Bridge Control), has its link disabled (Link Control), or its slot has
 * no power (Slot Control); while it contains an error (DPC Status); or the link is lost. PCIe 5.0 §7.5.1.3.13, §7.5.3.7, §7.5.3.10.
 */
export function isLinkUp(arena: ConfigArena, bridge: number): boolean {
  if (!isBridge(arena, bridge)) return true;
  if (arena.linkLost[bridge] !== 0) return false;
  if ((arena.u16(bridge, C.BRIDGE_CONTROL) & C.BRIDGE_CONTROL_SECONDARY_BUS_RESET) !== 0) return false;
  const { pciExpress } = arena.layout[bridge]!;
  if (pciExpress === 0 || !leadsToLink(arena, bridge)) return true;
  if ((arena.u16(bridge, pciExpress + C.LINK_CONTROL) & C.LINK_CONTROL_LINK_DISABLE) !== 0) return false;
  if (isContained(arena, bridge)) return false;
  return !hasPowerController(arena, bridge) || !isPoweredOff(arena, bridge);
}

/** Downstream Port Containment holds the link down while DPC Trigger Status is set. PCIe 5.0 §7.9.15.4. */
export function isContained(arena: ConfigArena, port: number): boolean {
  const { dpc } = arena.layout[port]!;
  return dpc !== 0 && (arena.u16(port, dpc + C.DPC_STATUS) & C.DPC_STATUS_DPC_TRIGGER_STATUS) !== 0;
}

export function hasPowerController(arena: ConfigArena, port: number): boolean {
  return (
    hasSlot(arena, port) &&
    (arena.u32(port, arena.layout[port]!.pciExpress + C.SLOT_CAPABILITIES) &
      C.SLOT_CAPABILITIES_POWER_CONTROLLER_PRESENT) !==
      0
  );
}

function isPoweredOff(arena: ConfigArena, port: number): boolean {
  const { pciExpress } = arena.layout[port]!;
  return (arena.u16(port, pciExpress + C.SLOT_CONTROL) & C.SLOT_CONTROL_POWER_CONTROLLER_CONTROL) !== 0;
}

function hasSlot(arena: ConfigArena, port: number): boolean {
  const { pciExpress } = arena.layout[port]!;
  const capabilities = pciExpress === 0 ? 0 : arena.u16(port, pciExpress + C.PCI_EXPRESS_CAPABILITIES);
  return (capabilities & C.PCI_EXPRESS_CAPABILITIES_SLOT_IMPLEMENTED) !== 0;
}

/**
 * What the port's own registers show after its link went up or down: Data Link Layer Link Active and its change, where the port
 * reports them; what a link that is down takes with it. PCIe 5.0 §7.5.3.8, §7.5.3.11, §7.5.3.16, §7.5.3.20, §7.7.7.
 */
export function showLinkState(arena: ConfigArena, port: number, isUp: boolean): void {
  const { pciExpress } = arena.layout[port]!;
  if (pciExpress === 0 || !leadsToLink(arena, port)) return;
  const capabilities = arena.u32(port, pciExpress + C.LINK_CAPABILITIES);
  const status = arena.u16(port, pciExpress + C.LINK_STATUS);
  const active = C.LINK_STATUS_DATA_LINK_LAYER_LINK_ACTIVE;
  if ((capabilities & C.LINK_CAPABILITIES_DATA_LINK_LAYER_LINK_ACTIVE_REPORTING_CAPABLE) !== 0) {
    const shown = isUp ? status | active : status & ~active;
    arena.poke(port, pciExpress + C.LINK_STATUS, 2, shown);
    if (shown !== status && hasSlot(arena, port))
      arena.setBits(port, pciExpress + C.SLOT_STATUS, 2, C.SLOT_STATUS_DATA_LINK_LAYER_STATE_CHANGED);
  }
  if (isUp) return;
  const isVersion2 =
    (arena.u16(port, pciExpress + C.PCI_EXPRESS_CAPABILITIES) & C.PCI_EXPRESS_CAPABILITIES_CAPABILITY_VERSION) >= 2;
  if (isVersion2) {
    clearBits(arena, port, pciExpress + C.DEVICE_CONTROL_2, C.DEVICE_CONTROL_2_LTR_MECHANISM_ENABLE);
    clearBits(arena, port, pciExpress + C.LINK_STATUS_2, C.LINK_STATUS_2_DRS_MESSAGE_RECEIVED);
  }
}

function clearBits(arena: ConfigArena, fn: number, offset: number, mask: number): void {
  arena.poke(fn, offset, 2, arena.u16(fn, offset) & ~mask);
}

/**
 * Retrain Link: both ends go to the Target Link Speed, as far as both can, and the port says that it is done. A port of version 1
 * has no target. PCIe 5.0 §7.5.3.7, §7.5.3.8, §7.5.3.19.
 * @param partner function 0 behind the port; undefined where nothing is attached
 */
export function retrainLink(arena: ConfigArena, port: number, partner: number | undefined): void {
  if (!isLinkUp(arena, port) || partner === undefined) return;
  const { pciExpress } = arena.layout[port]!;
  const isVersion2 =
    (arena.u16(port, pciExpress + C.PCI_EXPRESS_CAPABILITIES) & C.PCI_EXPRESS_CAPABILITIES_CAPABILITY_VERSION) >= 2;
  const target = isVersion2 ? arena.u16(port, pciExpress + C.LINK_CONTROL_2) & C.LINK_CONTROL_2_TARGET_LINK_SPEED : 0;
  if (target !== 0 && hasLinkRegisters(arena, partner)) {
    const speed = Math.min(target, maxLinkSpeed(arena, port), maxLinkSpeed(arena, partner));
    if (speed !== 0)
      for (const end of [port, partner]) {
        const at = arena.layout[end]!.pciExpress + C.LINK_STATUS;
        arena.poke(end, at, 2, (arena.u16(end, at) & ~C.LINK_STATUS_CURRENT_LINK_SPEED) | speed);
      }
  }
  const capabilities = arena.u32(port, pciExpress + C.LINK_CAPABILITIES);
  if ((capabilities & C.LINK_CAPABILITIES_LINK_BANDWIDTH_NOTIFICATION_CAPABILITY) !== 0)
    arena.setBits(port, pciExpress + C.LINK_STATUS, 2, C.LINK_STATUS_LINK_BANDWIDTH_MANAGEMENT_STATUS);
}

/** Integrated functions have none, and in version 1 their capability ends before them. PCIe 5.0 §7.5.3. */
function hasLinkRegisters(arena: ConfigArena, fn: number): boolean {
  const { pciExpress, portType } = arena.layout[fn]!;
  return (
    pciExpress !== 0 &&
    portType !== portTypes['Root Complex Integrated Endpoint'] &&
    portType !== portTypes['Root Complex Event Collector']
  );
}

function maxLinkSpeed(arena: ConfigArena, fn: number): number {
  return arena.u32(fn, arena.layout[fn]!.pciExpress + C.LINK_CAPABILITIES) & C.LINK_CAPABILITIES_MAX_LINK_SPEED;
}
