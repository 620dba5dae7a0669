/** Which function claims an address: BARs, expansion ROM, and the windows of bridges. Reads config bytes only. */
import type { ConfigArena } from '../config/arena.ts';
import type { Bar } from '../config/bars.ts';

import {
  CARDBUS_IO_BASE_0,
  CARDBUS_MEMORY_BASE_0,
  CLASS_CODE,
  COMMAND_IO_SPACE_ENABLE,
  COMMAND_MEMORY_SPACE_ENABLE,
  EA_ENTRY_BAR_EQUIVALENT_INDICATOR,
  IO_BASE,
  IO_BASE_UPPER_16_BITS,
  IO_LIMIT,
  IO_LIMIT_UPPER_16_BITS,
  MEMORY_BASE,
  MEMORY_LIMIT,
  PREFETCHABLE_BASE_UPPER_32_BITS,
  PREFETCHABLE_LIMIT_UPPER_32_BITS,
  PREFETCHABLE_MEMORY_BASE,
  PREFETCHABLE_MEMORY_LIMIT,
  PROGRAMMING_INTERFACE,
  SR_IOV_CONTROL,
  SR_IOV_CONTROL_VF_MSE,
} from '../spec/constants.ts';
import { type EnhancedAllocationEntry, enhancedAllocationAt, enhancedAllocationBase } from './enhanced-allocation.ts';
import { leavesToIsa, takesVga } from './vga-isa.ts';

export type AddressSpace = 'memory' | 'io';

/** Low nibble of the first register of a pair: 1 says that the upper half is there (64-bit prefetchable, 32-bit I/O). */
const HAS_UPPER = 0x1;
const ADDRESSING = 0xf;
const MEBIBYTES_PER_4_GIB = 0x1000;
const CLASS_PCI_BRIDGE = 0x0604;
const SUBTRACTIVE = 0x01;

/** Memory Space or I/O Space Enable; for a VF the VF MSE of its PF. PCIe 5.0 §7.5.1.1.3, §9.3.3.3.4. */
export function spaceIsEnabled(arena: ConfigArena, fn: number, space: AddressSpace): boolean {
  if (arena.layout[fn]!.isVirtual) {
    const virtual = arena.virtualFunctions.get(fn);
    return virtual !== undefined && space === 'memory' && virtualMemoryIsEnabled(arena, virtual.physical);
  }
  const bit = space === 'memory' ? COMMAND_MEMORY_SPACE_ENABLE : COMMAND_IO_SPACE_ENABLE;
  return (arena.command(fn) & bit) !== 0;
}

function virtualMemoryIsEnabled(arena: ConfigArena, physical: number): boolean {
  return (arena.u16(physical, arena.layout[physical]!.sriov + SR_IOV_CONTROL) & SR_IOV_CONTROL_VF_MSE) !== 0;
}

/**
 * The memory BAR, I/O BAR, ROM or Enhanced Allocation entry of `fn` that holds the address, of a VF its share of a VF BAR; undefined
 * where none does or the space is disabled.
 */
export function barAt(
  arena: ConfigArena,
  fn: number,
  space: AddressSpace,
  hi: number,
  lo: number,
): Bar | EnhancedAllocationEntry | undefined {
  if (!spaceIsEnabled(arena, fn, space)) return undefined;
  const { bars, isVirtual, enhancedAllocation } = arena.layout[fn]!;
  if (isVirtual) return virtualBarAt(arena, fn, hi, lo);
  const bar = bars.find((one) => (one.kind === 'io') === (space === 'io') && holds(arena, fn, one, hi, lo));
  if (bar !== undefined || enhancedAllocation === 0) return bar;
  return enhancedAllocationAt(arena, fn, space, hi, lo);
}

function holds(arena: ConfigArena, fn: number, bar: Bar, hi: number, lo: number): boolean {
  const register = arena.u32(fn, bar.offset);
  if (bar.kind === 'rom' && (register & 1) === 0) return false;
  const barHi = bar.kind === 'memory64' ? arena.u32(fn, bar.offset + 4) : 0;
  return isWithin(bar.sizeLog2, barHi, register, hi, lo);
}

/** Whether two addresses are in the same block of 2^sizeLog2 bytes. */
function isWithin(sizeLog2: number, firstHi: number, firstLo: number, hi: number, lo: number): boolean {
  if (sizeLog2 >= 32) return (hi ^ firstHi) >>> (sizeLog2 - 32) === 0;
  return hi === firstHi && (lo ^ firstLo) >>> sizeLog2 === 0;
}

/** VF n has the n-th block of each VF BAR. PCIe 5.0 §9.3.3.14. */
function virtualBarAt(
  arena: ConfigArena,
  fn: number,
  hi: number,
  lo: number,
): Bar | EnhancedAllocationEntry | undefined {
  const virtual = arena.virtualFunctions.get(fn);
  if (virtual === undefined) return undefined;
  const { physical, number } = virtual;
  const share = arena.layout[physical]!.vfBars.find((bar) => {
    const first = arena.u32(physical, bar.offset) & ~0xf;
    const firstHi = bar.kind === 'memory64' ? arena.u32(physical, bar.offset + 4) : 0;
    const sum = (first >>> 0) + (number - 1) * 2 ** bar.sizeLog2;
    return isWithin(bar.sizeLog2, firstHi + Math.floor(sum / 2 ** 32), sum % 2 ** 32, hi, lo);
  });
  return share ?? enhancedAllocationAt(arena, physical, 'memory', hi, lo, number);
}

/**
 * Which BAR an address lies in, and how far in.
 * @param decoder what `barAt` gave
 * @returns BAR index (6 = ROM, 7 to 12 = VF BARs; an Enhanced Allocation entry by its BAR Equivalent Indicator) and offset in bytes
 */
export function barOffset(
  arena: ConfigArena,
  fn: number,
  decoder: Bar | EnhancedAllocationEntry,
  address: bigint,
): { readonly bar: number; readonly offset: number } {
  if ('entry' in decoder) {
    const { physical, number } = arena.virtualFunctions.get(fn) ?? { physical: fn, number: 0 };
    const equivalent = (arena.u32(physical, decoder.offset) & EA_ENTRY_BAR_EQUIVALENT_INDICATOR) >> 4;
    return {
      bar: equivalentBar[equivalent] ?? equivalent,
      offset: Number(address - enhancedAllocationBase(arena, physical, decoder, number)),
    };
  }
  return { bar: decoder.index, offset: Number(address & ((1n << BigInt(decoder.sizeLog2)) - 1n)) };
}

/** 8 is the expansion ROM, 9 to 14 are the VF BARs. PCIe 5.0 table 7-70. */
const equivalentBar: Readonly<Record<number, number>> = { 8: 6, 9: 7, 10: 8, 11: 9, 12: 10, 13: 11, 14: 12 };

export type WindowName = 'memory' | 'prefetchable' | 'io' | 'CardBus memory' | 'CardBus I/O' | 'VGA';

/**
 * The window of the bridge that holds the address, by its registers alone, whatever Command says.
 * All-zero registers are a window of the first MiB (or the first 4 KiB of I/O), as they are in hardware. PCIe 5.0 §7.5.1.3.6–§7.5.1.3.11.
 * VGA's addresses are one more window where Bridge Control enables it, and ISA's are left out of the I/O window.
 */
export function windowAt(
  arena: ConfigArena,
  fn: number,
  space: AddressSpace,
  hi: number,
  lo: number,
): WindowName | undefined {
  if (takesVga(arena, fn, space, hi, lo)) return 'VGA';
  if (space === 'io' && leavesToIsa(arena, fn, lo)) return undefined;
  if (arena.layout[fn]!.headerType === 2) return cardBusWindowAt(arena, fn, space, hi, lo);
  if (space === 'io') return ioWindowHolds(arena, fn, lo) ? 'io' : undefined;
  const mebibyte = hi * MEBIBYTES_PER_4_GIB + (lo >>> 20);
  if (mebibyte >= arena.u16(fn, MEMORY_BASE) >> 4 && mebibyte <= arena.u16(fn, MEMORY_LIMIT) >> 4) return 'memory';
  const base = arena.u16(fn, PREFETCHABLE_MEMORY_BASE);
  let first = base >> 4;
  let last = arena.u16(fn, PREFETCHABLE_MEMORY_LIMIT) >> 4;
  if ((base & ADDRESSING) === HAS_UPPER) {
    first += arena.u32(fn, PREFETCHABLE_BASE_UPPER_32_BITS) * MEBIBYTES_PER_4_GIB;
    last += arena.u32(fn, PREFETCHABLE_LIMIT_UPPER_32_BITS) * MEBIBYTES_PER_4_GIB;
  }
  return mebibyte >= first && mebibyte <= last ? 'prefetchable' : undefined;
}

function ioWindowHolds(arena: ConfigArena, fn: number, address: number): boolean {
  const base = arena.u8(fn, IO_BASE);
  let first = (base & 0xf0) << 8;
  let last = ((arena.u8(fn, IO_LIMIT) & 0xf0) << 8) | 0xfff;
  if ((base & ADDRESSING) === HAS_UPPER) {
    first += arena.u16(fn, IO_BASE_UPPER_16_BITS) * 0x10000;
    last += arena.u16(fn, IO_LIMIT_UPPER_16_BITS) * 0x10000;
  }
  return address >= first && address <= last;
}

/** A bridge that takes what nobody else on its primary bus claims: class 060401h. PCI-to-PCI Bridge 1.2 §3.2.5.3. */
export function decodesSubtractively(arena: ConfigArena, fn: number): boolean {
  return arena.u16(fn, CLASS_CODE) === CLASS_PCI_BRIDGE && arena.u8(fn, PROGRAMMING_INTERFACE) === SUBTRACTIVE;
}

/** Two memory windows at 1Ch in 4 KiB pages, two I/O windows at 2Ch in DWORDs. PC Card Standard, volume 7 (CardBus bridge header). */
function cardBusWindowAt(
  arena: ConfigArena,
  fn: number,
  space: AddressSpace,
  hi: number,
  lo: number,
): WindowName | undefined {
  if (hi !== 0) return undefined;
  const [start, unit] = space === 'memory' ? [CARDBUS_MEMORY_BASE_0, 0x1000] : [CARDBUS_IO_BASE_0, 4];
  for (const offset of [start, start + 8]) {
    const first = arena.u32(fn, offset) & ~(unit - 1);
    const last = arena.u32(fn, offset + 4) | (unit - 1);
    if (lo >= first >>> 0 && lo <= last >>> 0) return space === 'memory' ? 'CardBus memory' : 'CardBus I/O';
  }
  return undefined;
}
