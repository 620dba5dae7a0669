import type { Structure } from '../src/spec/structure.ts';

/** Root Complex Link Declaration Extended Capability: 10h bytes, and 10h for each link entry. PCIe 5.0 §7.9.8. */
export const RootComplexLinkDeclaration = {
  name: 'Root Complex Link Declaration',
  extendedCapabilityId: 0x0005,
  registers: [
    {
      name: 'Element Self Description',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.9.8.2',
      fields: [
        { name: 'Element Type', bits: [3, 0], attr: 'RO' },
        { name: 'Reserved', bits: [7, 4], attr: 'RsvdP' },
        { name: 'Number of Link Entries', bits: [15, 8], attr: 'HwInit' },
        { name: 'Component ID', bits: [23, 16], attr: 'HwInit' },
        { name: 'Port Number', bits: [31, 24], attr: 'HwInit' },
      ],
    },
  ],
  blocks: [
    {
      offset: 0x10,
      count: { register: 'Element Self Description', field: 'Number of Link Entries' },
      stride: 0x10,
      registers: [
        {
          name: 'Link Description {n}',
          offset: 0x0,
          width: 32,
          spec: 'PCIe 5.0 §7.9.8.3.1',
          fields: [
            { name: 'Link Valid', bits: [0, 0], attr: 'HwInit' },
            { name: 'Link Type', bits: [1, 1], attr: 'HwInit' },
            { name: 'Associate RCRB Header', bits: [2, 2], attr: 'HwInit' },
            { name: 'Reserved', bits: [15, 3], attr: 'RsvdP' },
            { name: 'Target Component ID', bits: [23, 16], attr: 'HwInit' },
            { name: 'Target Port Number', bits: [31, 24], attr: 'HwInit' },
          ],
        },
        // Of an RCRB: a memory address of 4 KiB. Of config space (Link Type 1): bus bits 2:0, function 14:12, device 19:15, bus
        // from 20, then the base of the ECAM range.
        {
          name: 'Link Address Lower {n}',
          offset: 0x8,
          width: 32,
          spec: 'PCIe 5.0 §7.9.8.3.2',
          fields: [{ name: 'Link Address 31:0', bits: [31, 0], attr: 'HwInit' }],
        },
        {
          name: 'Link Address Upper {n}',
          offset: 0xc,
          width: 32,
          spec: 'PCIe 5.0 §7.9.8.3.2',
          fields: [{ name: 'Link Address 63:32', bits: [31, 0], attr: 'HwInit' }],
        },
      ],
    },
  ],
} as const satisfies Structure;
