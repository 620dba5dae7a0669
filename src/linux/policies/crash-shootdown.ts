import { pciClearMaster } from '../pci-command.ts';
import { baseline } from './baseline.ts';
import type { Policy } from './policy.ts';

export const crashShootdown: Policy = {
  ...baseline,
  id: 'crash-shootdown',
  phase: 'crash',
  does: 'machine_crash_shutdown() clears BME of every function, leaves first, before the jump',
  promises: 'no DMA in the kdump kernel but that of its own drivers; no UR from a function without a driver',
  source: 'kexec list, July 2010 (ia64); Xen c24c3e21e3c9; linux-pci, January 2020',
  status: 'rejected repeatedly: nothing is added after a panic',
  atCrash: (first) => {
    for (const dev of first.leavesFirst) pciClearMaster(dev);
  },
};
