/** What a reset does to one function's registers. PCIe 5.0 §6.6.1, §6.6.2, and the sticky attributes of §7.4. */
import type { Layout } from './layout.ts';

/**
 * `fundamental`: also loses what is sticky, since no aux power is assumed. `hot`: an In-band reset, a secondary bus reset, a link
 * that went down, D3hot to D0 without No_Soft_Reset. `flr`: as `hot`, but for what belongs to the link or to the whole device.
 */
export const resetKinds = ['fundamental', 'hot', 'flr'] as const;
export type ResetKind = (typeof resetKinds)[number];

/**
 * Gives every RW and RW1C bit its reset value; bits that firmware or hardware owns (RO, HwInit) stay as they are.
 * @param bytes the function's space
 */
export function resetBytes(bytes: Uint8Array, layout: Layout, kind: ResetKind): void {
  const { rw, rw1c, sticky, keptByFlr, reset, size } = layout;
  for (let i = 0; i < size; i++) {
    // Sticky bits that software can't write (logs, pointers) are lost in a fundamental reset as well.
    let lost = rw[i]! | rw1c[i]!;
    if (kind === 'fundamental') lost |= sticky[i]!;
    else lost &= ~sticky[i]!;
    if (kind === 'flr') lost &= ~keptByFlr[i]!;
    bytes[i] = (bytes[i]! & ~lost) | (reset[i]! & lost);
  }
}
