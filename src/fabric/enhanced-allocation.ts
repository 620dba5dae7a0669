/** Enhanced Allocation: fixed address ranges of a function, in place of BARs. PCIe 5.0 §7.8.5. */
import type { ConfigArena } from '../config/arena.ts';
import {
  EA_CAPABILITY,
  EA_CAPABILITY_NUM_ENTRIES,
  EA_ENTRY_BASE,
  EA_ENTRY_BASE_BASE_SIZE,
  EA_ENTRY_ENABLE,
  EA_ENTRY_ENTRY_SIZE,
  EA_ENTRY_MAXOFFSET,
  EA_ENTRY_MAXOFFSET_MAXOFFSET_SIZE,
} from '../spec/constants.ts';

export interface EnhancedAllocationEntry {
  /** Number of the entry within its capability. */
  readonly entry: number;
  /** Offset of its first DWORD in the function's space. */
  readonly offset: number;
}

/** What a range is for: Primary or Secondary Properties. PCIe 5.0 §7.8.5.3, table 7-71. */
type Use = 'memory' | 'io' | 'vf';
const uses: readonly (Use | undefined)[] = ['memory', 'memory', 'io', 'vf', 'vf'];

/** Secondary Properties count where software is not to know the primary ones: 08h to FCh. FDh to FFh: not available. */
function useOf(primary: number, secondary: number): Use | undefined {
  return uses[primary > LAST_KNOWN_USE && primary < FIRST_UNAVAILABLE ? secondary : primary];
}

const LAST_KNOWN_USE = 7;
const FIRST_UNAVAILABLE = 0xfd;
const TYPE_1_FIRST_ENTRY = 8;
const FIRST_ENTRY = 4;
/** Entry Size counts the DWORDs behind the first; Base and MaxOffset take two to four of them. */
const SMALLEST_ENTRY = 2;

/**
 * The enabled entry of `fn` that holds the address; of a PF, for its VF of that number, the VF's share.
 * @param virtual number of the VF; 0 for the function itself
 */
export function enhancedAllocationAt(
  arena: ConfigArena,
  fn: number,
  use: 'memory' | 'io',
  hi: number,
  lo: number,
  virtual = 0,
): EnhancedAllocationEntry | undefined {
  if (arena.layout[fn]!.enhancedAllocation === 0) return undefined;
  const address = join(hi, lo);
  for (const { entry, offset, first, last } of enhancedAllocationRanges(arena, fn, use, virtual))
    if (address >= first && address <= last) return { entry, offset };
  return undefined;
}

/** The enabled entries of `fn` and the addresses that they have, first to last; parameters as above. */
export function* enhancedAllocationRanges(
  arena: ConfigArena,
  fn: number,
  use: 'memory' | 'io',
  virtual = 0,
): Generator<EnhancedAllocationEntry & { readonly first: bigint; readonly last: bigint }> {
  const { enhancedAllocation, headerType, size } = arena.layout[fn]!;
  const count = arena.u16(fn, enhancedAllocation + EA_CAPABILITY) & EA_CAPABILITY_NUM_ENTRIES;
  let offset = enhancedAllocation + (headerType === 1 ? TYPE_1_FIRST_ENTRY : FIRST_ENTRY);
  for (let entry = 0; entry < count; entry++) {
    if (offset + 4 > size) return;
    const header = arena.u32(fn, offset);
    const dwords = header & EA_ENTRY_ENTRY_SIZE;
    if (offset + 4 + 4 * dwords > size) return;
    const is = useOf((header >>> 8) & 0xff, (header >>> 16) & 0xff);
    if ((header & EA_ENTRY_ENABLE) !== 0 && dwords >= SMALLEST_ENTRY && is === (virtual === 0 ? use : 'vf'))
      yield { entry, offset, ...rangeOf(arena, fn, offset, virtual) };
    offset += 4 + 4 * dwords;
  }
}

/** First address of an entry's range. @param virtual number of the VF whose share it is; 0 for the function itself */
export function enhancedAllocationBase(
  arena: ConfigArena,
  fn: number,
  { offset }: EnhancedAllocationEntry,
  virtual = 0,
): bigint {
  return rangeOf(arena, fn, offset, virtual).first;
}

/** As BigInt: no request of a hot path comes here, and a range may lie anywhere in 64 bits. */
function rangeOf(arena: ConfigArena, fn: number, offset: number, virtual: number): { first: bigint; last: bigint } {
  const baseLo = arena.u32(fn, offset + EA_ENTRY_BASE);
  const maxLo = arena.u32(fn, offset + EA_ENTRY_MAXOFFSET);
  let next = offset + EA_ENTRY_MAXOFFSET + 4;
  let baseHi = 0;
  let maxHi = 0;
  if ((baseLo & EA_ENTRY_BASE_BASE_SIZE) !== 0) {
    baseHi = arena.u32(fn, next);
    next += 4;
  }
  if ((maxLo & EA_ENTRY_MAXOFFSET_MAXOFFSET_SIZE) !== 0) maxHi = arena.u32(fn, next);
  // The lowest two bits of an offset are ones.
  const maxOffset = join(maxHi, maxLo | 3);
  const first = join(baseHi, baseLo & ~3) + BigInt(Math.max(virtual - 1, 0)) * (maxOffset + 1n);
  return { first, last: first + maxOffset };
}

function join(hi: number, lo: number): bigint {
  return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
}
