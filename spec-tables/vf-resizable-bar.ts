import type { Block, Structure } from '../src/spec/structure.ts';

const bar = <const I extends number>(index: I, at: number) =>
  [
    {
      name: `VF Resizable BAR Capability ${index}`,
      offset: at,
      width: 32,
      spec: 'PCIe 5.0 §9.3.7',
      fields: [
        { name: 'Reserved', bits: [3, 0], attr: 'RsvdP' },
        { name: 'Supported VF BAR Sizes', bits: [31, 4], attr: 'RO' },
      ],
    },
    {
      name: `VF Resizable BAR Control ${index}`,
      offset: at + 4,
      width: 32,
      spec: 'PCIe 5.0 §9.3.7',
      fields: [
        { name: 'VF BAR Index', bits: [2, 0], attr: 'RO' },
        { name: 'Reserved 4:3', bits: [4, 3], attr: 'RsvdP' },
        // In the first control register; reserved in the others.
        { name: 'Number of VF Resizable BARs', bits: [7, 5], attr: 'RO' },
        // 2^(n+20) bytes for each VF.
        { name: 'VF BAR Size', bits: [13, 8], attr: 'RW', behaviour: 'bar-size' },
        { name: 'Reserved 15:14', bits: [15, 14], attr: 'RsvdP' },
        { name: 'Supported VF BAR Sizes Upper', bits: [31, 16], attr: 'RO' },
      ],
    },
  ] as const;

const further = (index: number): Block => ({
  when: {
    fields: [{ register: 'VF Resizable BAR Control 0', field: 'Number of VF Resizable BARs', atLeast: index + 1 }],
  },
  offset: 0x04 + 8 * index,
  registers: bar(index, 0),
});

/** VF Resizable BAR Extended Capability: 4 bytes, and 8 for each of one to six VF BARs. PCIe 5.0 §9.3.7. */
export const VfResizableBar = {
  name: 'VF Resizable BAR',
  extendedCapabilityId: 0x0024,
  registers: /* @__PURE__ */ bar(0, 0x04),
  blocks: /* @__PURE__ */ [1, 2, 3, 4, 5].map(further),
} as const satisfies Structure;
