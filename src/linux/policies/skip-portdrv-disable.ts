import { baseline } from './baseline.ts';
import type { Policy } from './policy.ts';

export const skipPortdrvDisable: Policy = {
  ...baseline,
  id: 'skip-portdrv-disable',
  does: "the port driver's .shutdown removes services and leaves the port enabled",
  promises: 'no UR outside kexec; DMA goes on until the platform resets',
  source: '62b6dee1b44a',
  status: 'merged, 6.3',
  rules: (rules) => ({
    ...rules,
    portShutdown: rules.portShutdown === 'remove' ? 'services-only' : rules.portShutdown,
  }),
};
