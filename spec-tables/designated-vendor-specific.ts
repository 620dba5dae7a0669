import type { Structure } from '../src/spec/structure.ts';
import { dvsecHeader, dvsecLength } from './dvsec-header.ts';

/** Designated Vendor-Specific Extended Capability (DVSEC), of the length it states; the vendor's bytes read-only. PCIe 5.0 §7.9.6. */
export const DesignatedVendorSpecific = {
  name: 'Designated Vendor-Specific',
  extendedCapabilityId: 0x0023,
  length: dvsecLength,
  opaqueFrom: 0x0a,
  registers: [
    ...dvsecHeader,
    {
      name: 'DVSEC Payload Start',
      offset: 0x0a,
      width: 16,
      spec: 'PCIe 5.0 §7.9.6',
      fields: [{ name: 'DVSEC Payload Start', bits: [15, 0], attr: 'RO' }],
    },
  ],
  blocks: [
    {
      offset: 0x0c,
      count: { register: 'Designated Vendor-Specific Header 1', field: 'DVSEC Length', plus: -12, times: 1 / 4 },
      registers: [
        {
          name: 'DVSEC Payload {n}',
          offset: 0x00,
          width: 32,
          spec: 'PCIe 5.0 §7.9.6',
          fields: [{ name: 'DVSEC Payload', bits: [31, 0], attr: 'RO' }],
        },
      ],
    },
  ],
} as const satisfies Structure;
