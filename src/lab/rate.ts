/**
 * A device that writes at random: a Poisson process. The machine hangs when a write falls into the window between the port's
 * Bus Master Enable falling and the platform's reset. With rate r and window T, P = 1 - exp(-r T).
 */
import type { Random } from './random.ts';

/** @param meanWrites mean number of writes in one window, r T */
export function hangProbability(meanWrites: number): number {
  return 1 - Math.exp(-meanWrites);
}

/** Inverse of `hangProbability`. @param probability in [0, 1) */
export function meanWritesFor(probability: number): number {
  return -Math.log(1 - probability);
}

/** Time to the first write, as a share of the window; exponential. */
export function firstWrite(meanWrites: number, random: Random): number {
  return -Math.log(1 - random.next()) / meanWrites;
}
