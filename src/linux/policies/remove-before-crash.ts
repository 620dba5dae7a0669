import { pciClearMaster } from '../pci-command.ts';
import { baseline } from './baseline.ts';
import type { Policy } from './policy.ts';

export const removeBeforeCrash: Policy = {
  ...baseline,
  id: 'remove-before-crash',
  phase: 'user',
  does: 'each function that the kdump kernel has no driver for is removed through sysfs: its driver lets go of it',
  promises: 'no UR where each of those functions had a driver',
  source: 'linux-pci, 2020-01-03, first control experiment',
  status: 'a workaround',
  beforeCrash: (first, leftOut) => {
    for (const dev of first.devices) {
      if (dev.driver === null || dev.isBridge || !leftOut.has(dev.name)) continue;
      first.hooks.onDmaStopped?.(dev);
      pciClearMaster(dev);
      dev.driver = null;
      dev.enableCnt = 0;
    }
  },
  // It is found again, without a driver, and as it was left.
  secondBinding: (second, first) =>
    second.driver === null && first.driver != null ? { bdf: second.bdf, driver: null } : second,
};
