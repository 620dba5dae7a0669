import type { Condition, Structure } from '../src/spec/structure.ts';

const is = (field: string, equals: number): Condition => ({ fields: [{ register: 'PTM Capability', field, equals }] });

/** Precision Time Measurement Extended Capability, 0Ch bytes. PCIe 5.0 §7.9.16. */
export const PrecisionTimeMeasurement = {
  name: 'Precision Time Measurement',
  extendedCapabilityId: 0x001f,
  registers: [
    {
      name: 'PTM Capability',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.9.16.2',
      fields: [
        { name: 'PTM Requester Capable', bits: [0, 0], attr: 'HwInit' },
        { name: 'PTM Responder Capable', bits: [1, 1], attr: 'HwInit' },
        { name: 'PTM Root Capable', bits: [2, 2], attr: 'HwInit' },
        { name: 'ePTM Capable', bits: [3, 3], attr: 'HwInit' },
        { name: 'PTM Propagation Delay Adaptation Capable', bits: [4, 4], attr: 'HwInit' },
        { name: 'Reserved 7:5', bits: [7, 5], attr: 'RsvdP' },
        {
          name: 'Local Clock Granularity',
          bits: [15, 8],
          attr: 'HwInit',
          when: is('PTM Root Capable', 1),
          otherwise: 'RsvdP',
        },
        { name: 'Reserved', bits: [31, 16], attr: 'RsvdP' },
      ],
    },
    {
      name: 'PTM Control',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.9.16.3',
      fields: [
        { name: 'PTM Enable', bits: [0, 0], attr: 'RW' },
        { name: 'Root Select', bits: [1, 1], attr: 'RW', when: is('PTM Root Capable', 1) },
        { name: 'Reserved 7:2', bits: [7, 2], attr: 'RsvdP' },
        { name: 'Effective Granularity', bits: [15, 8], attr: 'RW', when: is('PTM Requester Capable', 1) },
        { name: 'Reserved', bits: [31, 16], attr: 'RsvdP' },
      ],
    },
  ],
} as const satisfies Structure;
