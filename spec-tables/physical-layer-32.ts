import type { Condition, Structure } from '../src/spec/structure.ts';

const is = (field: string, equals: number): Condition => ({
  fields: [{ register: 'Physical Layer 32.0 GT/s Capabilities', field, equals }],
});
const rootOrDownstream: Condition = { portTypes: ['Root Port', 'Switch Downstream Port'] };

/** Physical Layer 32.0 GT/s Extended Capability: 20h bytes and one a lane. PCIe 5.0 §7.7.6. */
export const PhysicalLayer32 = {
  name: 'Physical Layer 32.0 GT/s',
  extendedCapabilityId: 0x002a,
  registers: [
    {
      name: 'Physical Layer 32.0 GT/s Capabilities',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.7.6.2',
      fields: [
        { name: 'Equalization Bypass to Highest Rate Supported', bits: [0, 0], attr: 'HwInit' },
        { name: 'No Equalization Needed Supported', bits: [1, 1], attr: 'HwInit' },
        { name: 'Reserved 7:2', bits: [7, 2], attr: 'RsvdP' },
        { name: 'Modified TS Usage Mode 0 Supported', bits: [8, 8], attr: 'RO', reset: 1 },
        { name: 'Modified TS Usage Mode 1 Supported', bits: [9, 9], attr: 'HwInit' },
        { name: 'Modified TS Usage Mode 2 Supported', bits: [10, 10], attr: 'HwInit' },
        { name: 'Modified TS Reserved Usage Modes', bits: [15, 11], attr: 'RO' },
        { name: 'Reserved', bits: [31, 16], attr: 'RsvdP' },
      ],
    },
    {
      name: 'Physical Layer 32.0 GT/s Control',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.7.6.3',
      fields: [
        {
          name: 'Equalization Bypass to Highest Rate Disable',
          bits: [0, 0],
          attr: 'RWS',
          when: is('Equalization Bypass to Highest Rate Supported', 1),
        },
        {
          name: 'No Equalization Needed Disable',
          bits: [1, 1],
          attr: 'RWS',
          when: is('No Equalization Needed Supported', 1),
        },
        { name: 'Reserved 7:2', bits: [7, 2], attr: 'RsvdP' },
        { name: 'Modified TS Usage Mode Selected', bits: [10, 8], attr: 'RWS', when: rootOrDownstream },
        { name: 'Reserved', bits: [31, 11], attr: 'RsvdP' },
      ],
    },
    {
      name: 'Physical Layer 32.0 GT/s Status',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 5.0 §7.7.6.4',
      fields: [
        { name: 'Equalization 32.0 GT/s Complete', bits: [0, 0], attr: 'ROS' },
        { name: 'Equalization 32.0 GT/s Phase 1 Successful', bits: [1, 1], attr: 'ROS' },
        { name: 'Equalization 32.0 GT/s Phase 2 Successful', bits: [2, 2], attr: 'ROS' },
        { name: 'Equalization 32.0 GT/s Phase 3 Successful', bits: [3, 3], attr: 'ROS' },
        { name: 'Link Equalization Request 32.0 GT/s', bits: [4, 4], attr: 'RW1CS' },
        { name: 'Modified TS Received', bits: [5, 5], attr: 'RO' },
        { name: 'Received Enhanced Link Behavior Control', bits: [7, 6], attr: 'RO' },
        { name: 'Transmitter Precoding On', bits: [8, 8], attr: 'RO' },
        { name: 'Transmitter Precode Request', bits: [9, 9], attr: 'RO' },
        { name: 'No Equalization Needed Received', bits: [10, 10], attr: 'RO' },
        { name: 'Reserved', bits: [31, 11], attr: 'RsvdZ' },
      ],
    },
    {
      name: 'Received Modified TS Data 1',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 5.0 §7.7.6.5',
      fields: [
        { name: 'Received Modified TS Usage Mode', bits: [2, 0], attr: 'RO' },
        { name: 'Received Modified TS Information 1', bits: [15, 3], attr: 'RO' },
        { name: 'Received Modified TS Vendor ID', bits: [31, 16], attr: 'RO' },
      ],
    },
    {
      name: 'Received Modified TS Data 2',
      offset: 0x14,
      width: 32,
      spec: 'PCIe 5.0 §7.7.6.6',
      fields: [
        { name: 'Received Modified TS Information 2', bits: [23, 0], attr: 'RO' },
        { name: 'Alternate Protocol Negotiation Status', bits: [25, 24], attr: 'RO' },
        { name: 'Reserved', bits: [31, 26], attr: 'RsvdP' },
      ],
    },
    {
      name: 'Transmitted Modified TS Data 1',
      offset: 0x18,
      width: 32,
      spec: 'PCIe 5.0 §7.7.6.7',
      fields: [
        { name: 'Transmitted Modified TS Usage Mode', bits: [2, 0], attr: 'RO' },
        { name: 'Transmitted Modified TS Information 1', bits: [15, 3], attr: 'RO' },
        { name: 'Transmitted Modified TS Vendor ID', bits: [31, 16], attr: 'RO' },
      ],
    },
    {
      name: 'Transmitted Modified TS Data 2',
      offset: 0x1c,
      width: 32,
      spec: 'PCIe 5.0 §7.7.6.8',
      fields: [
        { name: 'Transmitted Modified TS Information 2', bits: [23, 0], attr: 'RO' },
        { name: 'Alternate Protocol Negotiation Status', bits: [25, 24], attr: 'RO' },
        { name: 'Reserved', bits: [31, 26], attr: 'RsvdP' },
      ],
    },
  ],
  blocks: [
    {
      count: 'lanes',
      registers: [
        {
          name: 'Lane {n} 32.0 GT/s Equalization Control',
          offset: 0x00,
          width: 8,
          spec: 'PCIe 5.0 §7.7.6.9',
          fields: [
            { name: 'Downstream Port 32.0 GT/s Transmitter Preset', bits: [3, 0], attr: 'HwInit' },
            { name: 'Upstream Port 32.0 GT/s Transmitter Preset', bits: [7, 4], attr: 'HwInit' },
          ],
        },
      ],
    },
  ],
} as const satisfies Structure;
