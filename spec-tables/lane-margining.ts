import type { Structure } from '../src/spec/structure.ts';

/** Lane Margining at the Receiver Extended Capability: 8 bytes and four a lane. PCIe 5.0 §7.7.7. */
export const LaneMargining = {
  name: 'Lane Margining at the Receiver',
  extendedCapabilityId: 0x0027,
  registers: [
    {
      name: 'Margining Port Capabilities',
      offset: 0x04,
      width: 16,
      spec: 'PCIe 5.0 §7.7.7.2',
      fields: [
        { name: 'Margining uses Driver Software', bits: [0, 0], attr: 'HwInit' },
        { name: 'Reserved', bits: [15, 1], attr: 'RsvdP' },
      ],
    },
    {
      name: 'Margining Port Status',
      offset: 0x06,
      width: 16,
      spec: 'PCIe 5.0 §7.7.7.3',
      fields: [
        { name: 'Margining Ready', bits: [0, 0], attr: 'RO' },
        { name: 'Margining Software Ready', bits: [1, 1], attr: 'RO' },
        { name: 'Reserved', bits: [15, 2], attr: 'RsvdZ' },
      ],
    },
  ],
  blocks: [
    // Both registers take their reset values at DL_Down; an FLR leaves them alone, which no attribute says.
    {
      count: 'lanes',
      registers: [
        {
          name: 'Margining Lane {n} Control',
          offset: 0x00,
          width: 16,
          spec: 'PCIe 5.0 §7.7.7.4',
          fields: [
            { name: 'Receiver Number', bits: [2, 0], attr: 'RW' },
            { name: 'Margin Type', bits: [5, 3], attr: 'RW', reset: 7 },
            { name: 'Usage Model', bits: [6, 6], attr: 'RW' },
            { name: 'Reserved', bits: [7, 7], attr: 'RsvdP' },
            { name: 'Margin Payload', bits: [15, 8], attr: 'RW', reset: 0x9c },
          ],
        },
        {
          name: 'Margining Lane {n} Status',
          offset: 0x02,
          width: 16,
          spec: 'PCIe 5.0 §7.7.7.5',
          fields: [
            { name: 'Receiver Number Status', bits: [2, 0], attr: 'RO' },
            { name: 'Margin Type Status', bits: [5, 3], attr: 'RO' },
            { name: 'Usage Model Status', bits: [6, 6], attr: 'RO' },
            { name: 'Reserved', bits: [7, 7], attr: 'RsvdZ' },
            { name: 'Margin Payload Status', bits: [15, 8], attr: 'RO' },
          ],
        },
      ],
    },
  ],
} as const satisfies Structure;
