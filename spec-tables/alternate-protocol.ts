import type { Structure } from '../src/spec/structure.ts';

/**
 * Alternate Protocol Extended Capability: 14h bytes, and a mask of a bit for each protocol where selective enable is supported.
 * PCIe 5.0 §7.9.21. No public source places the negotiation enable in Control, or says what may be written of the data registers
 * and the mask: they are read-only here.
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
      fields: [{ name: 'Alternate Protocol Index Select', bits: [7, 0], attr: 'RW' }],
    },
    { name: 'Alternate Protocol Data 1', offset: 0x0c, width: 32, spec: 'PCIe 5.0 §7.9.21.4', fields: [] },
    { name: 'Alternate Protocol Data 2', offset: 0x10, width: 32, spec: 'PCIe 5.0 §7.9.21.5', fields: [] },
  ],
  blocks: [
    {
      count: { register: 'Alternate Protocol Capabilities', field: 'Alternate Protocol Count', times: 1 / 32 },
      when: {
        fields: [
          {
            register: 'Alternate Protocol Capabilities',
            field: 'Alternate Protocol Selective Enable Supported',
            equals: 1,
          },
        ],
      },
      registers: [
        {
          name: 'Alternate Protocol Selective Enable Mask {n}',
          offset: 0x00,
          width: 32,
          spec: 'PCIe 5.0 §7.9.21.6',
          fields: [],
        },
      ],
    },
  ],
} as const satisfies Structure;
