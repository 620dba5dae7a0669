import { baseline } from './baseline.ts';
import { bridgesForward, childrenFirst, type Policy, sweepReaches } from './policy.ts';

export const kexec: Policy = {
  ...baseline,
  id: 'kexec',
  does: 'the first kernel leaves by kexec -e: after each .shutdown, BME is cleared on every function up to D3hot',
  promises: 'no UR where every sending function has a known power state and the list runs from leaves to root',
  isSafe: (situation) =>
    bridgesForward(situation) &&
    childrenFirst(situation.kernel) &&
    situation.senders.every((dev) => sweepReaches(situation, dev)),
  source: 'pci_device_shutdown(), 4fc9bbf98fd6',
  status: 'shipped',
  path: 'kexec',
};
