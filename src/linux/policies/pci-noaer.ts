import { baseline } from './baseline.ts';
import type { Policy } from './policy.ts';

export const pciNoaer: Policy = {
  ...baseline,
  id: 'pci=noaer',
  phase: 'boot',
  does: 'no AER and no DPC service; ports keep the others, and the port driver still disables them',
  promises: "nothing about UR: it takes the kernel's reporting away and leaves firmware's",
  source: 'pci_aer_available(), drivers/pci/pcie/aer.c',
  status: 'shipped',
  rules: (rules) => ({ ...rules, aerAvailable: false }),
};
