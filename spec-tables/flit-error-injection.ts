import type { Attribute, Field, Structure } from '../src/spec/structure.ts';

/** Ordered sets that errors can go into, and the states of a link that they can be in, in the order of their bits. */
const targets = [
  'TS0',
  'TS1',
  'TS2',
  'SKP',
  'EIEOS',
  'EIOS',
  'SDS',
  'Polling',
  'Configuration',
  'L0',
  'Non-Equalization Recovery',
  'Recovery.Equalization Phase 0 and 1',
  'Recovery.Equalization Phase 2',
  'Recovery.Equalization Phase 3',
] as const;

/** A field of `width` bits for each of them, from `low` on. */
const forEachTarget = (low: number, width: number, attr: Attribute): readonly Field[] =>
  targets.map((name, i) => ({ name, bits: [low + width * (i + 1) - 1, low + width * i], attr }));

/**
 * Flit Error Injection Extended Capability, 24h bytes. PCIe 6.0 §7.8.13.
 * The revision calls two fields of the first control (how many errors, into which Flits) read-only: a slip, as one sets them.
 */
export const FlitErrorInjection = {
  name: 'Flit Error Injection',
  extendedCapabilityId: 0x0034,
  registers: [
    {
      name: 'Flit Error Injection Capability',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 6.0 §7.8.13.2',
      fields: [{ name: 'Reserved', bits: [31, 0], attr: 'RsvdP' }],
    },
    {
      name: 'Flit Error Injection Control 1',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 6.0 §7.8.13.3',
      fields: [
        { name: 'Flit Error Injection Enable', bits: [0, 0], attr: 'RW' },
        { name: 'Inject on Transmitted Flits', bits: [1, 1], attr: 'RW' },
        { name: 'Inject on Received Flits', bits: [2, 2], attr: 'RW' },
        { name: 'Inject at 2.5 GT/s', bits: [3, 3], attr: 'RW' },
        { name: 'Inject at 5.0 GT/s', bits: [4, 4], attr: 'RW' },
        { name: 'Inject at 8.0 GT/s', bits: [5, 5], attr: 'RW' },
        { name: 'Inject at 16.0 GT/s', bits: [6, 6], attr: 'RW' },
        { name: 'Inject at 32.0 GT/s', bits: [7, 7], attr: 'RW' },
        { name: 'Inject at 64.0 GT/s', bits: [8, 8], attr: 'RW' },
        { name: 'Number of Errors Injected', bits: [20, 16], attr: 'RW' },
        { name: 'Spacing between Injected Errors', bits: [28, 21], attr: 'RW' },
        { name: 'Injection on Flit Type', bits: [31, 29], attr: 'RW' },
      ],
    },
    {
      name: 'Flit Error Injection Control 2',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 6.0 §7.8.13.4',
      fields: [
        { name: 'Consecutive Error Injection', bits: [2, 0], attr: 'RW' },
        { name: 'Type of Error Injection', bits: [4, 3], attr: 'RW' },
        { name: 'Error Offset within Flit', bits: [11, 5], attr: 'RW' },
        { name: 'Error Magnitude', bits: [19, 12], attr: 'RW' },
      ],
    },
    {
      name: 'Flit Error Injection Status',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 6.0 §7.8.13.5',
      fields: [
        { name: 'Flit Error Tx Injection Status', bits: [1, 0], attr: 'RO' },
        { name: 'Flit Error Rx Injection Status', bits: [3, 2], attr: 'RO' },
      ],
    },
    {
      name: 'Ordered Set Error Injection Control 1',
      offset: 0x14,
      width: 32,
      spec: 'PCIe 6.0 §7.8.13.6',
      fields: [
        { name: 'Ordered Set Error Injection Enable', bits: [0, 0], attr: 'RWS' },
        { name: 'Inject on Transmitted Ordered Sets', bits: [1, 1], attr: 'RWS' },
        { name: 'Inject on Received Ordered Sets', bits: [2, 2], attr: 'RWS' },
        { name: 'Number of Errors Injected', bits: [7, 3], attr: 'RWS' },
        { name: 'Spacing between Injected Errors', bits: [15, 8], attr: 'RWS' },
        ...forEachTarget(16, 1, 'RWS'),
        { name: 'Reserved', bits: [31, 30], attr: 'RsvdP' },
      ],
    },
    {
      name: 'Ordered Set Error Injection Control 2',
      offset: 0x18,
      width: 32,
      spec: 'PCIe 6.0 §7.8.13.7',
      fields: [
        { name: 'Error Injection Bytes', bits: [15, 0], attr: 'RWS' },
        { name: 'Lane Number for Error Injection', bits: [31, 16], attr: 'RWS' },
      ],
    },
    {
      name: 'Ordered Set Error Tx Injection Status',
      offset: 0x1c,
      width: 32,
      spec: 'PCIe 6.0 §7.8.13.8',
      fields: [...forEachTarget(0, 2, 'ROS'), { name: 'Reserved', bits: [31, 28], attr: 'RsvdZ' }],
    },
    {
      name: 'Ordered Set Error Rx Injection Status',
      offset: 0x20,
      width: 32,
      spec: 'PCIe 6.0 §7.8.13.9',
      fields: [...forEachTarget(0, 2, 'ROS'), { name: 'Reserved', bits: [31, 28], attr: 'RsvdZ' }],
    },
  ],
} as const satisfies Structure;
