import type { Structure } from '../src/spec/structure.ts';

/** Page Request Extended Capability, 10h bytes. PCIe 5.0 §10.5.2. */
export const PageRequestInterface = {
  name: 'Page Request Interface',
  extendedCapabilityId: 0x0013,
  registers: [
    {
      name: 'Page Request Control',
      offset: 0x04,
      width: 16,
      spec: 'PCIe 5.0 §10.5.2.2',
      fields: [
        { name: 'Enable', bits: [0, 0], attr: 'RW' },
        { name: 'Reset', bits: [1, 1], attr: 'RW', behaviour: 'reads-zero' },
        { name: 'Reserved', bits: [15, 2], attr: 'RsvdP' },
      ],
    },
    {
      name: 'Page Request Status',
      offset: 0x06,
      width: 16,
      spec: 'PCIe 5.0 §10.5.2.3',
      fields: [
        { name: 'Response Failure', bits: [0, 0], attr: 'RW1C' },
        { name: 'Unexpected Page Request Group Index', bits: [1, 1], attr: 'RW1C' },
        { name: 'Reserved 7:2', bits: [7, 2], attr: 'RsvdZ' },
        { name: 'Stopped', bits: [8, 8], attr: 'RO', reset: 1 },
        { name: 'Reserved 14:9', bits: [14, 9], attr: 'RsvdZ' },
        { name: 'PRG Response PASID Required', bits: [15, 15], attr: 'RO' },
      ],
    },
    {
      name: 'Outstanding Page Request Capacity',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §10.5.2.4',
      fields: [{ name: 'Outstanding Page Request Capacity', bits: [31, 0], attr: 'RO' }],
    },
    {
      name: 'Outstanding Page Request Allocation',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 5.0 §10.5.2.5',
      fields: [{ name: 'Outstanding Page Request Allocation', bits: [31, 0], attr: 'RW' }],
    },
  ],
} as const satisfies Structure;
