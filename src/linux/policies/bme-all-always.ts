import { bridgesForward, childrenFirst, type Policy } from './policy.ts';

export const bmeAllAlways: Policy = {
  id: 'bme-all-always',
  phase: 'shutdown',
  does: 'after each .shutdown, BME is cleared on every function, on any path and in any power state',
  promises: 'no UR where the list runs from leaves to root; DMA stops',
  isSafe: (situation) => bridgesForward(situation) && childrenFirst(situation.kernel),
  source: 'b566a22c2327, narrowed to kexec by 4fc9bbf98fd6',
  status: 'reverted: it broke machines',
  clearMasterRule: () => true,
};
