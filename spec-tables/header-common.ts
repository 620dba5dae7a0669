import type { Field, Register } from '../src/spec/structure.ts';

/** The first sixteen bytes, alike in every header. PCIe 5.0 §7.5.1.1. */
export const firstHeaderRegisters = [
  {
    name: 'Vendor ID',
    offset: 0x00,
    width: 16,
    spec: 'PCIe 5.0 §7.5.1.1.1',
    fields: [{ name: 'Vendor ID', bits: [15, 0], attr: 'HwInit' }],
  },
  {
    name: 'Device ID',
    offset: 0x02,
    width: 16,
    spec: 'PCIe 5.0 §7.5.1.1.2',
    fields: [{ name: 'Device ID', bits: [15, 0], attr: 'HwInit' }],
  },
  {
    name: 'Command',
    offset: 0x04,
    width: 16,
    spec: 'PCIe 5.0 §7.5.1.1.3',
    fields: [
      { name: 'I/O Space Enable', bits: [0, 0], attr: 'RW' },
      { name: 'Memory Space Enable', bits: [1, 1], attr: 'RW' },
      { name: 'Bus Master Enable', bits: [2, 2], attr: 'RW' },
      { name: 'Special Cycle Enable', bits: [3, 3], attr: 'RO' },
      { name: 'Memory Write and Invalidate', bits: [4, 4], attr: 'RO' },
      { name: 'VGA Palette Snoop', bits: [5, 5], attr: 'RO' },
      { name: 'Parity Error Response', bits: [6, 6], attr: 'RW' },
      { name: 'IDSEL Stepping/Wait Cycle Control', bits: [7, 7], attr: 'RO' },
      { name: 'SERR# Enable', bits: [8, 8], attr: 'RW' },
      { name: 'Fast Back-to-Back Transactions Enable', bits: [9, 9], attr: 'RO' },
      { name: 'Interrupt Disable', bits: [10, 10], attr: 'RW' },
      { name: 'Reserved', bits: [15, 11], attr: 'RsvdP' },
    ],
  },
  {
    name: 'Status',
    offset: 0x06,
    width: 16,
    spec: 'PCIe 5.0 §7.5.1.1.4',
    fields: [
      { name: 'Immediate Readiness', bits: [0, 0], attr: 'RO' },
      { name: 'Reserved 2:1', bits: [2, 1], attr: 'RsvdZ' },
      { name: 'Interrupt Status', bits: [3, 3], attr: 'RO' },
      { name: 'Capabilities List', bits: [4, 4], attr: 'RO', reset: 1 },
      { name: '66 MHz Capable', bits: [5, 5], attr: 'RO' },
      { name: 'Reserved 6', bits: [6, 6], attr: 'RsvdZ' },
      { name: 'Fast Back-to-Back Transactions Capable', bits: [7, 7], attr: 'RO' },
      { name: 'Master Data Parity Error', bits: [8, 8], attr: 'RW1C' },
      { name: 'DEVSEL Timing', bits: [10, 9], attr: 'RO' },
      { name: 'Signaled Target Abort', bits: [11, 11], attr: 'RW1C' },
      { name: 'Received Target Abort', bits: [12, 12], attr: 'RW1C' },
      { name: 'Received Master Abort', bits: [13, 13], attr: 'RW1C' },
      { name: 'Signaled System Error', bits: [14, 14], attr: 'RW1C' },
      { name: 'Detected Parity Error', bits: [15, 15], attr: 'RW1C' },
    ],
  },
  {
    name: 'Revision ID',
    offset: 0x08,
    width: 8,
    spec: 'PCIe 5.0 §7.5.1.1.5',
    fields: [{ name: 'Revision ID', bits: [7, 0], attr: 'HwInit' }],
  },
  {
    name: 'Programming Interface',
    offset: 0x09,
    width: 8,
    spec: 'PCIe 5.0 §7.5.1.1.6',
    fields: [{ name: 'Programming Interface', bits: [7, 0], attr: 'RO' }],
  },
  {
    name: 'Class Code',
    offset: 0x0a,
    width: 16,
    spec: 'PCIe 5.0 §7.5.1.1.6',
    fields: [
      { name: 'Sub-Class Code', bits: [7, 0], attr: 'RO' },
      { name: 'Base Class Code', bits: [15, 8], attr: 'RO' },
    ],
  },
  {
    name: 'Cache Line Size',
    offset: 0x0c,
    width: 8,
    spec: 'PCIe 5.0 §7.5.1.1.7',
    fields: [{ name: 'Cache Line Size', bits: [7, 0], attr: 'RW' }],
  },
  {
    name: 'Latency Timer',
    offset: 0x0d,
    width: 8,
    spec: 'PCIe 5.0 §7.5.1.1.8',
    fields: [{ name: 'Latency Timer', bits: [7, 0], attr: 'RO' }],
  },
  {
    name: 'Header Type',
    offset: 0x0e,
    width: 8,
    spec: 'PCIe 5.0 §7.5.1.1.9',
    fields: [
      { name: 'Header Layout', bits: [6, 0], attr: 'RO' },
      { name: 'Multi-Function Device', bits: [7, 7], attr: 'RO' },
    ],
  },
  {
    name: 'BIST',
    offset: 0x0f,
    width: 8,
    spec: 'PCIe 5.0 §7.5.1.1.10',
    fields: [
      { name: 'Completion Code', bits: [3, 0], attr: 'RO' },
      { name: 'Reserved', bits: [5, 4], attr: 'RsvdP' },
      {
        name: 'Start BIST',
        bits: [6, 6],
        attr: 'RW',
        behaviour: 'reads-zero',
        when: { fields: [{ register: 'BIST', field: 'BIST Capable', equals: 1 }] },
      },
      { name: 'BIST Capable', bits: [7, 7], attr: 'RO' },
    ],
  },
] as const satisfies readonly Register[];

/** At 3Ch in every header. PCIe 5.0 §7.5.1.1.12, §7.5.1.1.13. */
export const interruptRegisters = [
  {
    name: 'Interrupt Line',
    offset: 0x3c,
    width: 8,
    spec: 'PCIe 5.0 §7.5.1.1.12',
    fields: [{ name: 'Interrupt Line', bits: [7, 0], attr: 'RW' }],
  },
  {
    name: 'Interrupt Pin',
    offset: 0x3d,
    width: 8,
    spec: 'PCIe 5.0 §7.5.1.1.13',
    fields: [{ name: 'Interrupt Pin', bits: [7, 0], attr: 'RO' }],
  },
] as const satisfies readonly Register[];

/** What Type 0 and Type 1 headers share. PCIe 5.0 §7.5.1.1. */
export const commonHeaderRegisters = [
  ...firstHeaderRegisters,
  {
    name: 'Capabilities Pointer',
    offset: 0x34,
    width: 8,
    spec: 'PCIe 5.0 §7.5.1.1.11',
    fields: [{ name: 'Capabilities Pointer', bits: [7, 0], attr: 'RO' }],
  },
  ...interruptRegisters,
] as const satisfies readonly Register[];

/** Expansion ROM Base Address, of either header: what the decoder does not let be written reads 0. PCIe 5.0 §7.5.1.2.4. */
export const expansionRom = [
  { name: 'Expansion ROM Enable', bits: [0, 0], attr: 'RW', behaviour: 'bar' },
  { name: 'Expansion ROM Validation Status', bits: [3, 1], attr: 'HwInit' },
  { name: 'Expansion ROM Validation Details', bits: [7, 4], attr: 'HwInit' },
  { name: 'Reserved', bits: [10, 8], attr: 'RsvdP' },
  { name: 'Expansion ROM Base Address', bits: [31, 11], attr: 'RW', behaviour: 'bar' },
] as const satisfies readonly Field[];

/** Status of a bridge's secondary side, at 1Eh of a Type 1 header and 16h of a Type 2. PCIe 5.0 §7.5.1.3.7. */
export const secondaryStatusFields = [
  { name: 'Reserved 4:0', bits: [4, 0], attr: 'RsvdZ' },
  { name: '66 MHz Capable', bits: [5, 5], attr: 'RO' },
  { name: 'Reserved 6', bits: [6, 6], attr: 'RsvdZ' },
  { name: 'Fast Back-to-Back Transactions Capable', bits: [7, 7], attr: 'RO' },
  { name: 'Master Data Parity Error', bits: [8, 8], attr: 'RW1C' },
  { name: 'DEVSEL Timing', bits: [10, 9], attr: 'RO' },
  { name: 'Signaled Target Abort', bits: [11, 11], attr: 'RW1C' },
  { name: 'Received Target Abort', bits: [12, 12], attr: 'RW1C' },
  { name: 'Received Master Abort', bits: [13, 13], attr: 'RW1C' },
  { name: 'Received System Error', bits: [14, 14], attr: 'RW1C' },
  { name: 'Detected Parity Error', bits: [15, 15], attr: 'RW1C' },
] as const satisfies readonly Field[];
