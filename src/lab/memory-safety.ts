/** What functions that no driver of the kdump kernel has can still do to memory while it runs. */
import type { StrayDma } from './shutdown-run.ts';

/**
 * `safe`: none of their writes gets to memory from the jump on. `safe after boot`: none once drivers have probed. `at risk`: they go
 * on; that they have only the first kernel's addresses, or an IOMMU, is what keeps the kdump kernel's memory whole.
 */
export type MemorySafety = 'safe' | 'safe after boot' | 'at risk';

export function memorySafety({ atJump, afterBoot }: StrayDma): MemorySafety {
  if (afterBoot.length > 0) return 'at risk';
  return atJump.length > 0 ? 'safe after boot' : 'safe';
}
