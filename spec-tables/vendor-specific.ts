import type { Structure } from '../src/spec/structure.ts';

/** Vendor-Specific Capability: its own length says where it ends; what is inside is the vendor's affair. PCIe 5.0 §7.9.4. */
export const VendorSpecificCapability = {
  name: 'Vendor-Specific',
  capabilityId: 0x09,
  length: { register: 'Vendor-Specific Capability Length', field: 'Capability Length', atLeast: 3 },
  opaqueFrom: 0x03,
  registers: [
    {
      name: 'Vendor-Specific Capability Length',
      offset: 0x02,
      width: 8,
      spec: 'PCIe 5.0 §7.9.4',
      fields: [{ name: 'Capability Length', bits: [7, 0], attr: 'RO' }],
    },
  ],
} as const satisfies Structure;
