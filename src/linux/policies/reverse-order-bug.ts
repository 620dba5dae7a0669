import { baseline } from './baseline.ts';
import type { Policy } from './policy.ts';

export const reverseOrderBug: Policy = {
  ...baseline,
  id: 'reverse-order-bug',
  does: 'probes have moved every bridge behind its children in devices_kset, so that it is shut down before them',
  promises: 'nothing where bridges are closed: every remedy that counts on the order fails with it',
  source: '52cdbdd49853 (4.3); lkml 1806.3/00487; removed by 722e5f2b1eec (4.18)',
  status: 'historic, 4.3 to 4.17',
  rules: (rules) => ({ ...rules, devicesKset: 'bridges-last' }),
};
