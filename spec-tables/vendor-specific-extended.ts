import type { Structure } from '../src/spec/structure.ts';

/** Vendor-Specific Extended Capability (VSEC): as long as it says, from its first byte on. PCIe 5.0 §7.9.5. */
export const VendorSpecificExtended = {
  name: 'Vendor-Specific Extended Capability',
  extendedCapabilityId: 0x000b,
  length: { register: 'VSEC Header', field: 'VSEC Length', atLeast: 8 },
  opaqueFrom: 0x08,
  registers: [
    {
      name: 'VSEC Header',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.9.5.2',
      fields: [
        { name: 'VSEC ID', bits: [15, 0], attr: 'RO' },
        { name: 'VSEC Rev', bits: [19, 16], attr: 'RO' },
        { name: 'VSEC Length', bits: [31, 20], attr: 'RO' },
      ],
    },
  ],
  // What its registers are is the vendor's affair: kept as they are, read-only.
  blocks: [
    {
      offset: 0x08,
      count: { register: 'VSEC Header', field: 'VSEC Length', plus: -8, times: 0.25 },
      registers: [
        {
          name: 'VSEC Registers {n}',
          offset: 0x0,
          width: 32,
          spec: 'PCIe 5.0 §7.9.5',
          fields: [{ name: 'Vendor-Specific', bits: [31, 0], attr: 'RO' }],
        },
      ],
    },
  ],
} as const satisfies Structure;
