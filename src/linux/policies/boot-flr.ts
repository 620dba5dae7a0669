import { hasFlr, resetFunction } from '../device-reset.ts';
import { baseline } from './baseline.ts';
import type { Policy } from './policy.ts';

export const bootFlr: Policy = {
  ...baseline,
  id: 'boot-flr',
  phase: 'boot',
  does: 'Function Level Reset of every function that can; registers come back, BME does not',
  promises: 'no DMA in the kdump kernel from functions that have FLR, but of its own drivers; the others go on',
  source: 'a variant of boot-hot-reset',
  status: 'a variant',
  atBoot: (second) => {
    for (const dev of second.devices) if (!dev.isBridge && hasFlr(dev)) resetFunction(second, dev);
  },
};
