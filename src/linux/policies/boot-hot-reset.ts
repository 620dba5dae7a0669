import { portTypes } from '../../../spec-tables/port-types.ts';
import { behind, resetSecondaryBus } from '../device-reset.ts';
import { PCI_CLASS_DISPLAY_VGA, type PciDev } from '../pci-dev.ts';
import { baseline } from './baseline.ts';
import type { Policy } from './policy.ts';

export const bootHotReset: Policy = {
  ...baseline,
  id: 'boot-hot-reset',
  phase: 'boot',
  does: 'Secondary Bus Reset at every root and downstream port above a device, but for those above a VGA; registers come back, BME does not',
  promises:
    'no DMA in the kdump kernel but of its drivers and of what is on a root bus or beside a VGA; no UR from what was reset',
  source: 'lkml 1306.1/02987, 1307.3/00061',
  status: 'rejected: too destructive',
  atBoot: (second) => {
    for (const dev of second.devices) if (isToBeReset(dev)) resetSecondaryBus(second, dev);
  },
};

/** The port right above a device: one above a switch leaves it to the ports of that. */
function isToBeReset(dev: PciDev): boolean {
  return (
    dev.leadsToLink &&
    dev.subordinate.length > 0 &&
    dev.subordinate.every((child) => child.pcieType !== portTypes['Switch Upstream Port']) &&
    behind(dev).every((child) => child.pciClass !== PCI_CLASS_DISPLAY_VGA)
  );
}
