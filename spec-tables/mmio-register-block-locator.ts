import type { Structure } from '../src/spec/structure.ts';

/** MMIO Register Block Locator (MRBL) Extended Capability: 8 bytes and 8 for each locator, by the length it states. PCIe 6.2. */
export const MmioRegisterBlockLocator = {
  name: 'MMIO Register Block Locator',
  extendedCapabilityId: 0x0036,
  length: { register: 'MRBL Capabilities', field: 'MRBL Structure Length', atLeast: 8 },
  registers: [
    // lspci reads the length from the low bits; how wide the field is has no public source, 4,095 is all that fits.
    {
      name: 'MRBL Capabilities',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 6.2 §7.9.30.2',
      fields: [{ name: 'MRBL Structure Length', bits: [11, 0], attr: 'HwInit' }],
    },
  ],
  blocks: [
    {
      count: { register: 'MRBL Capabilities', field: 'MRBL Structure Length', plus: -8, times: 1 / 8 },
      registers: [
        {
          name: 'MRBL Locator {n} Low',
          offset: 0x00,
          width: 32,
          spec: 'PCIe 6.2 §7.9.30.3',
          fields: [
            { name: 'MRBL BIR', bits: [2, 0], attr: 'HwInit' },
            { name: 'Reserved', bits: [7, 3], attr: 'RsvdP' },
            { name: 'MRBL Register Block Identifier', bits: [15, 8], attr: 'HwInit' },
            { name: 'MRBL Register Block Offset Low', bits: [31, 16], attr: 'HwInit' },
          ],
        },
        {
          name: 'MRBL Locator {n} High',
          offset: 0x04,
          width: 32,
          spec: 'PCIe 6.2 §7.9.30.3',
          fields: [{ name: 'MRBL Register Block Offset High', bits: [31, 0], attr: 'HwInit' }],
        },
      ],
    },
  ],
} as const satisfies Structure;
