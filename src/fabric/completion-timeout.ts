/** A request whose answer does not come. PCIe 5.0 §2.8, §7.5.3.16. */
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';

/** Completion Timeout Disable: the requester waits for ever. Version 1 of the capability has no such bit. */
export function waitsForEver(arena: ConfigArena, requester: number): boolean {
  const { pciExpress } = arena.layout[requester]!;
  if (pciExpress === 0) return false;
  const version = arena.u16(requester, pciExpress + C.PCI_EXPRESS_CAPABILITIES);
  return (
    (version & C.PCI_EXPRESS_CAPABILITIES_CAPABILITY_VERSION) >= 2 &&
    (arena.u16(requester, pciExpress + C.DEVICE_CONTROL_2) & C.DEVICE_CONTROL_2_COMPLETION_TIMEOUT_DISABLE) !== 0
  );
}
