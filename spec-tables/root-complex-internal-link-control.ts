import type { Structure } from '../src/spec/structure.ts';

/** Root Complex Internal Link Control Extended Capability, 0Ch bytes. PCIe 5.0 §7.9.9. */
export const RootComplexInternalLinkControl = {
  name: 'Root Complex Internal Link Control',
  extendedCapabilityId: 0x0006,
  registers: [
    {
      name: 'Root Complex Link Capabilities',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.9.9.2',
      fields: [
        { name: 'Max Link Speed', bits: [3, 0], attr: 'RO' },
        { name: 'Maximum Link Width', bits: [9, 4], attr: 'RO' },
        { name: 'ASPM Support', bits: [11, 10], attr: 'RO' },
        { name: 'L0s Exit Latency', bits: [14, 12], attr: 'RO' },
        { name: 'L1 Exit Latency', bits: [17, 15], attr: 'RO' },
        { name: 'Supported Link Speeds Vector', bits: [24, 18], attr: 'RO' },
        { name: 'Reserved', bits: [31, 25], attr: 'RsvdP' },
      ],
    },
    {
      name: 'Root Complex Link Control',
      offset: 0x08,
      width: 16,
      spec: 'PCIe 5.0 §7.9.9.3',
      fields: [
        { name: 'ASPM Control', bits: [1, 0], attr: 'RW' },
        { name: 'Reserved 6:2', bits: [6, 2], attr: 'RsvdP' },
        { name: 'Extended Synch', bits: [7, 7], attr: 'RW' },
        { name: 'Reserved 15:8', bits: [15, 8], attr: 'RsvdP' },
      ],
    },
    {
      name: 'Root Complex Link Status',
      offset: 0x0a,
      width: 16,
      spec: 'PCIe 5.0 §7.9.9.4',
      fields: [
        { name: 'Current Link Speed', bits: [3, 0], attr: 'RO' },
        { name: 'Negotiated Link Width', bits: [9, 4], attr: 'RO' },
        { name: 'Reserved', bits: [15, 10], attr: 'RsvdZ' },
      ],
    },
  ],
} as const satisfies Structure;
