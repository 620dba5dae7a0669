/** Bits that are writable in the silicon of `fixtures/silicon` and not in our tables, or the other way round, and why. */
import type { Waiver } from './access.ts';

/** Structures that have no table: their bits read as the dump has them, read-only. */
export const withoutTable: readonly { readonly from: number; readonly to: number; readonly reason: string }[] = [
  { from: 0x1b8, to: 0x300, reason: 'vendor-specific: error injection, event counters, debug, RAS' },
  { from: 0x700, to: 0x1000, reason: 'port logic of the vendor, in no capability' },
];

export const waivers: readonly Waiver[] = [
  { offset: 0x80, bits: [5, 5], reason: 'Retrain Link: an action; it reads 0, by PCIe 5.0 §7.5.3.7' },
];

/** Writable by the tables and not there: what the port lacks, where its capability bits don't say so or are of later revisions. */
export const missingThere: readonly Waiver[] = [
  { offset: 0x3c, bits: [20, 19], reason: 'VGA: it does not forward it' },
  { offset: 0x58, bits: [31, 31], reason: 'the enable of its one Enhanced Allocation entry: fixed' },
  { offset: 0x80, bits: [9, 9], reason: 'Hardware Autonomous Width Disable: may be hardwired, PCIe 5.0 §7.5.3.7' },
  { offset: 0x88, bits: [13, 13], reason: 'Auto Slot Power Limit Disable: of a later revision' },
  { offset: 0x98, bits: [9, 8], reason: 'IDO: it has none' },
  { offset: 0xb0, bits: [31, 30], reason: 'MSI-X: no vectors, so nothing to enable or mask' },
  { offset: 0x104, bits: [21, 21], reason: 'ACS Violation: it does not report it' },
  {
    offset: 0x104,
    bits: [31, 23],
    reason: 'errors of features that it lacks; AtomicOp Egress Blocked has a mask and a severity all the same',
  },
  { offset: 0x108, bits: [21, 21], reason: 'as the status' },
  { offset: 0x108, bits: [23, 23], reason: 'as the status' },
  { offset: 0x108, bits: [31, 25], reason: 'as the status' },
  { offset: 0x10c, bits: [23, 21], reason: 'as the status; the severity of internal errors is fixed' },
  { offset: 0x10c, bits: [31, 25], reason: 'as the status' },
  { offset: 0x15c, bits: [1, 0], reason: 'equalization at the request of software: it has none' },
  { offset: 0x160, bits: [31, 8], reason: 'Lane Error Status: it has eight lanes' },
];
