import type { PciDev } from '../pci-dev.ts';
import { bridgesForward, childrenFirst, kexecOnly, type Policy, sweepReaches } from './policy.ts';

export const liveUpdatePreserve: Policy = {
  id: 'live-update-preserve',
  phase: 'shutdown',
  does: 'kexec -e, where the functions of --preserve are left running and, with the bridges above, keep BME; all others are swept',
  promises:
    'no UR from a preserved function and no DMA from any other, where states are known and the list runs from leaves to root',
  isSafe: (situation) =>
    bridgesForward(situation) &&
    childrenFirst(situation.kernel) &&
    situation.senders.every((dev) => situation.kernel.preserved.has(dev) || sweepReaches(situation, dev)),
  source: 'kexec list, May 2026 (v5, 036396)',
  status: 'pending',
  path: 'kexec',
  preserves: true,
  clearMasterRule: (kernel, dev) => kexecOnly(kernel, dev) && !kernel.preserved.has(dev),
};

/** The functions and every bridge above them: one without Bus Master Enable would refuse what they send. */
export function withBridgesAbove(functions: Iterable<PciDev>): Set<PciDev> {
  const all = new Set<PciDev>();
  for (const dev of functions) for (let at: PciDev | undefined = dev; at !== undefined; at = at.bridge) all.add(at);
  return all;
}
