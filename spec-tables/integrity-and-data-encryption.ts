import type { Condition, Field, Structure } from '../src/spec/structure.ts';

const is = (field: string, equals: number): Condition => ({ fields: [{ register: 'IDE Capability', field, equals }] });
const endpoint = ['PCI Express Endpoint', 'Legacy PCI Express Endpoint'] as const;
const port = ['Root Port', 'Switch Upstream Port', 'Switch Downstream Port'] as const;

/** Bits 8:1 of the control register of either kind of stream. */
const streamModes = [
  { name: 'XT Enable', bits: [1, 1], attr: 'RW', when: is('XT Supported', 1) },
  { name: 'Tx Aggregation Mode NPR', bits: [3, 2], attr: 'RW', when: is('Aggregation Supported', 1) },
  { name: 'Tx Aggregation Mode PR', bits: [5, 4], attr: 'RW', when: is('Aggregation Supported', 1) },
  { name: 'Tx Aggregation Mode CPL', bits: [7, 6], attr: 'RW', when: is('Aggregation Supported', 1) },
  { name: 'PCRC Enable', bits: [8, 8], attr: 'RW', when: is('PCRC Supported', 1) },
] as const satisfies readonly Field[];
/** And bits 21:10. */
const streamEncryption = [
  {
    name: 'Partial Header Encryption Mode',
    bits: [13, 10],
    attr: 'RW',
    when: is('Partial Header Encryption Supported', 1),
  },
  { name: 'Selected Algorithm', bits: [18, 14], attr: 'RW' },
  { name: 'Traffic Class', bits: [21, 19], attr: 'RW' },
] as const satisfies readonly Field[];

/**
 * Integrity and Data Encryption (IDE) Extended Capability: 0Ch bytes; 8 for each link stream; 14h for each selective stream and 0Ch
 * for each of its address associations. PCIe 6.0 §7.9.26.
 */
export const IntegrityAndDataEncryption = {
  name: 'Integrity and Data Encryption',
  extendedCapabilityId: 0x0030,
  registers: [
    {
      name: 'IDE Capability',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 6.0 §7.9.26.2',
      fields: [
        { name: 'Link IDE Stream Supported', bits: [0, 0], attr: 'HwInit' },
        { name: 'Selective IDE Streams Supported', bits: [1, 1], attr: 'HwInit' },
        { name: 'Flow-Through IDE Stream Supported', bits: [2, 2], attr: 'HwInit' },
        { name: 'Partial Header Encryption Supported', bits: [3, 3], attr: 'HwInit' },
        { name: 'Aggregation Supported', bits: [4, 4], attr: 'HwInit' },
        { name: 'PCRC Supported', bits: [5, 5], attr: 'HwInit' },
        { name: 'IDE_KM Protocol Supported', bits: [6, 6], attr: 'HwInit' },
        { name: 'Selective IDE for Configuration Requests Supported', bits: [7, 7], attr: 'HwInit' },
        { name: 'Supported Algorithms', bits: [12, 8], attr: 'HwInit' },
        { name: 'Number of TCs Supported for Link IDE', bits: [15, 13], attr: 'HwInit' },
        { name: 'Number of Selective IDE Streams Supported', bits: [23, 16], attr: 'HwInit' },
        { name: 'TEE-Limited Stream Supported', bits: [24, 24], attr: 'HwInit' },
        { name: 'XT Supported', bits: [25, 25], attr: 'HwInit' },
        { name: 'Reserved', bits: [31, 26], attr: 'RsvdP' },
      ],
    },
    {
      name: 'IDE Control',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 6.0 §7.9.26.3',
      fields: [
        { name: 'Reserved 1:0', bits: [1, 0], attr: 'RsvdP' },
        {
          name: 'Flow-Through IDE Stream Enabled',
          bits: [2, 2],
          attr: 'RW',
          when: { ...is('Flow-Through IDE Stream Supported', 1), portTypes: port },
          otherwise: 'RsvdP',
        },
        { name: 'Reserved', bits: [31, 3], attr: 'RsvdP' },
      ],
    },
  ],
  blocks: [
    {
      count: { register: 'IDE Capability', field: 'Number of TCs Supported for Link IDE', plus: 1 },
      when: is('Link IDE Stream Supported', 1),
      registers: [
        {
          name: 'Link IDE Stream {n} Control',
          offset: 0x00,
          width: 32,
          spec: 'PCIe 6.0 §7.9.26.4.1',
          fields: [
            { name: 'Link IDE Stream Enable', bits: [0, 0], attr: 'RW' },
            ...streamModes,
            ...streamEncryption,
            { name: 'Stream ID', bits: [31, 24], attr: 'RW' },
          ],
        },
        {
          name: 'Link IDE Stream {n} Status',
          offset: 0x04,
          width: 32,
          spec: 'PCIe 6.0 §7.9.26.4.2',
          fields: [
            { name: 'Link IDE Stream State', bits: [3, 0], attr: 'RO' },
            { name: 'Received Integrity Check Fail Message', bits: [31, 31], attr: 'RW1C' },
          ],
        },
      ],
    },
    {
      count: { register: 'IDE Capability', field: 'Number of Selective IDE Streams Supported', plus: 1 },
      when: is('Selective IDE Streams Supported', 1),
      registers: [
        {
          name: 'Selective IDE Stream {n} Capability',
          offset: 0x00,
          width: 32,
          spec: 'PCIe 6.0 §7.9.26.5.1',
          fields: [
            { name: 'Number of Address Association Register Blocks', bits: [3, 0], attr: 'RO' },
            { name: 'Reserved', bits: [31, 4], attr: 'RsvdP' },
          ],
        },
        {
          name: 'Selective IDE Stream {n} Control',
          offset: 0x04,
          width: 32,
          spec: 'PCIe 6.0 §7.9.26.5.2',
          fields: [
            { name: 'Selective IDE Stream Enable', bits: [0, 0], attr: 'RW' },
            ...streamModes,
            {
              name: 'Selective IDE for Configuration Requests Enable',
              bits: [9, 9],
              attr: 'RW',
              when: { ...is('Selective IDE for Configuration Requests Supported', 1), portTypes: ['Root Port'] },
              otherwise: 'RsvdP',
            },
            ...streamEncryption,
            { name: 'Default Stream', bits: [22, 22], attr: 'RW', when: { portTypes: endpoint }, otherwise: 'RsvdP' },
            { name: 'TEE-Limited Stream', bits: [23, 23], attr: 'RW', when: is('TEE-Limited Stream Supported', 1) },
            { name: 'Stream ID', bits: [31, 24], attr: 'RW' },
          ],
        },
        {
          name: 'Selective IDE Stream {n} Status',
          offset: 0x08,
          width: 32,
          spec: 'PCIe 6.0 §7.9.26.5.3',
          fields: [
            { name: 'Selective IDE Stream State', bits: [3, 0], attr: 'RO' },
            { name: 'Received Integrity Check Fail Message', bits: [31, 31], attr: 'RW1C' },
          ],
        },
        {
          name: 'Selective IDE Stream {n} RID Association 1',
          offset: 0x0c,
          width: 32,
          spec: 'PCIe 6.0 §7.9.26.5.4.1',
          fields: [
            { name: 'Reserved 7:0', bits: [7, 0], attr: 'RsvdP' },
            { name: 'RID Limit', bits: [23, 8], attr: 'RW' },
            { name: 'Reserved', bits: [31, 24], attr: 'RsvdP' },
          ],
        },
        {
          name: 'Selective IDE Stream {n} RID Association 2',
          offset: 0x10,
          width: 32,
          spec: 'PCIe 6.0 §7.9.26.5.4.2',
          fields: [
            { name: 'RID Association Valid', bits: [0, 0], attr: 'RW' },
            { name: 'Reserved', bits: [7, 1], attr: 'RsvdP' },
            { name: 'RID Base', bits: [23, 8], attr: 'RW' },
            { name: 'Segment Base', bits: [31, 24], attr: 'RW' },
          ],
        },
      ],
      blocks: [
        {
          count: {
            register: 'Selective IDE Stream {n} Capability',
            field: 'Number of Address Association Register Blocks',
          },
          registers: [
            {
              name: 'Selective IDE Stream {m} Address Association {n} 1',
              offset: 0x00,
              width: 32,
              spec: 'PCIe 6.0 §7.9.26.5.5.1',
              fields: [
                { name: 'Address Association Valid', bits: [0, 0], attr: 'RW' },
                { name: 'Reserved', bits: [7, 1], attr: 'RsvdP' },
                { name: 'Memory Base Lower', bits: [19, 8], attr: 'RW' },
                { name: 'Memory Limit Lower', bits: [31, 20], attr: 'RW' },
              ],
            },
            {
              name: 'Selective IDE Stream {m} Address Association {n} 2',
              offset: 0x04,
              width: 32,
              spec: 'PCIe 6.0 §7.9.26.5.5.2',
              fields: [{ name: 'Memory Limit Upper', bits: [31, 0], attr: 'RW' }],
            },
            {
              name: 'Selective IDE Stream {m} Address Association {n} 3',
              offset: 0x08,
              width: 32,
              spec: 'PCIe 6.0 §7.9.26.5.5.3',
              fields: [{ name: 'Memory Base Upper', bits: [31, 0], attr: 'RW' }],
            },
          ],
        },
      ],
    },
  ],
} as const satisfies Structure;
