import type { Structure } from '../src/spec/structure.ts';

/**
 * Flit Logging Extended Capability, 3Ch bytes: the Flits in error that were seen, a counter of events, and the First Bit Error Rate
 * (FBER) by lane. PCIe 6.0 §7.7.8.
 */
export const FlitLogging = {
  name: 'Flit Logging',
  extendedCapabilityId: 0x0032,
  registers: [
    {
      name: 'Flit Error Log 1',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8.2',
      fields: [
        { name: 'Flit Error Log Valid', bits: [0, 0], attr: 'RW1CS' },
        { name: 'Flit Error Link Width', bits: [3, 1], attr: 'ROS' },
        { name: 'Flit Offset from the Last Logged Flit in Error', bits: [7, 4], attr: 'ROS' },
        { name: 'Consecutive Flit Error after the Last Flit Error', bits: [12, 8], attr: 'ROS' },
        { name: 'More Unread Entries', bits: [13, 13], attr: 'ROS' },
        { name: 'Unrecognized Flit', bits: [14, 14], attr: 'ROS' },
        { name: 'FEC Uncorrectable Error', bits: [15, 15], attr: 'ROS' },
        { name: 'Syndrome Parity for ECC Group 0', bits: [23, 16], attr: 'ROS' },
        { name: 'Syndrome Check for ECC Group 0', bits: [31, 24], attr: 'ROS' },
      ],
    },
    {
      name: 'Flit Error Log 2',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8.3',
      fields: [
        { name: 'Syndrome Parity for ECC Group 1', bits: [7, 0], attr: 'ROS' },
        { name: 'Syndrome Check for ECC Group 1', bits: [15, 8], attr: 'ROS' },
        { name: 'Syndrome Parity for ECC Group 2', bits: [23, 16], attr: 'ROS' },
        { name: 'Syndrome Check for ECC Group 2', bits: [31, 24], attr: 'ROS' },
      ],
    },
    {
      name: 'Flit Error Counter Control',
      offset: 0x0c,
      width: 16,
      spec: 'PCIe 6.0 §7.7.8.4',
      fields: [
        { name: 'Flit Error Counter Enable', bits: [0, 0], attr: 'RW' },
        // Reserved in PCIe 6.0.
        { name: 'Flit Error Counter Interrupt Enable', bits: [1, 1], attr: 'RW' },
        { name: 'Events to Count', bits: [3, 2], attr: 'RW' },
        { name: 'Trigger Event on Error Count', bits: [11, 4], attr: 'RW' },
        { name: 'Reserved', bits: [15, 12], attr: 'RsvdP' },
      ],
    },
    {
      name: 'Flit Error Counter Status',
      offset: 0x0e,
      width: 16,
      spec: 'PCIe 6.0 §7.7.8.5',
      fields: [
        { name: 'Link Width when Error Counter Started', bits: [2, 0], attr: 'ROS' },
        { name: 'Interrupt Generated based on Trigger Event Count', bits: [3, 3], attr: 'RW1CS' },
        { name: 'Reserved', bits: [7, 4], attr: 'RsvdZ' },
        { name: 'Flit Error Counter', bits: [15, 8], attr: 'ROS' },
      ],
    },
    {
      name: 'FBER Measurement Control',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8.6',
      fields: [
        { name: 'FBER Measurement Enable', bits: [0, 0], attr: 'RW' },
        { name: 'Clear FBER Counters', bits: [1, 1], attr: 'RW', behaviour: 'reads-zero' },
        { name: 'FBER Granularity', bits: [3, 2], attr: 'RW' },
        { name: 'Report Longest Burst vs First Burst', bits: [4, 4], attr: 'RW' },
        { name: 'Reserved', bits: [31, 5], attr: 'RsvdP' },
      ],
    },
    {
      name: 'FBER Measurement Status 1',
      offset: 0x14,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8.7',
      fields: [{ name: 'Flit Counter', bits: [31, 0], attr: 'ROS' }],
    },
    {
      name: 'FBER Measurement Status 2',
      offset: 0x18,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8.8',
      fields: [
        { name: 'Invalid Flit Counter', bits: [15, 0], attr: 'ROS' },
        { name: 'Reserved', bits: [31, 16], attr: 'RsvdZ' },
      ],
    },
    {
      name: 'FBER Measurement Status 3',
      offset: 0x1c,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8.9',
      fields: [
        { name: 'Lane 0 Error Counter', bits: [15, 0], attr: 'RO' },
        { name: 'Lane 1 Error Counter', bits: [31, 16], attr: 'RO' },
      ],
    },
    {
      name: 'FBER Measurement Status 4',
      offset: 0x20,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8.10',
      fields: [
        { name: 'Lane 2 Error Counter', bits: [15, 0], attr: 'RO' },
        { name: 'Lane 3 Error Counter', bits: [31, 16], attr: 'RO' },
      ],
    },
    {
      name: 'FBER Measurement Status 5',
      offset: 0x24,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8.11',
      fields: [
        { name: 'Lane 4 Error Counter', bits: [15, 0], attr: 'RO' },
        { name: 'Lane 5 Error Counter', bits: [31, 16], attr: 'RO' },
      ],
    },
    {
      name: 'FBER Measurement Status 6',
      offset: 0x28,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8.12',
      fields: [
        { name: 'Lane 6 Error Counter', bits: [15, 0], attr: 'RO' },
        { name: 'Lane 7 Error Counter', bits: [31, 16], attr: 'RO' },
      ],
    },
    {
      name: 'FBER Measurement Status 7',
      offset: 0x2c,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8.13',
      fields: [
        { name: 'Lane 8 Error Counter', bits: [15, 0], attr: 'RO' },
        { name: 'Lane 9 Error Counter', bits: [31, 16], attr: 'RO' },
      ],
    },
    {
      name: 'FBER Measurement Status 8',
      offset: 0x30,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8.14',
      fields: [
        { name: 'Lane 10 Error Counter', bits: [15, 0], attr: 'RO' },
        { name: 'Lane 11 Error Counter', bits: [31, 16], attr: 'RO' },
      ],
    },
    {
      name: 'FBER Measurement Status 9',
      offset: 0x34,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8.15',
      fields: [
        { name: 'Lane 12 Error Counter', bits: [15, 0], attr: 'RO' },
        { name: 'Lane 13 Error Counter', bits: [31, 16], attr: 'RO' },
      ],
    },
    {
      name: 'FBER Measurement Status 10',
      offset: 0x38,
      width: 32,
      spec: 'PCIe 6.0 §7.7.8.16',
      fields: [
        { name: 'Lane 14 Error Counter', bits: [15, 0], attr: 'RO' },
        { name: 'Lane 15 Error Counter', bits: [31, 16], attr: 'RO' },
      ],
    },
  ],
} as const satisfies Structure;
