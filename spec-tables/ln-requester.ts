import type { Condition, Structure } from '../src/spec/structure.ts';

/** With one cache line size there is nothing to choose. */
const bothSizes: Condition = {
  fields: [
    { register: 'LNR Capability', field: 'LNR-64 Supported', equals: 1 },
    { register: 'LNR Capability', field: 'LNR-128 Supported', equals: 1 },
  ],
};

/** LN Requester Extended Capability, 8 bytes. PCIe 5.0 §7.9.14. */
export const LnRequester = {
  name: 'LN Requester',
  extendedCapabilityId: 0x001c,
  registers: [
    {
      name: 'LNR Capability',
      offset: 0x04,
      width: 16,
      spec: 'PCIe 5.0 §7.9.14.2',
      fields: [
        { name: 'LNR-64 Supported', bits: [0, 0], attr: 'RO' },
        { name: 'LNR-128 Supported', bits: [1, 1], attr: 'RO' },
        { name: 'Reserved 7:2', bits: [7, 2], attr: 'RsvdP' },
        { name: 'LNR Registration Max', bits: [12, 8], attr: 'RO' },
        { name: 'Reserved', bits: [15, 13], attr: 'RsvdP' },
      ],
    },
    {
      name: 'LNR Control',
      offset: 0x06,
      width: 16,
      spec: 'PCIe 5.0 §7.9.14.3',
      fields: [
        { name: 'LNR Enable', bits: [0, 0], attr: 'RW' },
        { name: 'LNR CLS', bits: [1, 1], attr: 'RW', when: bothSizes },
        { name: 'Reserved 7:2', bits: [7, 2], attr: 'RsvdP' },
        { name: 'LNR Registration Limit', bits: [12, 8], attr: 'RW' },
        { name: 'Reserved', bits: [15, 13], attr: 'RsvdP' },
      ],
    },
  ],
} as const satisfies Structure;
