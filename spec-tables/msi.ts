import type { Condition, Field, Structure } from '../src/spec/structure.ts';

const is = (field: string, equals: number) => ({ register: 'MSI Message Control', field, equals });
const address32: Condition = { fields: [is('64-bit Address Capable', 0)] };
const address64: Condition = { fields: [is('64-bit Address Capable', 1)] };
const masked32: Condition = { fields: [is('64-bit Address Capable', 0), is('Per-Vector Masking Capable', 1)] };
const masked64: Condition = { fields: [is('64-bit Address Capable', 1), is('Per-Vector Masking Capable', 1)] };
const extended32: Condition = { fields: [is('64-bit Address Capable', 0), is('Extended Message Data Capable', 1)] };
const extended64: Condition = { fields: [is('64-bit Address Capable', 1), is('Extended Message Data Capable', 1)] };

const vectors = (log2: number): Condition => ({
  fields: [{ register: 'MSI Message Control', field: 'Multiple Message Capable', atLeast: log2 }],
});

/** A bit for each vector that the function can ask for; the others are reserved. */
const maskBits = [
  { name: 'Mask Bit 0', bits: [0, 0], attr: 'RW', behaviour: 'interrupt-mask' },
  { name: 'Mask Bit 1', bits: [1, 1], attr: 'RW', behaviour: 'interrupt-mask', when: /* @__PURE__ */ vectors(1) },
  { name: 'Mask Bits 3:2', bits: [3, 2], attr: 'RW', behaviour: 'interrupt-mask', when: /* @__PURE__ */ vectors(2) },
  { name: 'Mask Bits 7:4', bits: [7, 4], attr: 'RW', behaviour: 'interrupt-mask', when: /* @__PURE__ */ vectors(3) },
  { name: 'Mask Bits 15:8', bits: [15, 8], attr: 'RW', behaviour: 'interrupt-mask', when: /* @__PURE__ */ vectors(4) },
  {
    name: 'Mask Bits 31:16',
    bits: [31, 16],
    attr: 'RW',
    behaviour: 'interrupt-mask',
    when: /* @__PURE__ */ vectors(5),
  },
] as const satisfies readonly Field[];

/**
 * MSI Capability, 10, 14, 20 or 24 bytes by two bits of its own Message Control; Extended Message Data makes 12 and 16 of the
 * first two. PCIe 5.0 §7.7.1.
 */
export const MsiCapability = {
  name: 'MSI',
  capabilityId: 0x05,
  registers: [
    {
      name: 'MSI Message Control',
      offset: 0x02,
      width: 16,
      spec: 'PCIe 5.0 §7.7.1.2',
      fields: [
        { name: 'MSI Enable', bits: [0, 0], attr: 'RW', behaviour: 'interrupt-mask' },
        { name: 'Multiple Message Capable', bits: [3, 1], attr: 'RO' },
        { name: 'Multiple Message Enable', bits: [6, 4], attr: 'RW', behaviour: 'interrupt-mask' },
        { name: '64-bit Address Capable', bits: [7, 7], attr: 'RO' },
        { name: 'Per-Vector Masking Capable', bits: [8, 8], attr: 'RO' },
        { name: 'Extended Message Data Capable', bits: [9, 9], attr: 'RO' },
        {
          name: 'Extended Message Data Enable',
          bits: [10, 10],
          attr: 'RW',
          when: { fields: [is('Extended Message Data Capable', 1)] },
        },
        { name: 'Reserved', bits: [15, 11], attr: 'RsvdP' },
      ],
    },
    {
      name: 'MSI Message Address',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.7.1.3',
      fields: [
        { name: 'Reserved', bits: [1, 0], attr: 'RsvdP' },
        { name: 'Message Address', bits: [31, 2], attr: 'RW' },
      ],
    },
    {
      name: 'MSI Message Upper Address',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.7.1.4',
      when: address64,
      fields: [{ name: 'Message Upper Address', bits: [31, 0], attr: 'RW' }],
    },
    {
      name: 'MSI Message Data 32',
      offset: 0x08,
      width: 16,
      spec: 'PCIe 5.0 §7.7.1.5',
      when: address32,
      fields: [{ name: 'Message Data', bits: [15, 0], attr: 'RW' }],
    },
    {
      name: 'MSI Extended Message Data 32',
      offset: 0x0a,
      width: 16,
      spec: 'PCIe 5.0 §7.7.1.6',
      when: extended32,
      fields: [{ name: 'Extended Message Data', bits: [15, 0], attr: 'RW' }],
    },
    {
      name: 'MSI Mask Bits 32',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 5.0 §7.7.1.7',
      when: masked32,
      fields: maskBits,
    },
    {
      name: 'MSI Pending Bits 32',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 5.0 §7.7.1.8',
      when: masked32,
      fields: [{ name: 'Pending Bits', bits: [31, 0], attr: 'RO' }],
    },
    {
      name: 'MSI Message Data 64',
      offset: 0x0c,
      width: 16,
      spec: 'PCIe 5.0 §7.7.1.5',
      when: address64,
      fields: [{ name: 'Message Data', bits: [15, 0], attr: 'RW' }],
    },
    {
      name: 'MSI Extended Message Data 64',
      offset: 0x0e,
      width: 16,
      spec: 'PCIe 5.0 §7.7.1.6',
      when: extended64,
      fields: [{ name: 'Extended Message Data', bits: [15, 0], attr: 'RW' }],
    },
    {
      name: 'MSI Mask Bits 64',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 5.0 §7.7.1.7',
      when: masked64,
      fields: maskBits,
    },
    {
      name: 'MSI Pending Bits 64',
      offset: 0x14,
      width: 32,
      spec: 'PCIe 5.0 §7.7.1.8',
      when: masked64,
      fields: [{ name: 'Pending Bits', bits: [31, 0], attr: 'RO' }],
    },
  ],
} as const satisfies Structure;
