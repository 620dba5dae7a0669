import type { Condition, Structure } from '../src/spec/structure.ts';

const capable = (field: string): Condition => ({ fields: [{ register: 'ARI Capability', field, equals: 1 }] });

/** Alternative Routing-ID Interpretation (ARI) Extended Capability, 8 bytes. PCIe 5.0 §7.8.7. */
export const AlternativeRoutingId = {
  name: 'Alternative Routing-ID Interpretation',
  extendedCapabilityId: 0x000e,
  registers: [
    {
      name: 'ARI Capability',
      offset: 0x04,
      width: 16,
      spec: 'PCIe 5.0 §7.8.7.2',
      fields: [
        // Both only in Function 0.
        { name: 'MFVC Function Groups Capability', bits: [0, 0], attr: 'RO' },
        { name: 'ACS Function Groups Capability', bits: [1, 1], attr: 'RO' },
        { name: 'Reserved', bits: [7, 2], attr: 'RsvdP' },
        { name: 'Next Function Number', bits: [15, 8], attr: 'RO' },
      ],
    },
    {
      name: 'ARI Control',
      offset: 0x06,
      width: 16,
      spec: 'PCIe 5.0 §7.8.7.3',
      fields: [
        {
          name: 'MFVC Function Groups Enable',
          bits: [0, 0],
          attr: 'RW',
          when: /* @__PURE__ */ capable('MFVC Function Groups Capability'),
        },
        {
          name: 'ACS Function Groups Enable',
          bits: [1, 1],
          attr: 'RW',
          when: /* @__PURE__ */ capable('ACS Function Groups Capability'),
        },
        { name: 'Reserved 3:2', bits: [3, 2], attr: 'RsvdP' },
        // Hardwired to 0 where Function 0 has neither capability bit; another function's bits can't be asked for here.
        { name: 'Function Group', bits: [6, 4], attr: 'RW' },
        { name: 'Reserved 15:7', bits: [15, 7], attr: 'RsvdP' },
      ],
    },
  ],
} as const satisfies Structure;
