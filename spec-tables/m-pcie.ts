import type { Structure } from '../src/spec/structure.ts';

/**
 * PCI Express over M-PHY (M-PCIe) Extended Capability, 1Ch bytes. PCIe 3.1; gone from 4.0 on.
 * No public source says which bits of the two PHY control registers software may write: they are read-only here.
 */
export const MPcie = {
  name: 'PCI Express over M-PHY',
  extendedCapabilityId: 0x0020,
  registers: [
    {
      name: 'M-PCIe Capabilities',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 3.1',
      fields: [
        { name: 'M-PCIe Link Speed Capability', bits: [1, 0], attr: 'RO' },
        { name: 'Reserved 14:2', bits: [14, 2], attr: 'RsvdP' },
        { name: 'Configuration.Software Supported', bits: [15, 15], attr: 'RO' },
        { name: 'Maximum TX LANE Width Capability', bits: [23, 16], attr: 'RO' },
        { name: 'Maximum RX LANE Width Capability', bits: [31, 24], attr: 'RO' },
      ],
    },
    {
      name: 'M-PCIe Control',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 3.1',
      fields: [
        { name: 'M-PCIe Target Link Speed Control', bits: [1, 0], attr: 'RW' },
        { name: 'Reserved', bits: [31, 2], attr: 'RsvdP' },
      ],
    },
    {
      name: 'M-PCIe Status',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 3.1',
      fields: [
        { name: 'M-PCIe Current Link Speed Status', bits: [1, 0], attr: 'RO' },
        { name: 'Reserved 14:2', bits: [14, 2], attr: 'RsvdZ' },
        { name: 'Configuration.Software Status', bits: [15, 15], attr: 'RO' },
        { name: 'TX LANE Width Status', bits: [23, 16], attr: 'RO' },
        { name: 'RX LANE Width Status', bits: [31, 24], attr: 'RO' },
      ],
    },
    {
      name: 'M-PCIe LANE Error Status',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 3.1',
      fields: [{ name: 'M-PCIe LANE Error Status', bits: [31, 0], attr: 'RW1CS' }],
    },
    // The six bits of Upper Addr lie in 24:16; which ones is not known.
    {
      name: 'M-PCIe Phy Control Address',
      offset: 0x14,
      width: 32,
      spec: 'PCIe 3.1',
      fields: [
        { name: 'Lower Address', bits: [7, 0], attr: 'RO' },
        { name: 'Phy Location', bits: [27, 25], attr: 'RO' },
        { name: 'Phy Control Read', bits: [30, 30], attr: 'RO' },
        { name: 'Phy Control Config', bits: [31, 31], attr: 'RO' },
      ],
    },
    {
      name: 'M-PCIe Phy Control Data',
      offset: 0x18,
      width: 32,
      spec: 'PCIe 3.1',
      fields: [
        { name: 'Phy Register Data', bits: [7, 0], attr: 'RO' },
        { name: 'Phy Control Error', bits: [29, 29], attr: 'RO' },
        { name: 'RRAP Abort', bits: [30, 30], attr: 'RO' },
        { name: 'Phy Control Pending', bits: [31, 31], attr: 'RO' },
      ],
    },
  ],
} as const satisfies Structure;
