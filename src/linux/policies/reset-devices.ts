import { baseline } from './baseline.ts';
import type { Policy } from './policy.ts';

export const resetDevices: Policy = {
  ...baseline,
  id: 'reset_devices',
  phase: 'boot',
  does: 'drivers that heed the parameter disable and reset their own device before they use it (hpsa does)',
  promises: 'nothing for a device without a driver',
  source: 'Documentation/admin-guide/kdump/kdump.rst; hpsa_init_reset_devices(), drivers/scsi/hpsa.c',
  status: 'shipped',
  rules: (rules) => ({ ...rules, resetDevices: true }),
};
