/** What software can do with a bit: by a layout's masks, and by sources that say so of hardware. */
import type { Masks } from '../../src/spec/fold.ts';

export type Access = 'RW' | 'RW1C' | 'other';

/** Bits that differ from the tables, and why. */
export interface Waiver {
  readonly offset: number;
  /** [high, low], counted from the byte at `offset`. */
  readonly bits: readonly [number, number];
  readonly reason: string;
}

/** @param bit counted from the byte at `offset` */
export function accessOf({ rw, rw1c }: Pick<Masks, 'rw' | 'rw1c'>, offset: number, bit: number): Access {
  const isSet = (mask: Uint8Array) => ((mask[offset + (bit >> 3)]! >> (bit & 7)) & 1) === 1;
  return isSet(rw1c) ? 'RW1C' : isSet(rw) ? 'RW' : 'other';
}

export function waiverOf(waivers: readonly Waiver[], offset: number, bit: number): Waiver | undefined {
  return waivers.find(({ offset: at, bits: [high, low] }) => at === offset && bit <= high && bit >= low);
}
