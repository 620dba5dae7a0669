import type { Structure } from '../src/spec/structure.ts';

/**
 * Captured Data Extended Capability, 0Ch bytes. PCIe 7.0.
 * No public source gives the fields: the registers are read-only here.
 */
export const CapturedData = {
  name: 'Captured Data',
  extendedCapabilityId: 0x003a,
  registers: [
    { name: 'Captured Data Capabilities', offset: 0x04, width: 16, spec: 'PCIe 7.0', fields: [] },
    { name: 'Captured Data Control', offset: 0x06, width: 16, spec: 'PCIe 7.0', fields: [] },
    { name: 'Captured Data Register', offset: 0x08, width: 32, spec: 'PCIe 7.0', fields: [] },
  ],
} as const satisfies Structure;
