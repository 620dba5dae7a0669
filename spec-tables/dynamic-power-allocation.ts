import type { Structure } from '../src/spec/structure.ts';

/** Dynamic Power Allocation (DPA) Extended Capability: 10h bytes, and one for each substate. PCIe 5.0 §7.9.12. */
export const DynamicPowerAllocation = {
  name: 'Dynamic Power Allocation',
  extendedCapabilityId: 0x0016,
  registers: [
    {
      name: 'DPA Capability',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.9.12.2',
      fields: [
        { name: 'Substate_Max', bits: [4, 0], attr: 'RO' },
        { name: 'Reserved 7:5', bits: [7, 5], attr: 'RsvdP' },
        { name: 'Transition Latency Unit', bits: [9, 8], attr: 'RO' },
        { name: 'Reserved 11:10', bits: [11, 10], attr: 'RsvdP' },
        { name: 'Power Allocation Scale', bits: [13, 12], attr: 'RO' },
        { name: 'Reserved 15:14', bits: [15, 14], attr: 'RsvdP' },
        { name: 'Transition Latency Value 0', bits: [23, 16], attr: 'RO' },
        { name: 'Transition Latency Value 1', bits: [31, 24], attr: 'RO' },
      ],
    },
    {
      // Bit n: which of the two latency values substate n has.
      name: 'DPA Latency Indicator',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.9.12.3',
      fields: [{ name: 'Transition Latency Indicator', bits: [31, 0], attr: 'RO' }],
    },
    {
      name: 'DPA Status',
      offset: 0x0c,
      width: 16,
      spec: 'PCIe 5.0 §7.9.12.4',
      fields: [
        { name: 'Substate Status', bits: [4, 0], attr: 'RO' },
        { name: 'Reserved 7:5', bits: [7, 5], attr: 'RsvdZ' },
        // Writing 1 lets go of the substate control; only a reset sets it again.
        { name: 'Substate Control Enabled', bits: [8, 8], attr: 'RW1C', reset: 1 },
        { name: 'Reserved 15:9', bits: [15, 9], attr: 'RsvdZ' },
      ],
    },
    {
      name: 'DPA Control',
      offset: 0x0e,
      width: 16,
      spec: 'PCIe 5.0 §7.9.12.5',
      fields: [
        { name: 'Substate Control', bits: [4, 0], attr: 'RW' },
        { name: 'Reserved', bits: [15, 5], attr: 'RsvdP' },
      ],
    },
  ],
  blocks: [
    {
      offset: 0x10,
      count: { register: 'DPA Capability', field: 'Substate_Max', plus: 1 },
      registers: [
        {
          name: 'DPA Power Allocation {n}',
          offset: 0x0,
          width: 8,
          spec: 'PCIe 5.0 §7.9.12.6',
          fields: [{ name: 'Substate Power Allocation', bits: [7, 0], attr: 'RO' }],
        },
      ],
    },
  ],
} as const satisfies Structure;
