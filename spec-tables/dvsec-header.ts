import type { Register } from '../src/spec/structure.ts';

/** What every Designated Vendor-Specific Extended Capability begins with. PCIe 5.0 §7.9.6. */
export const dvsecHeader = [
  {
    name: 'Designated Vendor-Specific Header 1',
    offset: 0x04,
    width: 32,
    spec: 'PCIe 5.0 §7.9.6.2',
    fields: [
      { name: 'DVSEC Vendor ID', bits: [15, 0], attr: 'RO' },
      { name: 'DVSEC Revision', bits: [19, 16], attr: 'RO' },
      { name: 'DVSEC Length', bits: [31, 20], attr: 'RO' },
    ],
  },
  {
    name: 'Designated Vendor-Specific Header 2',
    offset: 0x08,
    width: 16,
    spec: 'PCIe 5.0 §7.9.6.3',
    fields: [{ name: 'DVSEC ID', bits: [15, 0], attr: 'RO' }],
  },
] as const satisfies readonly Register[];

export const dvsecRevision = { register: 'Designated Vendor-Specific Header 1', field: 'DVSEC Revision' } as const;

/** A DVSEC of any kind has at least its headers. */
export const dvsecLength = {
  register: 'Designated Vendor-Specific Header 1',
  field: 'DVSEC Length',
  atLeast: 0x0a,
} as const;
