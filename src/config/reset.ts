/** What a reset does to one function's registers. PCIe 5.0 §6.6.1 and the sticky attributes of §7.4. */
import type { ConfigArena } from './arena.ts';

/** A fundamental reset without aux power also loses what is sticky; a hot reset, a link down and an FLR keep it. */
export type ResetKind = 'fundamental' | 'hot';

/** Gives every RW and RW1C bit its reset value; bits that firmware or hardware owns (RO, HwInit) stay as they are. */
export function resetFunction(arena: ConfigArena, fn: number, kind: ResetKind): void {
  const { rw, rw1c, sticky, reset, size } = arena.layout[fn]!;
  const bytes = arena.space(fn);
  for (let i = 0; i < size; i++) {
    // Sticky bits that software can't write (logs, pointers) are lost in a fundamental reset as well.
    const lost = kind === 'hot' ? (rw[i]! | rw1c[i]!) & ~sticky[i]! : rw[i]! | rw1c[i]! | sticky[i]!;
    bytes[i] = (bytes[i]! & ~lost) | (reset[i]! & lost);
  }
}
