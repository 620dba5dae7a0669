import type { Structure } from '../src/spec/structure.ts';

/**
 * NOP Flit Extended Capability, 14h bytes. PCIe 6.2 §7.8.14.
 * No public source gives the fields: the registers are read-only here.
 */
export const NopFlit = {
  name: 'NOP Flit',
  extendedCapabilityId: 0x0037,
  registers: [
    { name: 'NOP Flit Capabilities', offset: 0x04, width: 32, spec: 'PCIe 6.2 §7.8.14.2', fields: [] },
    { name: 'NOP Flit Control 1', offset: 0x08, width: 32, spec: 'PCIe 6.2 §7.8.14.3', fields: [] },
    { name: 'NOP Flit Control 2', offset: 0x0c, width: 32, spec: 'PCIe 6.2 §7.8.14.4', fields: [] },
    { name: 'NOP Flit Status', offset: 0x10, width: 32, spec: 'PCIe 6.2 §7.8.14.5', fields: [] },
  ],
} as const satisfies Structure;
