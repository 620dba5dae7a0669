import { pciClearMaster } from '../pci-command.ts';
import { baseline } from './baseline.ts';
import type { Policy } from './policy.ts';

export const bootBmeClear: Policy = {
  ...baseline,
  id: 'boot-bme-clear',
  phase: 'boot',
  does: 'an early quirk of the kdump kernel clears BME of every function, leaves first',
  promises:
    'no DMA in the kdump kernel from then on but that of its own drivers; no UR from a function without a driver',
  source: 'lkml 1210.2/00673, kexec list msg07016: with an IOMMU, DMAR faults remained',
  status: 'tried, not merged',
  atBoot: (second) => {
    for (const dev of second.leavesFirst) pciClearMaster(dev);
  },
};

/** early_quirks() of x86 takes a bridge before the bus behind it: arch/x86/kernel/early-quirks.c. */
export const bootBmeClearTopdown: Policy = {
  ...bootBmeClear,
  id: 'boot-bme-clear-topdown',
  does: 'the same in the order of a scan, a bridge before what lies behind it, as early_quirks() goes',
  promises: 'nothing at boot: a bridge is closed before its children are',
  source: 'arch/x86/kernel/early-quirks.c',
  status: 'a variant',
  atBoot: (second) => {
    for (const dev of second.devices) pciClearMaster(dev);
  },
};
