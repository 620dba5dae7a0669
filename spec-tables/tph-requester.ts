import type { Structure } from '../src/spec/structure.ts';

const capability = 'TPH Requester Capability';

/** TPH Requester Extended Capability: 0Ch bytes, and two for each entry where the steering tag table is here. PCIe 5.0 §7.9.13. */
export const TphRequester = {
  name: 'TPH Requester',
  extendedCapabilityId: 0x0017,
  registers: [
    {
      name: 'TPH Requester Capability',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.9.13.2',
      fields: [
        { name: 'No ST Mode Supported', bits: [0, 0], attr: 'RO' },
        { name: 'Interrupt Vector Mode Supported', bits: [1, 1], attr: 'RO' },
        { name: 'Device Specific Mode Supported', bits: [2, 2], attr: 'RO' },
        { name: 'Reserved 7:3', bits: [7, 3], attr: 'RsvdP' },
        { name: 'Extended TPH Requester Supported', bits: [8, 8], attr: 'RO' },
        // 0: no table. 1: here. 2: in the MSI-X table.
        { name: 'ST Table Location', bits: [10, 9], attr: 'RO' },
        { name: 'Reserved 15:11', bits: [15, 11], attr: 'RsvdP' },
        // Entries minus 1.
        { name: 'ST Table Size', bits: [26, 16], attr: 'RO' },
        { name: 'Reserved 31:27', bits: [31, 27], attr: 'RsvdP' },
      ],
    },
    {
      name: 'TPH Requester Control',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.9.13.3',
      fields: [
        // Without either of the other modes there is nothing to choose.
        {
          name: 'ST Mode Select',
          bits: [2, 0],
          attr: 'RW',
          when: {
            anyField: [
              { register: capability, field: 'Interrupt Vector Mode Supported', equals: 1 },
              { register: capability, field: 'Device Specific Mode Supported', equals: 1 },
            ],
          },
        },
        { name: 'Reserved 7:3', bits: [7, 3], attr: 'RsvdP' },
        { name: 'TPH Requester Enable', bits: [9, 8], attr: 'RW' },
        { name: 'Reserved 31:10', bits: [31, 10], attr: 'RsvdP' },
      ],
    },
  ],
  blocks: [
    {
      when: { fields: [{ register: capability, field: 'ST Table Location', equals: 1 }] },
      offset: 0x0c,
      count: { register: capability, field: 'ST Table Size', plus: 1 },
      registers: [
        {
          name: 'TPH ST Table {n}',
          offset: 0x0,
          width: 16,
          spec: 'PCIe 5.0 §7.9.13.4',
          fields: [
            { name: 'ST Lower', bits: [7, 0], attr: 'RW' },
            {
              name: 'ST Upper',
              bits: [15, 8],
              attr: 'RW',
              when: { fields: [{ register: capability, field: 'Extended TPH Requester Supported', equals: 1 }] },
              otherwise: 'RsvdP',
            },
          ],
        },
      ],
    },
  ],
} as const satisfies Structure;
