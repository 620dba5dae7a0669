import type { Structure } from '../src/spec/structure.ts';

/**
 * Accelerated Graphics Port Capability, 12 bytes, for versions 2 and 3. The GART registers that an AGP 3.0 core logic has behind
 * them are left out: the bytes don't say whether they are there. AGP 3.0 §4.1; AGP 2.0 §6.1.
 */
export const AgpCapability = {
  name: 'AGP',
  capabilityId: 0x02,
  versionField: { register: 'AGP Revision', field: 'AGP Major Revision' },
  registers: [
    {
      name: 'AGP Revision',
      offset: 0x02,
      width: 8,
      spec: 'AGP 3.0 §4.1.2',
      fields: [
        { name: 'AGP Minor Revision', bits: [3, 0], attr: 'RO' },
        { name: 'AGP Major Revision', bits: [7, 4], attr: 'RO' },
      ],
    },
    {
      name: 'AGP Reserved',
      offset: 0x03,
      width: 8,
      spec: 'AGP 3.0 §4.1.2',
      fields: [{ name: 'Reserved', bits: [7, 0], attr: 'RsvdP' }],
    },
    {
      name: 'AGP Status',
      offset: 0x04,
      width: 32,
      spec: 'AGP 3.0 §4.1.3',
      fields: [
        { name: 'RATE', bits: [2, 0], attr: 'RO' },
        { name: 'AGP3.0_MODE', bits: [3, 3], attr: 'RO' },
        { name: 'FW', bits: [4, 4], attr: 'RO' },
        { name: '4G', bits: [5, 5], attr: 'RO' },
        { name: 'HTRANS#', bits: [6, 6], attr: 'RO' },
        { name: 'GART64b', bits: [7, 7], attr: 'RO' },
        { name: 'ITA_COH', bits: [8, 8], attr: 'RO' },
        { name: 'SBA', bits: [9, 9], attr: 'RO' },
        { name: 'CAL_CYCLE', bits: [12, 10], attr: 'RO' },
        { name: 'ARQSZ', bits: [15, 13], attr: 'RO' },
        { name: 'Reserved 16', bits: [16, 16], attr: 'RsvdP' },
        { name: 'ISOCH SUPPORT', bits: [17, 17], attr: 'RO' },
        { name: 'Reserved 23:18', bits: [23, 18], attr: 'RsvdP' },
        { name: 'RQ', bits: [31, 24], attr: 'RO' },
      ],
    },
    {
      name: 'AGP Command',
      offset: 0x08,
      width: 32,
      spec: 'AGP 3.0 §4.1.4',
      fields: [
        { name: 'DRATE', bits: [2, 0], attr: 'RW' },
        { name: 'Reserved 3', bits: [3, 3], attr: 'RsvdP' },
        { name: 'FW_ENABLE', bits: [4, 4], attr: 'RW' },
        { name: '4G_ENABLE', bits: [5, 5], attr: 'RW' },
        { name: 'Reserved 6', bits: [6, 6], attr: 'RsvdP' },
        { name: 'GART64b_ENABLE', bits: [7, 7], attr: 'RW' },
        { name: 'AGP_ENABLE', bits: [8, 8], attr: 'RW' },
        { name: 'SBA_ENABLE', bits: [9, 9], attr: 'RW' },
        { name: 'PCAL_CYCLE', bits: [12, 10], attr: 'RW' },
        { name: 'PARQSZ', bits: [15, 13], attr: 'RW' },
        { name: 'Reserved 23:16', bits: [23, 16], attr: 'RsvdP' },
        { name: 'PRQ', bits: [31, 24], attr: 'RW' },
      ],
    },
  ],
} as const satisfies Structure;
