import type { Condition, Structure } from '../src/spec/structure.ts';

/** Type 3 is an IOMMU; other types have a header only. */
const iommu: Condition = { fields: [{ register: 'Secure Device Header', field: 'Capability Block Type', equals: 3 }] };
const withMiscellaneous1: Condition = {
  fields: [
    { register: 'Secure Device Header', field: 'Capability Block Type', equals: 3 },
    { register: 'Secure Device Header', field: 'CapExt', equals: 1 },
  ],
};

/**
 * Secure Device Capability: AMD's I/O MMU, 20 or 24 bytes. Firmware writes the base address; Enable locks it until a reset, so that
 * it is HwInit to everybody else. AMD I/O Virtualization Technology 3.06 §3.2.
 */
export const SecureDeviceCapability = {
  name: 'Secure Device',
  capabilityId: 0x0f,
  registers: [
    {
      name: 'Secure Device Header',
      offset: 0x02,
      width: 16,
      spec: 'AMD IOMMU 3.06 §3.2.1',
      fields: [
        { name: 'Capability Block Type', bits: [2, 0], attr: 'RO' },
        { name: 'Capability Revision', bits: [7, 3], attr: 'RO' },
        { name: 'IotlbSup', bits: [8, 8], attr: 'RO' },
        { name: 'HtTunnel', bits: [9, 9], attr: 'RO' },
        { name: 'NpCache', bits: [10, 10], attr: 'RO' },
        { name: 'EFRSup', bits: [11, 11], attr: 'RO' },
        { name: 'CapExt', bits: [12, 12], attr: 'RO' },
        { name: 'Reserved', bits: [15, 13], attr: 'RsvdP' },
      ],
    },
    {
      name: 'IOMMU Base Address Low',
      offset: 0x04,
      width: 32,
      spec: 'AMD IOMMU 3.06 §3.2.2',
      when: iommu,
      fields: [
        { name: 'Enable', bits: [0, 0], attr: 'HwInit' },
        { name: 'Reserved', bits: [13, 1], attr: 'RsvdP' },
        { name: 'Base Address 31:14', bits: [31, 14], attr: 'HwInit' },
      ],
    },
    {
      name: 'IOMMU Base Address High',
      offset: 0x08,
      width: 32,
      spec: 'AMD IOMMU 3.06 §3.2.3',
      when: iommu,
      fields: [{ name: 'Base Address 63:32', bits: [31, 0], attr: 'HwInit' }],
    },
    {
      name: 'IOMMU Range',
      offset: 0x0c,
      width: 32,
      spec: 'AMD IOMMU 3.06 §3.2.4',
      when: iommu,
      fields: [
        { name: 'UnitID', bits: [4, 0], attr: 'RO' },
        { name: 'Reserved', bits: [6, 5], attr: 'RsvdP' },
        { name: 'RngValid', bits: [7, 7], attr: 'RO' },
        { name: 'BusNumber', bits: [15, 8], attr: 'RO' },
        { name: 'FirstDevice', bits: [23, 16], attr: 'RO' },
        { name: 'LastDevice', bits: [31, 24], attr: 'RO' },
      ],
    },
    {
      name: 'IOMMU Miscellaneous Information 0',
      offset: 0x10,
      width: 32,
      spec: 'AMD IOMMU 3.06 §3.2.5',
      when: iommu,
      fields: [
        { name: 'MsiNum', bits: [4, 0], attr: 'RO' },
        { name: 'GVAsize', bits: [7, 5], attr: 'RO' },
        { name: 'PAsize', bits: [14, 8], attr: 'RO' },
        { name: 'VAsize', bits: [21, 15], attr: 'RO' },
        { name: 'HtAtsResv', bits: [22, 22], attr: 'RO' },
        { name: 'Reserved', bits: [26, 23], attr: 'RsvdP' },
        { name: 'MsiNumPPR', bits: [31, 27], attr: 'RO' },
      ],
    },
    {
      name: 'IOMMU Miscellaneous Information 1',
      offset: 0x14,
      width: 32,
      spec: 'AMD IOMMU 3.06 §3.2.6',
      when: withMiscellaneous1,
      fields: [
        { name: 'MsiNumGA', bits: [4, 0], attr: 'RO' },
        { name: 'Reserved', bits: [31, 5], attr: 'RsvdP' },
      ],
    },
  ],
} as const satisfies Structure;
