import type { Block, Structure } from '../src/spec/structure.ts';

const bar = <const I extends number>(index: I, at: number) =>
  [
    {
      name: `Resizable BAR Capability ${index}`,
      offset: at,
      width: 32,
      spec: 'PCIe 5.0 §7.8.6.2',
      fields: [
        { name: 'Reserved', bits: [3, 0], attr: 'RsvdP' },
        // Bit n: 2^(n+16) bytes; 1 MiB to 128 TiB.
        { name: 'Supported BAR Sizes', bits: [31, 4], attr: 'RO' },
      ],
    },
    {
      name: `Resizable BAR Control ${index}`,
      offset: at + 4,
      width: 32,
      spec: 'PCIe 5.0 §7.8.6.3',
      fields: [
        { name: 'BAR Index', bits: [2, 0], attr: 'RO' },
        { name: 'Reserved 4:3', bits: [4, 3], attr: 'RsvdP' },
        // In the first control register; reserved in the others.
        { name: 'Number of Resizable BARs', bits: [7, 5], attr: 'RO' },
        // 2^(n+20) bytes.
        { name: 'BAR Size', bits: [13, 8], attr: 'RW', behaviour: 'bar-size' },
        { name: 'Reserved 15:14', bits: [15, 14], attr: 'RsvdP' },
        // Bit n: 2^(n+32) bytes; 256 TiB to 8 EiB.
        { name: 'Supported BAR Sizes Upper', bits: [31, 16], attr: 'RO' },
      ],
    },
  ] as const;

const further = (index: number): Block => ({
  when: { fields: [{ register: 'Resizable BAR Control 0', field: 'Number of Resizable BARs', atLeast: index + 1 }] },
  offset: 0x04 + 8 * index,
  registers: bar(index, 0),
});

/** Resizable BAR Extended Capability: 4 bytes, and 8 for each of one to six BARs. PCIe 5.0 §7.8.6. */
export const ResizableBar = {
  name: 'Resizable BAR',
  extendedCapabilityId: 0x0015,
  registers: /* @__PURE__ */ bar(0, 0x04),
  blocks: /* @__PURE__ */ [1, 2, 3, 4, 5].map(further),
} as const satisfies Structure;
