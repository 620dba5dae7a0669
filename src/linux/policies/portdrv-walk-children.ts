import { baseline } from './baseline.ts';
import { bridgesForward, onlyPortDriverCloses, type Policy } from './policy.ts';

export const portdrvWalkChildren: Policy = {
  ...baseline,
  id: 'portdrv-walk-children',
  does: "the port driver's .shutdown first clears BME of every function below its port, the deepest first",
  promises: 'no UR in any order of the list, outside kexec; DMA below such ports stops',
  isSafe: (situation) => baseline.isSafe(situation) || (bridgesForward(situation) && onlyPortDriverCloses(situation)),
  source: 'a suggestion of the model',
  status: 'a variant',
  rules: (rules) => ({ ...rules, portShutdownClearsBelow: true }),
};
