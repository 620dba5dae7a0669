/** Bits that are writable in the silicon of `fixtures/silicon` and not in our tables, or the other way round, and why. */
export interface Waiver {
  readonly offset: number;
  readonly bits: readonly [number, number];
  readonly reason: string;
}

/** Structures that have no table: their bits read as the dump has them, read-only. */
export const withoutTable: readonly { readonly from: number; readonly to: number; readonly reason: string }[] = [
  { from: 0x158, to: 0x1b8, reason: 'Secondary PCI Express: no table yet' },
  { from: 0x1b8, to: 0x300, reason: 'vendor-specific: error injection, event counters, debug, RAS' },
  { from: 0x700, to: 0x1000, reason: 'port logic of the vendor, in no capability' },
];

export const waivers: readonly Waiver[] = [
  { offset: 0x80, bits: [5, 5], reason: 'Retrain Link: an action; it reads 0, by PCIe 5.0 §7.5.3.7' },
];
