import type { Condition, Structure } from '../src/spec/structure.ts';

const supports = (field: string): Condition => ({ fields: [{ register: 'FPB Capabilities', field, equals: 1 }] });
const rid: Condition = /* @__PURE__ */ supports('FPB RID Decode Mechanism Supported');
const memoryLow: Condition = /* @__PURE__ */ supports('FPB MEM Low Decode Mechanism Supported');
const memoryHigh: Condition = /* @__PURE__ */ supports('FPB MEM High Decode Mechanism Supported');

/** Flattening Portal Bridge Capability, 36 bytes. Its vectors are behind the access registers at its end. PCIe 5.0 §7.8.10. */
export const FlatteningPortalBridgeCapability = {
  name: 'Flattening Portal Bridge',
  capabilityId: 0x15,
  registers: [
    {
      name: 'FPB Reserved',
      offset: 0x02,
      width: 16,
      spec: 'PCIe 5.0 §7.8.10.1',
      fields: [{ name: 'Reserved', bits: [15, 0], attr: 'RsvdP' }],
    },
    {
      name: 'FPB Capabilities',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.8.10.2',
      fields: [
        { name: 'FPB RID Decode Mechanism Supported', bits: [0, 0], attr: 'HwInit' },
        { name: 'FPB MEM Low Decode Mechanism Supported', bits: [1, 1], attr: 'HwInit' },
        { name: 'FPB MEM High Decode Mechanism Supported', bits: [2, 2], attr: 'HwInit' },
        { name: 'FPB Num Sec Dev', bits: [7, 3], attr: 'HwInit' },
        { name: 'FPB RID Vector Size Supported', bits: [10, 8], attr: 'HwInit' },
        { name: 'Reserved 15:11', bits: [15, 11], attr: 'RsvdP' },
        { name: 'FPB MEM Low Vector Size Supported', bits: [18, 16], attr: 'HwInit' },
        { name: 'Reserved 23:19', bits: [23, 19], attr: 'RsvdP' },
        { name: 'FPB MEM High Vector Size Supported', bits: [26, 24], attr: 'HwInit' },
        { name: 'Reserved 31:27', bits: [31, 27], attr: 'RsvdP' },
      ],
    },
    {
      name: 'FPB RID Vector Control 1',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.8.10.3',
      fields: [
        { name: 'FPB RID Decode Mechanism Enable', bits: [0, 0], attr: 'RW', when: rid },
        { name: 'Reserved 3:1', bits: [3, 1], attr: 'RsvdP' },
        { name: 'FPB RID Vector Granularity', bits: [7, 4], attr: 'RW', when: rid },
        { name: 'Reserved 18:8', bits: [18, 8], attr: 'RsvdP' },
        { name: 'FPB RID Vector Start', bits: [31, 19], attr: 'RW', when: rid },
      ],
    },
    {
      name: 'FPB RID Vector Control 2',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 5.0 §7.8.10.4',
      fields: [
        { name: 'Reserved 2:0', bits: [2, 0], attr: 'RsvdP' },
        { name: 'RID Secondary Start', bits: [15, 3], attr: 'RW', when: rid },
        { name: 'Reserved 31:16', bits: [31, 16], attr: 'RsvdP' },
      ],
    },
    {
      name: 'FPB MEM Low Vector Control',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 5.0 §7.8.10.5',
      fields: [
        { name: 'FPB MEM Low Decode Mechanism Enable', bits: [0, 0], attr: 'RW', when: memoryLow },
        { name: 'Reserved 3:1', bits: [3, 1], attr: 'RsvdP' },
        { name: 'FPB MEM Low Vector Granularity', bits: [7, 4], attr: 'RW', when: memoryLow },
        { name: 'Reserved 19:8', bits: [19, 8], attr: 'RsvdP' },
        { name: 'FPB MEM Low Vector Start', bits: [31, 20], attr: 'RW', when: memoryLow },
      ],
    },
    {
      name: 'FPB MEM High Vector Control 1',
      offset: 0x14,
      width: 32,
      spec: 'PCIe 5.0 §7.8.10.6',
      fields: [
        { name: 'FPB MEM High Decode Mechanism Enable', bits: [0, 0], attr: 'RW', when: memoryHigh },
        { name: 'Reserved 3:1', bits: [3, 1], attr: 'RsvdP' },
        { name: 'FPB MEM High Vector Granularity', bits: [7, 4], attr: 'RW', when: memoryHigh },
        { name: 'Reserved 27:8', bits: [27, 8], attr: 'RsvdP' },
        { name: 'FPB MEM High Vector Start Lower', bits: [31, 28], attr: 'RW', when: memoryHigh },
      ],
    },
    {
      name: 'FPB MEM High Vector Control 2',
      offset: 0x18,
      width: 32,
      spec: 'PCIe 5.0 §7.8.10.7',
      fields: [{ name: 'FPB MEM High Vector Start Upper', bits: [31, 0], attr: 'RW', when: memoryHigh }],
    },
    {
      name: 'FPB Vector Access Control',
      offset: 0x1c,
      width: 32,
      spec: 'PCIe 5.0 §7.8.10.8',
      fields: [
        { name: 'FPB Vector Access Offset', bits: [7, 0], attr: 'RW' },
        { name: 'Reserved 13:8', bits: [13, 8], attr: 'RsvdP' },
        { name: 'FPB Vector Select', bits: [15, 14], attr: 'RW' },
        { name: 'Reserved 31:16', bits: [31, 16], attr: 'RsvdP' },
      ],
    },
    {
      name: 'FPB Vector Access Data',
      offset: 0x20,
      width: 32,
      spec: 'PCIe 5.0 §7.8.10.9',
      fields: [{ name: 'FPB Vector Access Data', bits: [31, 0], attr: 'RW' }],
    },
  ],
} as const satisfies Structure;
