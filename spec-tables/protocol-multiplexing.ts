import type { Structure } from '../src/spec/structure.ts';

const channels = [0, 1, 2, 3];

/**
 * Protocol Multiplexing (PMUX) Extended Capability: 10h bytes, and four for each protocol. PCIe 5.0 §G.5. The places of the
 * fields are public; the attributes of Control and Status follow from what they are for.
 */
export const ProtocolMultiplexing = {
  name: 'Protocol Multiplexing',
  extendedCapabilityId: 0x001a,
  registers: [
    {
      name: 'PMUX Capability',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §G.5.2',
      fields: [
        { name: 'PMUX Protocol Array Size', bits: [5, 0], attr: 'RO' },
        { name: 'Reserved 7:6', bits: [7, 6], attr: 'RsvdP' },
        { name: 'PMUX Supported Link Speeds', bits: [15, 8], attr: 'RO' },
        { name: 'Reserved 31:16', bits: [31, 16], attr: 'RsvdP' },
      ],
    },
    {
      name: 'PMUX Control',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §G.5.3',
      fields: /* @__PURE__ */ channels.map(
        (channel) =>
          ({
            name: `PMUX Channel ${channel} Assignment`,
            bits: [8 * channel + 5, 8 * channel],
            attr: 'RW',
          }) as const,
      ),
    },
    {
      name: 'PMUX Status',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 5.0 §G.5.4',
      fields: /* @__PURE__ */ channels.flatMap(
        (channel) =>
          [
            {
              name: `PMUX Channel ${channel} Disabled: Link Speed`,
              bits: [8 * channel, 8 * channel],
              attr: 'RO',
            },
            {
              name: `PMUX Channel ${channel} Disabled: Link Width`,
              bits: [8 * channel + 1, 8 * channel + 1],
              attr: 'RO',
            },
            {
              name: `PMUX Channel ${channel} Disabled: Protocol Specific`,
              bits: [8 * channel + 2, 8 * channel + 2],
              attr: 'RO',
            },
          ] as const,
      ),
    },
  ],
  blocks: [
    {
      offset: 0x10,
      count: { register: 'PMUX Capability', field: 'PMUX Protocol Array Size' },
      registers: [
        {
          name: 'PMUX Protocol {n}',
          offset: 0x0,
          width: 32,
          spec: 'PCIe 5.0 §G.5.5',
          fields: [
            { name: 'Protocol ID', bits: [15, 0], attr: 'RO' },
            { name: 'Authority ID', bits: [31, 16], attr: 'RO' },
          ],
        },
      ],
    },
  ],
} as const satisfies Structure;
