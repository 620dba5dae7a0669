import fc from 'fast-check';
import { isLong, seedFromEnvironment } from './seed.ts';

fc.configureGlobal({ seed: seedFromEnvironment(), numRuns: isLong() ? 5000 : 200 });
