import type { Structure } from '../src/spec/structure.ts';

/**
 * Multi-Root I/O Virtualization (MR-IOV) Extended Capability. Its registers are in a specification of their own that is not
 * public, and no hardware with it is known; all but the header reads as a dump has it.
 */
export const MultiRootIoVirtualization = {
  name: 'Multi-Root I/O Virtualization',
  extendedCapabilityId: 0x0011,
  registers: [],
} as const satisfies Structure;
