import type { Condition, Field, Structure } from '../src/spec/structure.ts';

const function0: Condition = { headerTypes: [0] };
const bridge: Condition = { headerTypes: [1] };
/** Both layouts have the version in the same two bits. */
const functionWithEcc: Condition = { headerTypes: [0], version: { atLeast: 1 } };
const bridgeWithEcc: Condition = { headerTypes: [1], version: { atLeast: 1 } };

/** A bridge has two banks of ECC registers, one a side. */
const eccControlAndStatus = (select: 'RO' | 'RW'): readonly Field[] => [
  { name: 'Select Secondary ECC Registers', bits: [0, 0], attr: select },
  { name: 'Error Present in Other ECC Register Bank', bits: [1, 1], attr: 'RO' },
  { name: 'Additional Correctable ECC Error', bits: [2, 2], attr: 'RW1C' },
  { name: 'Additional Uncorrectable ECC Error', bits: [3, 3], attr: 'RW1C' },
  { name: 'ECC Error Phase', bits: [6, 4], attr: 'RW1C' },
  { name: 'ECC Error Corrected', bits: [7, 7], attr: 'RO' },
  { name: 'Syndrome', bits: [15, 8], attr: 'RO' },
  { name: 'Error First Command', bits: [19, 16], attr: 'RO' },
  { name: 'Error Second Command', bits: [23, 20], attr: 'RO' },
  { name: 'Error Upper Attributes', bits: [27, 24], attr: 'RO' },
  { name: 'ECC Control Update Enable', bits: [28, 28], attr: 'RW' },
  { name: 'Reserved', bits: [29, 29], attr: 'RsvdP' },
  { name: 'Disable Single-Bit-Error Correction', bits: [30, 30], attr: 'RW' },
  { name: 'ECC Mode', bits: [31, 31], attr: 'RW' },
];

/** A bridge's two split transaction controls are alike. */
const splitTransactionControl: readonly Field[] = [
  { name: 'Split Transaction Capacity', bits: [15, 0], attr: 'RO' },
  { name: 'Split Transaction Commitment Limit', bits: [31, 16], attr: 'RW' },
];

/**
 * PCI-X Capability: 8 bytes in a Type 0 function, 16 in a bridge; from version 1 on with ECC registers, 24 and 32 bytes.
 * PCI-X Protocol Addendum 2.0a §7.2 and §8.6.2.
 */
export const PciXCapability = {
  name: 'PCI-X',
  capabilityId: 0x07,
  versionField: { register: 'PCI-X Command', field: 'Version' },
  registers: [
    {
      name: 'PCI-X Command',
      offset: 0x02,
      width: 16,
      spec: 'PCI-X 2.0a §7.2.3',
      when: function0,
      fields: [
        { name: 'Data Parity Error Recovery Enable', bits: [0, 0], attr: 'RW' },
        { name: 'Enable Relaxed Ordering', bits: [1, 1], attr: 'RW', reset: 1 },
        { name: 'Maximum Memory Read Byte Count', bits: [3, 2], attr: 'RW' },
        { name: 'Maximum Outstanding Split Transactions', bits: [6, 4], attr: 'RW' },
        { name: 'Reserved 11:7', bits: [11, 7], attr: 'RsvdP' },
        { name: 'Version', bits: [13, 12], attr: 'RO' },
        { name: 'Reserved 15:14', bits: [15, 14], attr: 'RsvdP' },
      ],
    },
    {
      name: 'PCI-X Status',
      offset: 0x04,
      width: 32,
      spec: 'PCI-X 2.0a §7.2.4',
      when: function0,
      fields: [
        { name: 'Function Number', bits: [2, 0], attr: 'RO' },
        { name: 'Device Number', bits: [7, 3], attr: 'RO' },
        { name: 'Bus Number', bits: [15, 8], attr: 'RO' },
        { name: '64-bit Device', bits: [16, 16], attr: 'RO' },
        { name: '133 MHz Capable', bits: [17, 17], attr: 'RO' },
        { name: 'Split Completion Discarded', bits: [18, 18], attr: 'RW1C' },
        { name: 'Unexpected Split Completion', bits: [19, 19], attr: 'RW1C' },
        { name: 'Device Complexity', bits: [20, 20], attr: 'RO' },
        { name: 'Designed Maximum Memory Read Byte Count', bits: [22, 21], attr: 'RO' },
        { name: 'Designed Maximum Outstanding Split Transactions', bits: [25, 23], attr: 'RO' },
        { name: 'Designed Maximum Cumulative Read Size', bits: [28, 26], attr: 'RO' },
        { name: 'Received Split Completion Error Message', bits: [29, 29], attr: 'RW1C' },
        { name: 'PCI-X 266 Capable', bits: [30, 30], attr: 'RO' },
        { name: 'PCI-X 533 Capable', bits: [31, 31], attr: 'RO' },
      ],
    },
    {
      name: 'PCI-X ECC Control and Status',
      offset: 0x08,
      width: 32,
      spec: 'PCI-X 2.0a §7.2.5',
      when: functionWithEcc,
      fields: /* @__PURE__ */ eccControlAndStatus('RO'),
    },
    {
      name: 'PCI-X ECC First Address',
      offset: 0x0c,
      width: 32,
      spec: 'PCI-X 2.0a §7.2.6',
      when: functionWithEcc,
      fields: [{ name: 'ECC First Address', bits: [31, 0], attr: 'RO' }],
    },
    {
      name: 'PCI-X ECC Second Address',
      offset: 0x10,
      width: 32,
      spec: 'PCI-X 2.0a §7.2.6',
      when: functionWithEcc,
      fields: [{ name: 'ECC Second Address', bits: [31, 0], attr: 'RO' }],
    },
    {
      name: 'PCI-X ECC Attribute',
      offset: 0x14,
      width: 32,
      spec: 'PCI-X 2.0a §7.2.7',
      when: functionWithEcc,
      fields: [{ name: 'ECC Attribute', bits: [31, 0], attr: 'RO' }],
    },
    {
      name: 'PCI-X Secondary Status',
      offset: 0x02,
      width: 16,
      spec: 'PCI-X 2.0a §8.6.2.3',
      when: bridge,
      fields: [
        { name: '64-bit Device', bits: [0, 0], attr: 'RO' },
        { name: '133 MHz Capable', bits: [1, 1], attr: 'RO' },
        { name: 'Split Completion Discarded', bits: [2, 2], attr: 'RW1C' },
        { name: 'Unexpected Split Completion', bits: [3, 3], attr: 'RW1C' },
        { name: 'Split Completion Overrun', bits: [4, 4], attr: 'RW1C' },
        { name: 'Split Request Delayed', bits: [5, 5], attr: 'RW1C' },
        { name: 'Secondary Bus Mode and Frequency', bits: [9, 6], attr: 'RO' },
        { name: 'Reserved', bits: [11, 10], attr: 'RsvdP' },
        { name: 'Version', bits: [13, 12], attr: 'RO' },
        { name: 'PCI-X 266 Capable', bits: [14, 14], attr: 'RO' },
        { name: 'PCI-X 533 Capable', bits: [15, 15], attr: 'RO' },
      ],
    },
    {
      name: 'PCI-X Bridge Status',
      offset: 0x04,
      width: 32,
      spec: 'PCI-X 2.0a §8.6.2.4',
      when: bridge,
      fields: [
        { name: 'Function Number', bits: [2, 0], attr: 'RO' },
        { name: 'Device Number', bits: [7, 3], attr: 'RO' },
        { name: 'Bus Number', bits: [15, 8], attr: 'RO' },
        { name: '64-bit Device', bits: [16, 16], attr: 'RO' },
        { name: '133 MHz Capable', bits: [17, 17], attr: 'RO' },
        { name: 'Split Completion Discarded', bits: [18, 18], attr: 'RW1C' },
        { name: 'Unexpected Split Completion', bits: [19, 19], attr: 'RW1C' },
        { name: 'Split Completion Overrun', bits: [20, 20], attr: 'RW1C' },
        { name: 'Split Request Delayed', bits: [21, 21], attr: 'RW1C' },
        { name: 'Reserved', bits: [28, 22], attr: 'RsvdP' },
        { name: 'Device ID Messaging Capable', bits: [29, 29], attr: 'RO' },
        { name: 'PCI-X 266 Capable', bits: [30, 30], attr: 'RO' },
        { name: 'PCI-X 533 Capable', bits: [31, 31], attr: 'RO' },
      ],
    },
    {
      name: 'PCI-X Upstream Split Transaction Control',
      offset: 0x08,
      width: 32,
      spec: 'PCI-X 2.0a §8.6.2.5',
      when: bridge,
      fields: splitTransactionControl,
    },
    {
      name: 'PCI-X Downstream Split Transaction Control',
      offset: 0x0c,
      width: 32,
      spec: 'PCI-X 2.0a §8.6.2.6',
      when: bridge,
      fields: splitTransactionControl,
    },
    {
      name: 'PCI-X Bridge ECC Control and Status',
      offset: 0x10,
      width: 32,
      spec: 'PCI-X 2.0a §8.6.2.7',
      when: bridgeWithEcc,
      fields: /* @__PURE__ */ eccControlAndStatus('RW'),
    },
    {
      name: 'PCI-X Bridge ECC First Address',
      offset: 0x14,
      width: 32,
      spec: 'PCI-X 2.0a §8.6.2.8',
      when: bridgeWithEcc,
      fields: [{ name: 'ECC First Address', bits: [31, 0], attr: 'RO' }],
    },
    {
      name: 'PCI-X Bridge ECC Second Address',
      offset: 0x18,
      width: 32,
      spec: 'PCI-X 2.0a §8.6.2.8',
      when: bridgeWithEcc,
      fields: [{ name: 'ECC Second Address', bits: [31, 0], attr: 'RO' }],
    },
    {
      name: 'PCI-X Bridge ECC Attribute',
      offset: 0x1c,
      width: 32,
      spec: 'PCI-X 2.0a §8.6.2.9',
      when: bridgeWithEcc,
      fields: [{ name: 'ECC Attribute', bits: [31, 0], attr: 'RO' }],
    },
  ],
} as const satisfies Structure;
