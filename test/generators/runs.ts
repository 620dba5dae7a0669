import { vi } from 'vitest';
import { isLong } from '../seed.ts';

if (isLong()) vi.setConfig({ testTimeout: 300_000 });

/** How often a property runs: `usual` in the suite, many more under ROOTPORT_LONG. */
export function runs(usual: number): { numRuns: number } {
  return { numRuns: isLong() ? usual * 20 : usual };
}

/** Milliseconds that a property may take that makes machines by the dozen. */
export const PATIENCE = isLong() ? 900_000 : 60_000;
