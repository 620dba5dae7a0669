import type { Structure } from '../src/spec/structure.ts';

/**
 * Data Object Exchange (DOE) Extended Capability, 18h bytes. PCIe 6.0 §7.9.24.
 * What DOE 1.1 adds (an attention mechanism, asynchronous messages) has no public layout.
 */
export const DataObjectExchange = {
  name: 'Data Object Exchange',
  extendedCapabilityId: 0x002e,
  registers: [
    {
      name: 'DOE Capabilities',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 6.0 §7.9.24.2',
      fields: [
        { name: 'DOE Interrupt Support', bits: [0, 0], attr: 'HwInit' },
        { name: 'DOE Interrupt Message Number', bits: [11, 1], attr: 'RO' },
      ],
    },
    {
      name: 'DOE Control',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 6.0 §7.9.24.3',
      fields: [
        { name: 'DOE Abort', bits: [0, 0], attr: 'RW', behaviour: 'doe-abort' },
        {
          name: 'DOE Interrupt Enable',
          bits: [1, 1],
          attr: 'RW',
          when: { fields: [{ register: 'DOE Capabilities', field: 'DOE Interrupt Support', equals: 1 }] },
        },
        { name: 'DOE Go', bits: [31, 31], attr: 'RW', behaviour: 'doe-go' },
      ],
    },
    {
      name: 'DOE Status',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 6.0 §7.9.24.4',
      fields: [
        { name: 'DOE Busy', bits: [0, 0], attr: 'RO' },
        { name: 'DOE Interrupt Status', bits: [1, 1], attr: 'RW1C' },
        { name: 'DOE Error', bits: [2, 2], attr: 'RO' },
        { name: 'Data Object Ready', bits: [31, 31], attr: 'RO' },
      ],
    },
    {
      name: 'DOE Write Data Mailbox',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 6.0 §7.9.24.5',
      fields: [{ name: 'DOE Write Data', bits: [31, 0], attr: 'RW', behaviour: 'doe-write-data' }],
    },
    // Any write takes a DWORD off the mailbox; no bit is stored.
    {
      name: 'DOE Read Data Mailbox',
      offset: 0x14,
      width: 32,
      spec: 'PCIe 6.0 §7.9.24.6',
      fields: [{ name: 'DOE Read Data', bits: [31, 0], attr: 'RO', behaviour: 'doe-read-data' }],
    },
  ],
} as const satisfies Structure;
