import type { Structure } from '../src/spec/structure.ts';

/** Physical Layer 16.0 GT/s Extended Capability: 20h bytes and one a lane. PCIe 5.0 §7.7.5. */
export const PhysicalLayer16 = {
  name: 'Physical Layer 16.0 GT/s',
  extendedCapabilityId: 0x0026,
  registers: [
    {
      name: 'Physical Layer 16.0 GT/s Capabilities',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.7.5.2',
      fields: [{ name: 'Reserved', bits: [31, 0], attr: 'RsvdP' }],
    },
    {
      name: 'Physical Layer 16.0 GT/s Control',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.7.5.3',
      fields: [{ name: 'Reserved', bits: [31, 0], attr: 'RsvdP' }],
    },
    {
      name: 'Physical Layer 16.0 GT/s Status',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 5.0 §7.7.5.4',
      fields: [
        { name: 'Equalization 16.0 GT/s Complete', bits: [0, 0], attr: 'ROS' },
        { name: 'Equalization 16.0 GT/s Phase 1 Successful', bits: [1, 1], attr: 'ROS' },
        { name: 'Equalization 16.0 GT/s Phase 2 Successful', bits: [2, 2], attr: 'ROS' },
        { name: 'Equalization 16.0 GT/s Phase 3 Successful', bits: [3, 3], attr: 'ROS' },
        { name: 'Link Equalization Request 16.0 GT/s', bits: [4, 4], attr: 'RW1CS' },
        { name: 'Reserved', bits: [31, 5], attr: 'RsvdZ' },
      ],
    },
    {
      name: 'Physical Layer 16.0 GT/s Local Data Parity Mismatch Status',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 5.0 §7.7.5.5',
      fields: [{ name: 'Local Data Parity Mismatch Status', bits: [31, 0], attr: 'RW1CS' }],
    },
    {
      name: 'Physical Layer 16.0 GT/s First Retimer Data Parity Mismatch Status',
      offset: 0x14,
      width: 32,
      spec: 'PCIe 5.0 §7.7.5.6',
      fields: [{ name: 'First Retimer Data Parity Mismatch Status', bits: [31, 0], attr: 'RW1CS' }],
    },
    {
      name: 'Physical Layer 16.0 GT/s Second Retimer Data Parity Mismatch Status',
      offset: 0x18,
      width: 32,
      spec: 'PCIe 5.0 §7.7.5.7',
      fields: [{ name: 'Second Retimer Data Parity Mismatch Status', bits: [31, 0], attr: 'RW1CS' }],
    },
    {
      name: 'Physical Layer 16.0 GT/s Reserved',
      offset: 0x1c,
      width: 32,
      spec: 'PCIe 5.0 §7.7.5.8',
      fields: [{ name: 'Reserved', bits: [31, 0], attr: 'RsvdP' }],
    },
  ],
  blocks: [
    {
      offset: 0x20,
      count: 'lanes',
      registers: [
        {
          name: 'Lane {n} 16.0 GT/s Equalization Control',
          offset: 0x00,
          width: 8,
          spec: 'PCIe 5.0 §7.7.5.9',
          fields: [
            { name: 'Downstream Port 16.0 GT/s Transmitter Preset', bits: [3, 0], attr: 'HwInit' },
            { name: 'Upstream Port 16.0 GT/s Transmitter Preset', bits: [7, 4], attr: 'HwInit' },
          ],
        },
      ],
    },
  ],
} as const satisfies Structure;
