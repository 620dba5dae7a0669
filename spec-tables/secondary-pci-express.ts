import type { Condition, Otherwise, Structure } from '../src/spec/structure.ts';

const rootOrDownstream: Condition = { portTypes: ['Root Port', 'Switch Downstream Port'] };
/** An upstream port that can turn into a downstream one. */
const crosslink: Otherwise = {
  when: { express: [{ register: 'Link Capabilities 2', field: 'Crosslink Supported', equals: 1 }] },
  attr: 'RW',
  otherwise: 'RsvdP',
};
const lowerSkp: Condition = {
  express: [{ register: 'Link Capabilities 2', field: 'Lower SKP OS Generation Supported Speeds Vector', atLeast: 1 }],
};

/** Secondary PCI Express Extended Capability: 0Ch bytes and two a lane. PCIe 5.0 §7.7.3. */
export const SecondaryPciExpress = {
  name: 'Secondary PCI Express',
  extendedCapabilityId: 0x0019,
  registers: [
    {
      name: 'Link Control 3',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.7.3.2',
      fields: [
        { name: 'Perform Equalization', bits: [0, 0], attr: 'RW', when: rootOrDownstream, otherwise: crosslink },
        {
          name: 'Link Equalization Request Interrupt Enable',
          bits: [1, 1],
          attr: 'RW',
          when: rootOrDownstream,
          otherwise: crosslink,
        },
        { name: 'Reserved 8:2', bits: [8, 2], attr: 'RsvdP' },
        // Of ports of either kind; a bit whose speed is not supported may be RW as well.
        { name: 'Enable Lower SKP OS Generation Vector', bits: [15, 9], attr: 'RW', when: lowerSkp },
        { name: 'Reserved', bits: [31, 16], attr: 'RsvdP' },
      ],
    },
    {
      name: 'Lane Error Status',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.7.3.3',
      fields: [{ name: 'Lane Error Status', bits: [31, 0], attr: 'RW1CS' }],
    },
  ],
  blocks: [
    {
      count: 'lanes',
      registers: [
        {
          name: 'Lane {n} Equalization Control',
          offset: 0x00,
          width: 16,
          spec: 'PCIe 5.0 §7.7.3.4',
          fields: [
            { name: 'Downstream Port 8.0 GT/s Transmitter Preset', bits: [3, 0], attr: 'HwInit' },
            { name: 'Downstream Port 8.0 GT/s Receiver Preset Hint', bits: [6, 4], attr: 'HwInit' },
            { name: 'Reserved 7', bits: [7, 7], attr: 'RsvdP' },
            { name: 'Upstream Port 8.0 GT/s Transmitter Preset', bits: [11, 8], attr: 'HwInit' },
            { name: 'Upstream Port 8.0 GT/s Receiver Preset Hint', bits: [14, 12], attr: 'HwInit' },
            { name: 'Reserved', bits: [15, 15], attr: 'RsvdP' },
          ],
        },
      ],
    },
  ],
} as const satisfies Structure;
