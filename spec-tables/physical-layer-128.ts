import type { Structure } from '../src/spec/structure.ts';

/** Physical Layer 128.0 GT/s Extended Capability: 10h bytes and one a lane. PCIe 7.0 §7.7.8. */
export const PhysicalLayer128 = {
  name: 'Physical Layer 128.0 GT/s',
  extendedCapabilityId: 0x0039,
  registers: [
    {
      name: 'Physical Layer 128.0 GT/s Capabilities',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 7.0 §7.7.8.2',
      fields: [
        { name: 'Supported Link Speeds Vector 2', bits: [7, 0], attr: 'HwInit' },
        { name: 'Lower SKP OS Generation Supported Speeds Vector 2', bits: [15, 8], attr: 'HwInit' },
        { name: 'Lower SKP OS Reception Supported Speeds Vector 2', bits: [23, 16], attr: 'HwInit' },
        { name: 'Reserved', bits: [31, 24], attr: 'RsvdP' },
      ],
    },
    {
      name: 'Physical Layer 128.0 GT/s Control',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 7.0 §7.7.8.3',
      fields: [{ name: 'Reserved', bits: [31, 0], attr: 'RsvdP' }],
    },
    {
      name: 'Physical Layer 128.0 GT/s Status',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 7.0 §7.7.8.4',
      fields: [
        { name: 'Equalization 128.0 GT/s Complete', bits: [0, 0], attr: 'ROS' },
        { name: 'Equalization 128.0 GT/s Phase 1 Successful', bits: [1, 1], attr: 'ROS' },
        { name: 'Equalization 128.0 GT/s Phase 2 Successful', bits: [2, 2], attr: 'ROS' },
        { name: 'Equalization 128.0 GT/s Phase 3 Successful', bits: [3, 3], attr: 'ROS' },
        { name: 'Link Equalization Request 128.0 GT/s', bits: [4, 4], attr: 'RW1CS' },
        { name: 'Transmitter Precoding On', bits: [5, 5], attr: 'RO' },
        { name: 'Transmitter Precode Request', bits: [6, 6], attr: 'RO' },
        { name: 'No Equalization Needed Received', bits: [7, 7], attr: 'RO' },
        { name: 'Reserved', bits: [31, 8], attr: 'RsvdZ' },
      ],
    },
  ],
  blocks: [
    {
      count: 'lanes',
      registers: [
        {
          name: 'Lane {n} 128.0 GT/s Equalization Control',
          offset: 0x00,
          width: 8,
          spec: 'PCIe 7.0 §7.7.8.5',
          fields: [
            { name: 'Downstream Port 128.0 GT/s Transmitter Preset', bits: [3, 0], attr: 'HwInit' },
            { name: 'Upstream Port 128.0 GT/s Transmitter Preset', bits: [7, 4], attr: 'HwInit' },
          ],
        },
      ],
    },
  ],
} as const satisfies Structure;
