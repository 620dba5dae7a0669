/**
 * The first look at a chunk: which of its TLPs are plain memory requests that reach host memory, and so need nothing more. Without a
 * branch for what a TLP is: in mixed traffic half of them would be guessed wrong.
 */
import { CHUNK, Control, type Tables } from '../decode-cache/tables.ts';

/** Big-endian first word: all but the formats of MRd and MWr, TH, EP, AT. What it leaves out has no say in where the TLP goes. */
const NOT_PLAIN = 0x9f014c00 | 0;
/** Bit of the first word that says 4DW, shifted into the sign. */
const FOUR_DW_TO_SIGN = 2;
/** Upper address bits that would make the number of a MiB negative. */
const BEYOND = 0xfff80000 | 0;

/**
 * Writes the slots of all others into `tables.slow`, in order.
 * @param first slot; slots do not wrap here
 * @param count at most CHUNK
 * @param found how many are in the list already
 * @returns how many there are
 */
export function classify(tables: Tables, first: number, count: number, found = 0): number {
  const { control } = tables;
  return look(
    tables.headers,
    tables.senderState,
    tables.slow,
    first,
    Math.min(count, CHUNK),
    found,
    control[Control.lowFirst]!,
    control[Control.lowLast]!,
    control[Control.highFirst]!,
    control[Control.highLast]!,
  );
}

function look(
  headers: DataView,
  senderState: Uint8Array,
  slow: Int32Array,
  first: number,
  count: number,
  before: number,
  lowFirst: number,
  lowLast: number,
  highFirst: number,
  highLast: number,
): number {
  let found = before;
  const end = first + count;
  for (let slot = first; slot < end; slot++) {
    const at = slot << 4;
    const word0 = headers.getInt32(at);
    const word1 = headers.getInt32(at + 4);
    const word2 = headers.getInt32(at + 8);
    const word3 = headers.getInt32(at + 12);
    const is64 = (word0 << FOUR_DW_TO_SIGN) >> 31;
    const lo = word2 ^ ((word2 ^ word3) & is64);
    const hi = word2 & is64;
    const mebibyte = (hi << 12) | (lo >>> 20);
    const notLow = (mebibyte - lowFirst) | (lowLast - mebibyte);
    const notHigh = (mebibyte - highFirst) | (highLast - mebibyte);
    const needs = oddBits(word0, word1, hi, lo) | senderState[word1 >>> 16]! | ((notLow & notHigh) >> 31);
    slow[found] = slot;
    found += (needs | (0 - needs)) >>> 31;
  }
  return found;
}

/** A memory request that nobody on its way would look at twice, but for who sends it and where it goes. */
export function isPlainRequest(word0: number, word1: number, hi: number, lo: number): boolean {
  return oddBits(word0, word1, hi, lo) === 0;
}

/** What of a header is not plain; 0 for a memory request that is. Inlined where it is called (measured). */
function oddBits(word0: number, word1: number, hi: number, lo: number): number {
  // Length counts from 1, and 0 is 1,024: then both byte enables must be whole, or someone has to look at them.
  const beyondFirst = (word0 - 1) & 0x3ff;
  const whole = ((0 - beyondFirst) >> 31) & 0xff;
  return (
    (word0 & NOT_PLAIN) |
    (hi & BEYOND) |
    ((word1 ^ whole) & (whole | 0xf0)) |
    (((lo & 0xffc) + (beyondFirst << 2)) & 0x1000)
  );
}
