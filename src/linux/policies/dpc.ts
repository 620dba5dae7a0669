import { DPC_CONTROL, DPC_CONTROL_DPC_TRIGGER_ENABLE } from '../../spec/constants.ts';
import { baseline } from './baseline.ts';
import type { Policy } from './policy.ts';

/** DPC Trigger Enable: ERR_NONFATAL and ERR_FATAL, and the port's own uncorrectable errors. PCIe 5.0 §7.9.15.3. */
const ON_NON_FATAL = 2;

export const dpc: Policy = {
  ...baseline,
  id: 'dpc',
  phase: 'hardware',
  does: 'DPC Trigger Enable is 10b at every port that has DPC, as firmware sets it',
  promises:
    'a UR still occurs at a port that closes, which then contains it: the link goes down, DMA below stops, no ERR_* goes up',
  source: 'PCIe 5.0 §6.2.10; Linux sets 01b (drivers/pci/pcie/dpc.c)',
  status: 'a variant',
  setUp: (first) => {
    for (const port of first.devices) {
      if (port.dpcCap === 0 || !port.leadsToLink) continue;
      const offset = port.dpcCap + DPC_CONTROL;
      port.write(offset, 2, (port.read(offset, 2) & ~DPC_CONTROL_DPC_TRIGGER_ENABLE) | ON_NON_FATAL);
    }
  },
};
