import type { Structure } from '../src/spec/structure.ts';

/** Address Translation Services (ATS) Extended Capability, 8 bytes. PCIe 5.0 §10.5.1. */
export const AddressTranslationServices = {
  name: 'Address Translation Services',
  extendedCapabilityId: 0x000f,
  registers: [
    {
      name: 'ATS Capability',
      offset: 0x04,
      width: 16,
      spec: 'PCIe 5.0 §10.5.1.2',
      fields: [
        { name: 'Invalidate Queue Depth', bits: [4, 0], attr: 'RO' },
        { name: 'Page Aligned Request', bits: [5, 5], attr: 'RO' },
        { name: 'Global Invalidate Supported', bits: [6, 6], attr: 'RO' },
        { name: 'Relaxed Ordering Supported', bits: [7, 7], attr: 'RO' },
        { name: 'Reserved', bits: [15, 8], attr: 'RsvdP' },
      ],
    },
    {
      name: 'ATS Control',
      offset: 0x06,
      width: 16,
      spec: 'PCIe 5.0 §10.5.1.3',
      fields: [
        { name: 'Smallest Translation Unit', bits: [4, 0], attr: 'RW' },
        { name: 'Reserved', bits: [14, 5], attr: 'RsvdP' },
        { name: 'ATS Enable', bits: [15, 15], attr: 'RW' },
      ],
    },
  ],
} as const satisfies Structure;
