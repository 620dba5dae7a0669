import { LINK_CONTROL, LINK_CONTROL_LINK_DISABLE } from '../../spec/constants.ts';
import { behind } from '../device-reset.ts';
import { baseline } from './baseline.ts';
import type { Policy } from './policy.ts';

export const linkDisable: Policy = {
  ...baseline,
  id: 'link-disable',
  phase: 'boot',
  does: 'once drivers have probed, Link Disable at every root and downstream port that has no driver in use below it',
  promises: 'no DMA and no UR from what lies below such a port; requests to it fail from then on',
  source: 'a variant of the model',
  status: 'a variant',
  whenProbed: (kernel) => {
    for (const port of kernel.devices) {
      const below = behind(port);
      if (!port.leadsToLink || below.length === 0 || below.some((dev) => !dev.isBridge && dev.driver !== null))
        continue;
      const offset = port.pcieCap + LINK_CONTROL;
      port.write(offset, 2, port.read(offset, 2) | LINK_CONTROL_LINK_DISABLE);
      for (const dev of below) kernel.hooks.onDmaStopped?.(dev);
    }
  },
};
