import { PCI_D3HOT } from '../pci-dev.ts';
import { readPowerState } from '../power.ts';
import {
  bridgesAreKept,
  bridgesForward,
  childrenFirst,
  driversStopAll,
  type Policy,
  type Situation,
  sweepReaches,
} from './policy.ts';

/** (kexec in progress or this is a kdump kernel) and current_state at most D3hot. */
const clearMasterRule: Policy['clearMasterRule'] = (kernel, dev) =>
  (kernel.kexecInProgress || kernel.isKdumpKernel) && dev.currentState <= PCI_D3HOT;

function isSafe(situation: Situation): boolean {
  const { kernel, path, senders } = situation;
  if (!bridgesForward(situation)) return false;
  if (path === 'reboot' || path === 'poweroff') return bridgesAreKept(situation) || driversStopAll(situation);
  return childrenFirst(kernel) && senders.every((dev) => sweepReaches(situation, dev));
}

export const rfcKdumpBme: Policy = {
  id: 'rfc-kdump-bme',
  phase: 'shutdown',
  does: "the kexec sweep also in a kdump kernel, with every function's power state read from PMCSR at its boot",
  promises: 'no UR where every sending function has a PM capability or a driver and the list runs from leaves to root',
  isSafe,
  source: 'RFC of 2019-12-26, linux-pci',
  status: 'never merged',
  clearMasterRule,
  afterBoot: (second) => {
    if (second.isKdumpKernel) for (const dev of second.devices) readPowerState(dev);
  },
};

export const rfcKdumpBmeNostate: Policy = {
  id: 'rfc-kdump-bme-nostate',
  phase: 'shutdown',
  does: "the kexec sweep also in a kdump kernel, without reading power states: PCI_UNKNOWN stays the guard's trap",
  promises: 'nothing for functions that no driver enabled, up to 6.15',
  isSafe,
  source: 'the RFC without its second half',
  status: 'a variant',
  clearMasterRule,
};
