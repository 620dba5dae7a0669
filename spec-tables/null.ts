import type { Structure } from '../src/spec/structure.ts';

/** Null Capability: nothing behind the ID and the pointer; firmware takes a capability out of the list with it. PCIe 6.0 §7.9.27. */
export const NullCapability = {
  name: 'Null',
  capabilityId: 0x00,
  registers: [],
} as const satisfies Structure;
