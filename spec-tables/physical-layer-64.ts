import type { Structure } from '../src/spec/structure.ts';

/**
 * Physical Layer 64.0 GT/s Extended Capability: 10h bytes and one a lane. PCIe 6.0 §7.7.7.
 * The heading of PCIe 6.0 §7.7.7.5 has the lanes begin at 20h, and so has Linux; later revisions and EDK II have 10h.
 */
export const PhysicalLayer64 = {
  name: 'Physical Layer 64.0 GT/s',
  extendedCapabilityId: 0x0031,
  registers: [
    {
      name: 'Physical Layer 64.0 GT/s Capabilities',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 6.0 §7.7.7.2',
      fields: [{ name: 'Reserved', bits: [31, 0], attr: 'RsvdP' }],
    },
    {
      name: 'Physical Layer 64.0 GT/s Control',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 6.0 §7.7.7.3',
      fields: [{ name: 'Reserved', bits: [31, 0], attr: 'RsvdP' }],
    },
    {
      name: 'Physical Layer 64.0 GT/s Status',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 6.0 §7.7.7.4',
      fields: [
        { name: 'Equalization 64.0 GT/s Complete', bits: [0, 0], attr: 'ROS' },
        { name: 'Equalization 64.0 GT/s Phase 1 Successful', bits: [1, 1], attr: 'ROS' },
        { name: 'Equalization 64.0 GT/s Phase 2 Successful', bits: [2, 2], attr: 'ROS' },
        { name: 'Equalization 64.0 GT/s Phase 3 Successful', bits: [3, 3], attr: 'ROS' },
        { name: 'Link Equalization Request 64.0 GT/s', bits: [4, 4], attr: 'RW1CS' },
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
          name: 'Lane {n} 64.0 GT/s Equalization Control',
          offset: 0x00,
          width: 8,
          spec: 'PCIe 6.0 §7.7.7.5',
          fields: [
            { name: 'Downstream Port 64.0 GT/s Transmitter Preset', bits: [3, 0], attr: 'HwInit' },
            { name: 'Upstream Port 64.0 GT/s Transmitter Preset', bits: [7, 4], attr: 'HwInit' },
          ],
        },
      ],
    },
  ],
} as const satisfies Structure;
