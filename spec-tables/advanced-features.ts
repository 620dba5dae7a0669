import type { Condition, Structure } from '../src/spec/structure.ts';

const withFlr: Condition = { fields: [{ register: 'AF Capabilities', field: 'FLR Capability', equals: 1 }] };

/** Conventional PCI Advanced Features Capability, 6 bytes: function level reset without PCI Express. PCIe 5.0 §7.9.22. */
export const AdvancedFeaturesCapability = {
  name: 'Advanced Features',
  capabilityId: 0x13,
  length: { register: 'AF Length', field: 'Length', atLeast: 6 },
  registers: [
    {
      name: 'AF Length',
      offset: 0x02,
      width: 8,
      spec: 'PCIe 5.0 §7.9.22.1',
      fields: [{ name: 'Length', bits: [7, 0], attr: 'RO', reset: 6 }],
    },
    {
      name: 'AF Capabilities',
      offset: 0x03,
      width: 8,
      spec: 'PCIe 5.0 §7.9.22.2',
      fields: [
        { name: 'Transactions Pending Capability', bits: [0, 0], attr: 'HwInit' },
        { name: 'FLR Capability', bits: [1, 1], attr: 'HwInit' },
        { name: 'Reserved', bits: [7, 2], attr: 'RsvdP' },
      ],
    },
    {
      name: 'AF Control',
      offset: 0x04,
      width: 8,
      spec: 'PCIe 5.0 §7.9.22.3',
      fields: [
        { name: 'Initiate FLR', bits: [0, 0], attr: 'RW', when: withFlr, behaviour: 'function-level-reset' },
        { name: 'Reserved', bits: [7, 1], attr: 'RsvdP' },
      ],
    },
    {
      name: 'AF Status',
      offset: 0x05,
      width: 8,
      spec: 'PCIe 5.0 §7.9.22.4',
      fields: [
        { name: 'Transactions Pending', bits: [0, 0], attr: 'RO' },
        { name: 'Reserved', bits: [7, 1], attr: 'RsvdZ' },
      ],
    },
  ],
} as const satisfies Structure;
