/** The sizes that Resizable BAR and VF Resizable BAR Capabilities give their BARs. PCIe 5.0 §7.8.6, §9.3.7. */
import {
  EXTENDED_CAPABILITY_ID_RESIZABLE_BAR,
  EXTENDED_CAPABILITY_ID_VF_RESIZABLE_BAR,
  RESIZABLE_BAR_CAPABILITY_0,
  RESIZABLE_BAR_CONTROL_0,
  RESIZABLE_BAR_CONTROL_0_BAR_INDEX,
  RESIZABLE_BAR_CONTROL_0_BAR_SIZE,
  RESIZABLE_BAR_CONTROL_0_NUMBER_OF_RESIZABLE_BARS,
} from '../spec/constants.ts';
import { FIRST_VF_BAR } from './bars.ts';
import type { CapabilityEntry } from './capabilities.ts';
import { u32At } from './little-endian.ts';

const BYTES_PER_BAR = 8;
/** BAR Size 0 is 1 MiB. */
const SMALLEST_LOG2 = 20;
const MAX_BARS = 6;

/**
 * log2 of the size of each resizable BAR, by BAR index (7 to 12 for VF BARs).
 * @param bytes one function's space
 */
export function resizableBarSizes(bytes: Uint8Array, entries: readonly CapabilityEntry[]): (number | undefined)[] {
  const sizes: (number | undefined)[] = [];
  for (const { offset, id, extended } of entries) {
    if (!extended || (id !== EXTENDED_CAPABILITY_ID_RESIZABLE_BAR && id !== EXTENDED_CAPABILITY_ID_VF_RESIZABLE_BAR))
      continue;
    const first = offset + RESIZABLE_BAR_CONTROL_0;
    const count = (u32At(bytes, first) & RESIZABLE_BAR_CONTROL_0_NUMBER_OF_RESIZABLE_BARS) >> 5;
    for (let i = 0; i < Math.min(count, MAX_BARS); i++) {
      const at = first + BYTES_PER_BAR * i;
      if (at + 4 > bytes.length) break;
      const control = u32At(bytes, at);
      const index = control & RESIZABLE_BAR_CONTROL_0_BAR_INDEX;
      const log2 = SMALLEST_LOG2 + ((control & RESIZABLE_BAR_CONTROL_0_BAR_SIZE) >> 8);
      if (index < MAX_BARS) sizes[id === EXTENDED_CAPABILITY_ID_VF_RESIZABLE_BAR ? FIRST_VF_BAR + index : index] = log2;
    }
  }
  return sizes;
}

/**
 * Whether a Control register's BAR Size is one of those that the two registers list: bits 31:4 of the Capability register for sizes
 * 0 to 27, bits 31:16 of the Control register for 28 to 43.
 * @param capability of the same BAR
 */
export function isSupportedBarSize(capability: number, control: number): boolean {
  const size = (control & RESIZABLE_BAR_CONTROL_0_BAR_SIZE) >> 8;
  if (size <= 27) return ((capability >>> (size + 4)) & 1) === 1;
  return size <= 43 && ((control >>> (size - 28 + 16)) & 1) === 1;
}

/** Bytes from a Control register back to the Capability register of the same BAR. */
export const CONTROL_TO_CAPABILITY = RESIZABLE_BAR_CONTROL_0 - RESIZABLE_BAR_CAPABILITY_0;
