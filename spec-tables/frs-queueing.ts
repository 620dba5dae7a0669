import type { Structure } from '../src/spec/structure.ts';

/** FRS Queueing Extended Capability, 10h bytes. PCIe 5.0 §7.8.9. */
export const FrsQueueing = {
  name: 'FRS Queueing',
  extendedCapabilityId: 0x0021,
  registers: [
    {
      name: 'FRS Queueing Capability',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.8.9.2',
      fields: [
        { name: 'FRS Queue Max Depth', bits: [11, 0], attr: 'HwInit' },
        { name: 'Reserved 15:12', bits: [15, 12], attr: 'RsvdP' },
        { name: 'FRS Interrupt Message Number', bits: [20, 16], attr: 'RO' },
        { name: 'Reserved', bits: [31, 21], attr: 'RsvdP' },
      ],
    },
    // On a root port both bits also clear at DL_Down.
    {
      name: 'FRS Queueing Status',
      offset: 0x08,
      width: 16,
      spec: 'PCIe 5.0 §7.8.9.3',
      fields: [
        { name: 'FRS Message Received', bits: [0, 0], attr: 'RW1C' },
        { name: 'FRS Message Overflow', bits: [1, 1], attr: 'RW1C' },
        { name: 'Reserved', bits: [15, 2], attr: 'RsvdZ' },
      ],
    },
    {
      name: 'FRS Queueing Control',
      offset: 0x0a,
      width: 16,
      spec: 'PCIe 5.0 §7.8.9.4',
      fields: [
        { name: 'FRS Interrupt Enable', bits: [0, 0], attr: 'RW' },
        { name: 'Reserved', bits: [15, 1], attr: 'RsvdP' },
      ],
    },
    // A write to byte 0 takes the oldest message off the queue; no bit is stored.
    {
      name: 'FRS Message Queue',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 5.0 §7.8.9.5',
      fields: [
        { name: 'FRS Message Queue Function ID', bits: [15, 0], attr: 'RO' },
        { name: 'FRS Message Queue Reason', bits: [19, 16], attr: 'RO' },
        { name: 'FRS Message Queue Depth', bits: [31, 20], attr: 'RO' },
      ],
    },
  ],
} as const satisfies Structure;
