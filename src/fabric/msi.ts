/** What an MSI Capability's registers say, wherever its two bits put them. PCIe 5.0 §7.7.1. */
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';

export interface MsiState {
  /** Vectors that software has allocated: 1 to 32. */
  readonly vectors: number;
  readonly addressHi: number;
  /** Bits 1:0 are 0. */
  readonly addressLo: number;
  /** Message Data, with Extended Message Data in bits 31:16 where it is enabled. */
  readonly data: number;
  /** Offsets of Mask Bits and Pending Bits in the function's space; 0 without per-vector masking. */
  readonly maskBits: number;
  readonly pendingBits: number;
}

/** Undefined for a function without MSI, or with MSI off. */
export function enabledMsi(arena: ConfigArena, fn: number): MsiState | undefined {
  const { msi } = arena.layout[fn]!;
  if (msi === 0) return undefined;
  const control = arena.u16(fn, msi + C.MSI_MESSAGE_CONTROL);
  if ((control & C.MSI_MESSAGE_CONTROL_MSI_ENABLE) === 0) return undefined;
  const is64 = (control & C.MSI_MESSAGE_CONTROL_64_BIT_ADDRESS_CAPABLE) !== 0;
  const maskable = (control & C.MSI_MESSAGE_CONTROL_PER_VECTOR_MASKING_CAPABLE) !== 0;
  const extended = (control & C.MSI_MESSAGE_CONTROL_EXTENDED_MESSAGE_DATA_ENABLE) !== 0;
  const dataAt = msi + (is64 ? C.MSI_MESSAGE_DATA_64 : C.MSI_MESSAGE_DATA_32);
  return {
    vectors: 2 ** Math.min((control & C.MSI_MESSAGE_CONTROL_MULTIPLE_MESSAGE_ENABLE) >> 4, 5),
    addressHi: is64 ? arena.u32(fn, msi + C.MSI_MESSAGE_UPPER_ADDRESS) : 0,
    addressLo: (arena.u32(fn, msi + C.MSI_MESSAGE_ADDRESS) & ~3) >>> 0,
    data: extended ? arena.u16(fn, dataAt) + arena.u16(fn, dataAt + 2) * 0x10000 : arena.u16(fn, dataAt),
    maskBits: maskable ? msi + (is64 ? C.MSI_MASK_BITS_64 : C.MSI_MASK_BITS_32) : 0,
    pendingBits: maskable ? msi + (is64 ? C.MSI_PENDING_BITS_64 : C.MSI_PENDING_BITS_32) : 0,
  };
}
