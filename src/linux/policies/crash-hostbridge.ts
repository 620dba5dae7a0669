import { baseline } from './baseline.ts';
import type { Policy } from './policy.ts';

export const crashHostbridge: Policy = {
  ...baseline,
  id: 'crash-hostbridge',
  phase: 'crash',
  does: "one write to the host bridge's own register, none of PCI's: the root complex takes no request from below",
  promises:
    'no DMA reaches memory, not even that of the drivers that dump, until somebody lifts it; the root complex refuses it',
  // What the root complex refuses is no function's Unsupported Request, and it refuses everything.
  isSafe: (situation) => (situation.path !== 'crash' || situation.senders.length === 0) && baseline.isSafe(situation),
  source: 'lkml, November 2020 (crash_device_shutdown(), 2011.1/08782 and its thread)',
  status: 'proposed, not merged',
  atCrash: (first) => first.blockInbound(),
};
