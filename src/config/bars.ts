/** Base Address Registers and the expansion ROM: where they are, what they decode, and the masks that sizing sees. PCIe 5.0 §7.5.1.2.1. */
import {
  BASE_ADDRESS_REGISTER_0,
  BRIDGE_EXPANSION_ROM_BASE_ADDRESS,
  EXPANSION_ROM_BASE_ADDRESS,
  HEADER_TYPE,
  HEADER_TYPE_HEADER_LAYOUT,
} from '../spec/constants.ts';
import { u32At } from './little-endian.ts';

/** Index of the expansion ROM among a function's BARs. */
export const ROM_BAR = 6;

export type BarKind = 'io' | 'memory32' | 'memory64' | 'rom';

export interface Bar {
  /** 0 to 5, or ROM_BAR. */
  readonly index: number;
  readonly offset: number;
  readonly kind: BarKind;
  readonly prefetchable: boolean;
  /** log2 of the size in bytes. */
  readonly sizeLog2: number;
}

const IO_SPACE = 0x1;
const MEMORY_TYPE = 0x6;
const MEMORY_TYPE_64 = 0x4;
const PREFETCHABLE = 0x8;
/** ROM: bits 10:1 are reserved or validation status, bit 0 the enable. */
const ROM_ADDRESS_LOW = 11;

const smallest: Record<BarKind, number> = { io: 2, memory32: 4, memory64: 4, rom: ROM_ADDRESS_LOW };

/** A BAR as its register shows it, before its size is known. */
export interface BarRegister extends Omit<Bar, 'sizeLog2'> {
  readonly addressHi: number;
  readonly addressLo: number;
}

/**
 * The BARs whose registers are not all zero, and those that are said to be there. A register at 0 is otherwise taken as not
 * implemented: bytes alone can't tell it from one that nobody assigned.
 * @param isThere whether a BAR of that index is known to be there
 */
export function barRegisters(bytes: Uint8Array, isThere: (index: number) => boolean = () => false): BarRegister[] {
  const type = bytes[HEADER_TYPE]! & HEADER_TYPE_HEADER_LAYOUT;
  const count = type === 0 ? 6 : type === 1 ? 2 : 0;
  const result: BarRegister[] = [];
  for (let index = 0; index < count; index++) {
    const offset = BASE_ADDRESS_REGISTER_0 + 4 * index;
    const value = u32At(bytes, offset);
    const is64 = (value & IO_SPACE) === 0 && (value & MEMORY_TYPE) === MEMORY_TYPE_64 && index + 1 < count;
    const addressHi = is64 ? u32At(bytes, offset + 4) : 0;
    if (value !== 0 || addressHi !== 0 || isThere(index)) {
      const kind = (value & IO_SPACE) !== 0 ? 'io' : is64 ? 'memory64' : 'memory32';
      const addressLo = (value & (kind === 'io' ? ~0x3 : ~0xf)) >>> 0;
      const prefetchable = kind !== 'io' && (value & PREFETCHABLE) !== 0;
      result.push({ index, offset, kind, prefetchable, addressHi, addressLo });
    }
    if (is64) index++;
  }
  if (type === 0 || type === 1) {
    const offset = type === 0 ? EXPANSION_ROM_BASE_ADDRESS : BRIDGE_EXPANSION_ROM_BASE_ADDRESS;
    const value = u32At(bytes, offset);
    const addressLo = ((value >>> ROM_ADDRESS_LOW) << ROM_ADDRESS_LOW) >>> 0;
    if (addressLo !== 0 || isThere(ROM_BAR))
      result.push({ index: ROM_BAR, offset, kind: 'rom', prefetchable: false, addressHi: 0, addressLo });
  }
  return result;
}

/** Index of VF BAR 0 among a function's BARs; five more follow. */
export const FIRST_VF_BAR = 7;
const VF_BARS = 6;

/**
 * The VF BARs of an SR-IOV Capability, for their masks: no address decode of the function itself.
 * @param offset of VF BAR 0 in the function's space
 * @param pageLog2 log2 of the System Page Size, of which a VF BAR is a multiple. PCIe 5.0 §9.3.3.14
 * @param stated log2 of sizes by BAR index, from FIRST_VF_BAR on; else the alignment of the address is taken
 */
export function vfBars(
  bytes: Uint8Array,
  offset: number,
  pageLog2: number,
  stated: readonly (number | undefined)[] = [],
): Bar[] {
  const result: Bar[] = [];
  for (let i = 0; i < VF_BARS; i++) {
    const value = u32At(bytes, offset + 4 * i);
    const is64 = (value & MEMORY_TYPE) === MEMORY_TYPE_64;
    const size = stated[FIRST_VF_BAR + i];
    if (value !== 0 || size !== undefined) {
      const address = (value & ~0xf) >>> 0;
      const aligned = address === 0 ? pageLog2 : 31 - Math.clz32(address & -address);
      result.push({
        index: FIRST_VF_BAR + i,
        offset: offset + 4 * i,
        kind: is64 ? 'memory64' : 'memory32',
        prefetchable: (value & PREFETCHABLE) !== 0,
        sizeLog2: Math.max(size ?? aligned, pageLog2),
      });
    }
    if (is64) i++;
  }
  return result;
}

/**
 * Adds the masks of sized BARs: address bits at and above the size are RW, the type bits below RO, a ROM's enable RW.
 * @param rw byte mask of the function's space
 */
export function addBarMasks(bars: readonly Bar[], rw: Uint8Array): void {
  for (const { offset, kind, sizeLog2 } of bars) {
    const bytes = kind === 'memory64' ? 8 : 4;
    const log2 = Math.max(sizeLog2, smallest[kind]);
    for (let bit = log2; bit < bytes * 8; bit++) rw[offset + (bit >> 3)]! |= 1 << (bit & 7);
    if (kind === 'rom') rw[offset]! |= 1;
  }
}

/** log2 of the smallest size that a BAR of this kind can have. */
export function smallestBarLog2(kind: BarKind): number {
  return smallest[kind];
}
