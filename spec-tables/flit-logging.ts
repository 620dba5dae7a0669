import type { Structure } from '../src/spec/structure.ts';

/**
 * Flit Logging Extended Capability, 3Ch bytes. PCIe 6.0 §7.7.8.
 * Offsets and names are what lspci reads; the bits of the counter and measurement registers have one public source, and whether
 * any of them is sticky has none.
 */
export const FlitLogging = {
  name: 'Flit Logging',
  extendedCapabilityId: 0x0032,
  registers: [
    // 12:4 hold the place of the error in its Flit and what followed it; how they divide is not known.
    {
      name: 'Flit Error Log 1',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8',
      fields: [
        { name: 'Flit Error Log Valid', bits: [0, 0], attr: 'RW1C' },
        { name: 'Flit Error Link Width', bits: [3, 1], attr: 'RO' },
        { name: 'More Unread Entries', bits: [13, 13], attr: 'RO' },
        { name: 'Unrecognized Flit', bits: [14, 14], attr: 'RO' },
        { name: 'FEC Uncorrectable Error', bits: [15, 15], attr: 'RO' },
        { name: 'Syndrome Parity for ECC Group 0', bits: [23, 16], attr: 'RO' },
        { name: 'Syndrome Check for ECC Group 0', bits: [31, 24], attr: 'RO' },
      ],
    },
    {
      name: 'Flit Error Log 2',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8',
      fields: [
        { name: 'Syndrome Parity for ECC Group 1', bits: [7, 0], attr: 'RO' },
        { name: 'Syndrome Check for ECC Group 1', bits: [15, 8], attr: 'RO' },
        { name: 'Syndrome Parity for ECC Group 2', bits: [23, 16], attr: 'RO' },
        { name: 'Syndrome Check for ECC Group 2', bits: [31, 24], attr: 'RO' },
      ],
    },
    {
      name: 'Flit Error Counter Control',
      offset: 0x0c,
      width: 16,
      spec: 'PCIe 6.0 §7.7.8',
      fields: [
        { name: 'Flit Error Counter Enable', bits: [0, 0], attr: 'RW' },
        { name: 'Flit Error Counter Interrupt Enable', bits: [1, 1], attr: 'RW' },
        { name: 'Events to Count', bits: [3, 2], attr: 'RW' },
        { name: 'Trigger Event on Error Count', bits: [11, 4], attr: 'RW' },
      ],
    },
    {
      name: 'Flit Error Counter Status',
      offset: 0x0e,
      width: 16,
      spec: 'PCIe 6.0 §7.7.8',
      fields: [
        { name: 'Link Width when Error Counter Started', bits: [2, 0], attr: 'RO' },
        { name: 'Interrupt Generated based on Trigger Event Count', bits: [3, 3], attr: 'RO' },
        { name: 'Flit Error Counter', bits: [15, 8], attr: 'RO' },
      ],
    },
    {
      name: 'FBER Measurement Control',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8',
      fields: [
        { name: 'FBER Measurement Enable', bits: [0, 0], attr: 'RW' },
        { name: 'Clear FBER Counters', bits: [1, 1], attr: 'RW', behaviour: 'reads-zero' },
        { name: 'FBER Granularity', bits: [3, 2], attr: 'RW' },
      ],
    },
    {
      name: 'FBER Measurement Status 1',
      offset: 0x14,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8',
      fields: [{ name: 'Flit Counter', bits: [31, 0], attr: 'RO' }],
    },
    // A count of invalid Flits, whose width is not known.
    { name: 'FBER Measurement Status 2', offset: 0x18, width: 32, spec: 'PCIe 6.0 §7.7.8', fields: [] },
    {
      name: 'FBER Measurement Status 3',
      offset: 0x1c,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8',
      fields: [
        { name: 'Lane 0 Error Counter', bits: [15, 0], attr: 'RO' },
        { name: 'Lane 1 Error Counter', bits: [31, 16], attr: 'RO' },
      ],
    },
    {
      name: 'FBER Measurement Status 4',
      offset: 0x20,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8',
      fields: [
        { name: 'Lane 2 Error Counter', bits: [15, 0], attr: 'RO' },
        { name: 'Lane 3 Error Counter', bits: [31, 16], attr: 'RO' },
      ],
    },
    {
      name: 'FBER Measurement Status 5',
      offset: 0x24,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8',
      fields: [
        { name: 'Lane 4 Error Counter', bits: [15, 0], attr: 'RO' },
        { name: 'Lane 5 Error Counter', bits: [31, 16], attr: 'RO' },
      ],
    },
    {
      name: 'FBER Measurement Status 6',
      offset: 0x28,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8',
      fields: [
        { name: 'Lane 6 Error Counter', bits: [15, 0], attr: 'RO' },
        { name: 'Lane 7 Error Counter', bits: [31, 16], attr: 'RO' },
      ],
    },
    {
      name: 'FBER Measurement Status 7',
      offset: 0x2c,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8',
      fields: [
        { name: 'Lane 8 Error Counter', bits: [15, 0], attr: 'RO' },
        { name: 'Lane 9 Error Counter', bits: [31, 16], attr: 'RO' },
      ],
    },
    {
      name: 'FBER Measurement Status 8',
      offset: 0x30,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8',
      fields: [
        { name: 'Lane 10 Error Counter', bits: [15, 0], attr: 'RO' },
        { name: 'Lane 11 Error Counter', bits: [31, 16], attr: 'RO' },
      ],
    },
    {
      name: 'FBER Measurement Status 9',
      offset: 0x34,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8',
      fields: [
        { name: 'Lane 12 Error Counter', bits: [15, 0], attr: 'RO' },
        { name: 'Lane 13 Error Counter', bits: [31, 16], attr: 'RO' },
      ],
    },
    {
      name: 'FBER Measurement Status 10',
      offset: 0x38,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8',
      fields: [
        { name: 'Lane 14 Error Counter', bits: [15, 0], attr: 'RO' },
        { name: 'Lane 15 Error Counter', bits: [31, 16], attr: 'RO' },
      ],
    },
  ],
} as const satisfies Structure;
