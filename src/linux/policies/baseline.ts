import { kernelRules } from '../kernel-rules.ts';
import { parseKernelVersion } from '../kernel-version.ts';
import {
  bridgesAreKept,
  bridgesForward,
  childrenFirst,
  driversStopAll,
  type Policy,
  type Situation,
  sweepReaches,
} from './policy.ts';

function isSafe(situation: Situation): boolean {
  const { kernel, path, senders } = situation;
  if (!bridgesForward(situation)) return false;
  if (path === 'kexec') return childrenFirst(kernel) && senders.every((dev) => sweepReaches(situation, dev));
  return bridgesAreKept(situation) || driversStopAll(situation);
}

const promises =
  'nothing where the port driver disables its port; no UR where ports keep a Bus Master Enable that is set';

export const baseline: Policy = {
  id: 'baseline',
  phase: 'shutdown',
  does: 'what the given release does',
  promises,
  isSafe,
  source: 'drivers/pci/pci-driver.c, drivers/pci/pcie/portdrv.c',
  status: 'shipped',
};

function ofRelease(id: string, release: string, does: string): Policy {
  return {
    ...baseline,
    id,
    does,
    isRelease: true,
    rules: () => kernelRules(parseKernelVersion(release)),
  };
}

export const baselines: readonly Policy[] = [
  baseline,
  ofRelease('baseline-4.3..4.17', '4.17', 'pcieport has no .shutdown; probes move devices to the list tail'),
  ofRelease('baseline-4.18..6.2', '6.2', 'the port driver removes its services and disables the port: BME falls'),
  ofRelease('baseline-6.3+', '6.12', 'the port driver removes its services and leaves the port enabled'),
  ofRelease('baseline-7.x', '7.3', 'as 6.3+, and every function is known to be in D0 from enumeration on'),
];
