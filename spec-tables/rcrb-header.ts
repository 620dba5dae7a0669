import type { Structure } from '../src/spec/structure.ts';

/** RCRB Header Extended Capability, 14h bytes, the last four reserved. PCIe 5.0 §7.9.7. */
export const RcrbHeader = {
  name: 'RCRB Header',
  extendedCapabilityId: 0x000a,
  registers: [
    {
      name: 'RCRB Vendor ID',
      offset: 0x04,
      width: 16,
      spec: 'PCIe 5.0 §7.9.7.2',
      fields: [{ name: 'Vendor ID', bits: [15, 0], attr: 'RO' }],
    },
    {
      name: 'RCRB Device ID',
      offset: 0x06,
      width: 16,
      spec: 'PCIe 5.0 §7.9.7.2',
      fields: [{ name: 'Device ID', bits: [15, 0], attr: 'RO' }],
    },
    {
      name: 'RCRB Capabilities',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.9.7.3',
      fields: [
        { name: 'CRS Software Visibility', bits: [0, 0], attr: 'RO' },
        { name: 'Reserved', bits: [31, 1], attr: 'RsvdP' },
      ],
    },
    {
      name: 'RCRB Control',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 5.0 §7.9.7.4',
      fields: [
        {
          name: 'CRS Software Visibility Enable',
          bits: [0, 0],
          attr: 'RW',
          when: { fields: [{ register: 'RCRB Capabilities', field: 'CRS Software Visibility', equals: 1 }] },
        },
        { name: 'Reserved', bits: [31, 1], attr: 'RsvdP' },
      ],
    },
    {
      name: 'RCRB Reserved',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 5.0 §7.9.7',
      fields: [{ name: 'Reserved', bits: [31, 0], attr: 'RsvdZ' }],
    },
  ],
} as const satisfies Structure;
