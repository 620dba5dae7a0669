import type { Structure } from '../src/spec/structure.ts';

/** MSI-X Capability, 12 bytes. PCIe 5.0 §7.7.2. */
export const MsiXCapability = {
  name: 'MSI-X',
  capabilityId: 0x11,
  registers: [
    {
      name: 'MSI-X Message Control',
      offset: 0x02,
      width: 16,
      spec: 'PCIe 5.0 §7.7.2.2',
      fields: [
        { name: 'Table Size', bits: [10, 0], attr: 'RO' },
        { name: 'Reserved', bits: [13, 11], attr: 'RsvdP' },
        { name: 'Function Mask', bits: [14, 14], attr: 'RW', behaviour: 'interrupt-mask' },
        { name: 'MSI-X Enable', bits: [15, 15], attr: 'RW', behaviour: 'interrupt-mask' },
      ],
    },
    {
      name: 'MSI-X Table',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.7.2.3',
      fields: [
        { name: 'Table BIR', bits: [2, 0], attr: 'RO' },
        { name: 'Table Offset', bits: [31, 3], attr: 'RO' },
      ],
    },
    {
      name: 'MSI-X PBA',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.7.2.4',
      fields: [
        { name: 'PBA BIR', bits: [2, 0], attr: 'RO' },
        { name: 'PBA Offset', bits: [31, 3], attr: 'RO' },
      ],
    },
  ],
} as const satisfies Structure;
