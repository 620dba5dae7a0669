import * as C from '../../spec/constants.ts';
import type { PciDev } from '../pci-dev.ts';
import { baseline } from './baseline.ts';
import type { Policy } from './policy.ts';

export const maskUr: Policy = {
  ...baseline,
  id: 'mask-ur',
  phase: 'boot',
  does: 'once drivers have probed, every port masks UR in AER; one without AER loses SERR# and its UR reporting',
  promises: 'no error message for a UR at a port; the UR itself occurs, and Device Status shows it',
  source: 'a variant; tg3 does the Device Control part on some Dells (6.12)',
  status: 'a variant',
  whenProbed: (kernel) => {
    for (const dev of kernel.devices) if (dev.isPciePort && dev.isBridge) silence(dev);
  },
};

function silence(port: PciDev): void {
  if (port.aerCap !== 0) {
    const mask = port.aerCap + C.UNCORRECTABLE_ERROR_MASK;
    port.write(mask, 4, (port.read(mask, 4) | C.UNCORRECTABLE_ERROR_MASK_UNSUPPORTED_REQUEST_ERROR) >>> 0);
    return;
  }
  const control = port.pcieCap + C.DEVICE_CONTROL;
  port.write(control, 2, port.read(control, 2) & ~C.DEVICE_CONTROL_UNSUPPORTED_REQUEST_REPORTING_ENABLE);
  port.write(C.COMMAND, 2, port.read(C.COMMAND, 2) & ~C.COMMAND_SERR_ENABLE);
}
