import type { Condition, Structure } from '../src/spec/structure.ts';

/** The index and data pair is behind the capability itself instead of behind an I/O BAR. */
const inline: Condition = { fields: [{ register: 'SATA Capability 1', field: 'BAR Location', equals: 0xf }] };

/** SATA Capability of an AHCI controller, 8 bytes, or 16 with the index and data pair. Serial ATA AHCI 1.3.1 §2.5. */
export const SataCapability = {
  name: 'SATA',
  capabilityId: 0x12,
  versionField: { register: 'SATA Capability 0', field: 'Major Revision' },
  registers: [
    {
      name: 'SATA Capability 0',
      offset: 0x02,
      width: 16,
      spec: 'AHCI 1.3.1 §2.5.1',
      fields: [
        { name: 'Minor Revision', bits: [3, 0], attr: 'RO' },
        { name: 'Major Revision', bits: [7, 4], attr: 'RO', reset: 1 },
        { name: 'Reserved', bits: [15, 8], attr: 'RsvdP' },
      ],
    },
    {
      name: 'SATA Capability 1',
      offset: 0x04,
      width: 32,
      spec: 'AHCI 1.3.1 §2.5.2',
      fields: [
        { name: 'BAR Location', bits: [3, 0], attr: 'RO' },
        { name: 'BAR Offset', bits: [23, 4], attr: 'RO' },
        { name: 'Reserved', bits: [31, 24], attr: 'RsvdP' },
      ],
    },
    {
      name: 'SATA Index',
      offset: 0x08,
      width: 32,
      spec: 'AHCI 1.3.1 §2.5.2',
      when: inline,
      fields: [
        { name: 'Reserved', bits: [1, 0], attr: 'RsvdP' },
        { name: 'Index', bits: [31, 2], attr: 'RW' },
      ],
    },
    {
      name: 'SATA Data',
      offset: 0x0c,
      width: 32,
      spec: 'AHCI 1.3.1 §2.5.2',
      when: inline,
      fields: [{ name: 'Data', bits: [31, 0], attr: 'RW' }],
    },
  ],
} as const satisfies Structure;
