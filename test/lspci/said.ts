/** What lspci is expected to say of a capability, and the words for it. */
import type { Structure } from '../../src/spec/structure.ts';
import type { Draw } from './draw.ts';

/** A function that capabilities are put into. */
export interface Place {
  readonly headerType: 0 | 1;
  /** Device/Port Type code; -1 without a PCI Express Capability. */
  readonly portType: number;
  readonly vendorId: number;
}

export type Values = Readonly<Record<string, number>>;

/**
 * Words that one group of lines must have: a group is a line with two tabs and the lines with three below it, and begins with the
 * first word. A word with alternatives (releases differ) is a list. `?Flag+` may be missing (older releases don't print it), but
 * must not stand there with the other sign.
 */
export type Said = readonly (string | readonly string[])[];

export interface CapabilityCase {
  readonly structure: Structure;
  /** Bytes that it takes at most. */
  readonly bytes: number;
  /** Version of an extended capability, where it decides what registers there are; any where not given. */
  readonly version?: number;
  /** How lspci names it: what its line begins with. Releases that don't know it print its ID. */
  readonly name: string | ((values: Values, place: Place) => string | readonly string[]);
  readonly on?: (place: Place) => boolean;
  readonly values?: (draw: Draw, place: Place) => Values;
  /** The groups, in their order. */
  readonly says?: (values: Values, place: Place) => readonly Said[];
}

export function hex(value: number, digits = 1): string {
  return value.toString(16).padStart(digits, '0');
}

/** Field of a register, by its highest and lowest bit. */
export function field(value: number | undefined, high: number, low = high): number {
  if (value === undefined) throw new Error('expected a value that was set');
  return Math.floor(value / 2 ** low) % 2 ** (high - low + 1);
}

/** `DLP:4 SDES:5` of a register: `DLP+ SDES-` as lspci writes it. A `?` before the name: see `Said`. */
export function flags(value: number | undefined, names: string): string[] {
  return names.split(' ').map((name) => {
    const [text, bit] = name.split(':');
    return `${text}${field(value, Number(bit)) === 1 ? '+' : '-'}`;
  });
}
