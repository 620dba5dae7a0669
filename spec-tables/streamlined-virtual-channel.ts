import type { Structure } from '../src/spec/structure.ts';

/**
 * Streamlined Virtual Channel (SVC) Extended Capability: 14h bytes and 0Ch for each VC. PCIe 6.1.
 * Known are the registers and the count of VCs; no public source gives the other fields, so they are read-only.
 */
export const StreamlinedVirtualChannel = {
  name: 'Streamlined Virtual Channel',
  extendedCapabilityId: 0x0035,
  registers: [
    {
      name: 'SVC Port Capability 1',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 6.1',
      fields: [{ name: 'SVC Extended VC Count', bits: [2, 0], attr: 'RO' }],
    },
    { name: 'SVC Port Capability 2', offset: 0x08, width: 32, spec: 'PCIe 6.1', fields: [] },
    { name: 'SVC Port Control', offset: 0x0c, width: 32, spec: 'PCIe 6.1', fields: [] },
    { name: 'SVC Port Status', offset: 0x10, width: 32, spec: 'PCIe 6.1', fields: [] },
  ],
  blocks: [
    {
      count: { register: 'SVC Port Capability 1', field: 'SVC Extended VC Count', plus: 1 },
      registers: [
        { name: 'SVC Resource {n} Capability', offset: 0x00, width: 32, spec: 'PCIe 6.1', fields: [] },
        { name: 'SVC Resource {n} Control', offset: 0x04, width: 32, spec: 'PCIe 6.1', fields: [] },
        { name: 'SVC Resource {n} Status', offset: 0x08, width: 32, spec: 'PCIe 6.1', fields: [] },
      ],
    },
  ],
} as const satisfies Structure;
