import type { Block, Condition, Structure } from '../src/spec/structure.ts';

const bridge: Condition = { headerTypes: [1] };
const writable = <const E extends '{n}' | '{m}'>(entry: E) =>
  ({ fields: [{ register: `EA Entry ${entry}`, field: 'Writable', equals: 1 }] }) as const;

/**
 * One entry: a header, Base and MaxOffset, and the upper half of each that says it is 64 bits wide. Its Entry Size counts the
 * DWORDs behind its first. Enable may also be HwInit, which no bit says. The two sizes may be RW in a writable entry; here they
 * never are, since they decide where the next register is.
 */
const entries = {
  count: { register: 'EA Capability', field: 'Num Entries' },
  stride: { register: 'EA Entry {n}', field: 'Entry Size', plus: 1, times: 4 },
  registers: [
    {
      name: 'EA Entry {n}',
      offset: 0x00,
      width: 32,
      spec: 'PCIe 5.0 §7.8.5.3',
      fields: [
        { name: 'Entry Size', bits: [2, 0], attr: 'HwInit' },
        { name: 'Reserved 3', bits: [3, 3], attr: 'RsvdP' },
        { name: 'BAR Equivalent Indicator', bits: [7, 4], attr: 'HwInit' },
        { name: 'Primary Properties', bits: [15, 8], attr: 'HwInit' },
        { name: 'Secondary Properties', bits: [23, 16], attr: 'HwInit' },
        { name: 'Reserved 29:24', bits: [29, 24], attr: 'RsvdP' },
        { name: 'Writable', bits: [30, 30], attr: 'HwInit' },
        { name: 'Enable', bits: [31, 31], attr: 'RW', reset: 1 },
      ],
    },
    {
      name: 'EA Entry {n} Base',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.8.5.3',
      fields: [
        { name: 'Reserved', bits: [0, 0], attr: 'RsvdP' },
        { name: 'Base Size', bits: [1, 1], attr: 'HwInit' },
        { name: 'Base 31:2', bits: [31, 2], attr: 'RW', when: /* @__PURE__ */ writable('{n}'), otherwise: 'HwInit' },
      ],
    },
    {
      name: 'EA Entry {n} MaxOffset',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.8.5.3',
      fields: [
        { name: 'Reserved', bits: [0, 0], attr: 'RsvdP' },
        { name: 'MaxOffset Size', bits: [1, 1], attr: 'HwInit' },
        {
          name: 'MaxOffset 31:2',
          bits: [31, 2],
          attr: 'RW',
          when: /* @__PURE__ */ writable('{n}'),
          otherwise: 'HwInit',
        },
      ],
    },
  ],
  blocks: [
    {
      count: { register: 'EA Entry {n} Base', field: 'Base Size' },
      registers: [
        {
          name: 'EA Entry {m} Base Upper',
          offset: 0x00,
          width: 32,
          spec: 'PCIe 5.0 §7.8.5.3',
          fields: [
            {
              name: 'Base 63:32',
              bits: [31, 0],
              attr: 'RW',
              when: /* @__PURE__ */ writable('{m}'),
              otherwise: 'HwInit',
            },
          ],
        },
      ],
    },
    {
      count: { register: 'EA Entry {n} MaxOffset', field: 'MaxOffset Size' },
      registers: [
        {
          name: 'EA Entry {m} MaxOffset Upper',
          offset: 0x00,
          width: 32,
          spec: 'PCIe 5.0 §7.8.5.3',
          fields: [
            {
              name: 'MaxOffset 63:32',
              bits: [31, 0],
              attr: 'RW',
              when: /* @__PURE__ */ writable('{m}'),
              otherwise: 'HwInit',
            },
          ],
        },
      ],
    },
  ],
} as const satisfies Block;

/** Enhanced Allocation Capability: 4 bytes, 8 in a bridge, then its entries. PCIe 5.0 §7.8.5. */
export const EnhancedAllocationCapability = {
  name: 'Enhanced Allocation',
  capabilityId: 0x14,
  registers: [
    {
      name: 'EA Capability',
      offset: 0x02,
      width: 16,
      spec: 'PCIe 5.0 §7.8.5.1',
      fields: [
        { name: 'Num Entries', bits: [5, 0], attr: 'HwInit' },
        { name: 'Reserved', bits: [15, 6], attr: 'RsvdP' },
      ],
    },
    {
      name: 'EA Fixed Bus Numbers',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.8.5.2',
      when: bridge,
      fields: [
        { name: 'Fixed Secondary Bus Number', bits: [7, 0], attr: 'HwInit' },
        { name: 'Fixed Subordinate Bus Number', bits: [15, 8], attr: 'HwInit' },
        { name: 'Reserved', bits: [31, 16], attr: 'RsvdP' },
      ],
    },
  ],
  blocks: [
    { offset: 0x08, ...entries, when: bridge },
    { offset: 0x04, ...entries, when: { headerTypes: [0] } },
  ],
} as const satisfies Structure;
