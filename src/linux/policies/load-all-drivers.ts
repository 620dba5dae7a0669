import { baseline } from './baseline.ts';
import type { Policy } from './policy.ts';

export const loadAllDrivers: Policy = {
  ...baseline,
  id: 'load-all-drivers',
  phase: 'boot',
  does: 'the kdump initramfs holds every driver that the first kernel had bound',
  promises: 'no UR where each of those drivers stops its device or clears its BME',
  source: 'linux-pci, January 2020',
  status: 'rejected: memory',
  secondBinding: (second, first) =>
    second.driver === null && first.driver != null ? { bdf: second.bdf, driver: first.driver } : second,
};
