import type { Structure } from '../src/spec/structure.ts';

/** CompactPCI Central Resource Control Capability. What is behind its header is in PICMG 2.13 only: a dump's bytes stay, read-only. */
export const CompactPciCentralResourceControlCapability = {
  name: 'CompactPCI Central Resource Control',
  capabilityId: 0x0b,
  registers: [],
} as const satisfies Structure;
