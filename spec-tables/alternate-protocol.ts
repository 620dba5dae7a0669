import type { Condition, Structure } from '../src/spec/structure.ts';

const selective: Condition = {
  fields: [
    {
      register: 'Alternate Protocol Capabilities',
      field: 'Alternate Protocol Selective Enable Supported',
      equals: 1,
    },
    { register: 'Alternate Protocol Capabilities', field: 'Alternate Protocol Count', atLeast: 1 },
  ],
};

/**
 * Alternate Protocol Extended Capability: 14h bytes, and a mask of a bit for each protocol where selective enable is supported.
 * PCIe 5.0 §7.9.21.
 */
export const AlternateProtocol = {
  name: 'Alternate Protocol',
  extendedCapabilityId: 0x002b,
  registers: [
    {
      name: 'Alternate Protocol Capabilities',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.9.21.2',
      fields: [
        { name: 'Alternate Protocol Count', bits: [7, 0], attr: 'HwInit' },
        { name: 'Alternate Protocol Selective Enable Supported', bits: [8, 8], attr: 'HwInit' },
        { name: 'Reserved', bits: [31, 9], attr: 'RsvdP' },
      ],
    },
    {
      name: 'Alternate Protocol Control',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.9.21.3',
      fields: [
        { name: 'Alternate Protocol Index Select', bits: [7, 0], attr: 'RW' },
        {
          name: 'Alternate Protocol Negotiation Global Enable',
          bits: [8, 8],
          attr: 'RW',
          when: { portTypes: ['Root Port', 'Switch Downstream Port'] },
          otherwise: 'HwInit',
        },
        { name: 'Reserved', bits: [31, 9], attr: 'RsvdP' },
      ],
    },
    // Both data registers show the protocol that the index selects.
    {
      name: 'Alternate Protocol Data 1',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 5.0 §7.9.21.4',
      fields: [
        { name: 'Alternate Protocol Usage Information', bits: [2, 0], attr: 'RO' },
        { name: 'Reserved', bits: [4, 3], attr: 'RsvdP' },
        { name: 'Alternate Protocol Details', bits: [15, 5], attr: 'RO' },
        { name: 'Alternate Protocol Vendor ID', bits: [31, 16], attr: 'RO' },
      ],
    },
    {
      name: 'Alternate Protocol Data 2',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 5.0 §7.9.21.5',
      fields: [
        { name: 'Modified TS Information 2', bits: [23, 0], attr: 'RO' },
        { name: 'Reserved', bits: [31, 24], attr: 'RsvdP' },
      ],
    },
  ],
  blocks: [
    {
      when: selective,
      registers: [
        {
          name: 'Alternate Protocol Selective Enable Mask',
          offset: 0x00,
          width: 32,
          spec: 'PCIe 5.0 §7.9.21.6',
          // Protocol 0 is PCI Express itself.
          fields: [
            { name: 'Selective Enable PCI Express', bits: [0, 0], attr: 'RWS', reset: 1 },
            { name: 'Selective Enable', bits: [31, 1], attr: 'RWS' },
          ],
        },
      ],
    },
    // Protocols 32 and up.
    {
      count: {
        register: 'Alternate Protocol Capabilities',
        field: 'Alternate Protocol Count',
        plus: -32,
        times: 1 / 32,
      },
      when: selective,
      registers: [
        {
          name: 'Alternate Protocol Selective Enable Mask Continued {n}',
          offset: 0x00,
          width: 32,
          spec: 'PCIe 5.0 §7.9.21.6',
          fields: [{ name: 'Selective Enable', bits: [31, 0], attr: 'RWS' }],
        },
      ],
    },
  ],
} as const satisfies Structure;
