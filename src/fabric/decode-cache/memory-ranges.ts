/**
 * What `address-decode.ts` finds out for one address, for all addresses at once: the memory that a function claims, as ranges of
 * 4 KiB pages. A page number is a double: 2^52 of them.
 */
import type { ConfigArena } from '../../config/arena.ts';
import type { Bar } from '../../config/bars.ts';
import * as C from '../../spec/constants.ts';
import { enhancedAllocationRanges } from '../enhanced-allocation.ts';

/** Pages `first` to `last`. */
export interface PageRange {
  readonly first: number;
  readonly last: number;
  /** It claims only a part of its pages, or nobody has worked out which. */
  readonly isPartial: boolean;
}

const PAGE_LOG2 = 12;
const PAGES_PER_4_GIB = 2 ** 20;
const PAGES_PER_MEBIBYTE = 2 ** 8;
const MEBIBYTES_PER_4_GIB = 2 ** 12;
const ALL_PAGES = 2 ** 52;

/** BARs, ROM and Enhanced Allocation entries that are enabled; of a VF its shares. Memory Space Enable is not looked at. */
export function barRanges(arena: ConfigArena, fn: number): PageRange[] {
  const { bars, isVirtual, enhancedAllocation } = arena.layout[fn]!;
  const virtual = isVirtual ? arena.virtualFunctions.get(fn) : undefined;
  if (isVirtual && virtual === undefined) return [];
  const owner = virtual?.physical ?? fn;
  const number = virtual?.number ?? 1;
  const ranges: PageRange[] = [];
  for (const bar of virtual === undefined ? bars : arena.layout[owner]!.vfBars) {
    if (bar.kind === 'io') continue;
    const register = arena.u32(owner, bar.offset);
    if (bar.kind === 'rom' && (register & 1) === 0) continue;
    ranges.push(blockOf(bar, bar.kind === 'memory64' ? arena.u32(owner, bar.offset + 4) : 0, register, number));
  }
  const hasEntries = virtual === undefined ? enhancedAllocation !== 0 : arena.layout[owner]!.enhancedAllocation !== 0;
  if (hasEntries)
    for (const { first, last } of enhancedAllocationRanges(arena, owner, 'memory', virtual?.number ?? 0))
      ranges.push({ first: Number(first >> 12n), last: Number(last >> 12n), isPartial: true });
  return ranges;
}

/** The `number`-th block of 2^sizeLog2 bytes, counted from that which holds the register's address. */
function blockOf({ sizeLog2 }: Bar, hi: number, lo: number, number: number): PageRange {
  const page =
    hi * PAGES_PER_4_GIB +
    Math.floor(((lo & ~0xf) >>> 0) / 2 ** PAGE_LOG2 + (number - 1) * 2 ** (sizeLog2 - PAGE_LOG2));
  if (sizeLog2 < PAGE_LOG2) return { first: page, last: page, isPartial: true };
  const pages = 2 ** (sizeLog2 - PAGE_LOG2);
  const first = Math.floor(page / pages) * pages;
  // Beyond 64 bits an address begins again at 0: nothing that a sane machine has.
  if (first + pages > ALL_PAGES) return { first: 0, last: ALL_PAGES - 1, isPartial: true };
  return { first, last: first + pages - 1, isPartial: false };
}

/** The memory windows of a bridge that are not empty, whatever Command says. PCIe 5.0 §7.5.1.3.8–§7.5.1.3.11. */
export function windowRanges(arena: ConfigArena, fn: number): PageRange[] {
  if (arena.layout[fn]!.headerType === 2) return cardBusRanges(arena, fn);
  const prefetchable = arena.u16(fn, C.PREFETCHABLE_MEMORY_BASE);
  const hasUpper = (prefetchable & C.PREFETCHABLE_MEMORY_BASE_PREFETCHABLE_BASE_ADDRESSING) === 1;
  const upper = (offset: number) => (hasUpper ? arena.u32(fn, offset) * MEBIBYTES_PER_4_GIB : 0);
  return [
    mebibytes(arena.u16(fn, C.MEMORY_BASE) >> 4, arena.u16(fn, C.MEMORY_LIMIT) >> 4),
    mebibytes(
      upper(C.PREFETCHABLE_BASE_UPPER_32_BITS) + (prefetchable >> 4),
      upper(C.PREFETCHABLE_LIMIT_UPPER_32_BITS) + (arena.u16(fn, C.PREFETCHABLE_MEMORY_LIMIT) >> 4),
    ),
  ].filter(({ first, last }) => first <= last);
}

function mebibytes(first: number, last: number): PageRange {
  return { first: first * PAGES_PER_MEBIBYTE, last: (last + 1) * PAGES_PER_MEBIBYTE - 1, isPartial: false };
}

/** PC Card Standard, volume 7. */
function cardBusRanges(arena: ConfigArena, fn: number): PageRange[] {
  return [C.CARDBUS_MEMORY_BASE_0, C.CARDBUS_MEMORY_BASE_0 + 8]
    .map((offset) => ({
      first: arena.u32(fn, offset) >>> PAGE_LOG2,
      last: arena.u32(fn, offset + 4) >>> PAGE_LOG2,
      isPartial: true,
    }))
    .filter(({ first, last }) => first <= last);
}
