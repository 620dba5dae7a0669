/** Pinned, so that a run can be repeated; `ROOTPORT_SEED=random` or a number takes another. */
const PINNED = 20200103;

export function isLong(): boolean {
  return process.env.ROOTPORT_LONG === '1';
}

/** @throws Error when ROOTPORT_SEED is neither a 32-bit integer nor "random" */
export function seedFromEnvironment(): number {
  const given = process.env.ROOTPORT_SEED ?? `${PINNED}`;
  if (given === 'random') return Math.floor(Math.random() * 2 ** 31);
  const seed = Number(given);
  if (given === '' || (seed | 0) !== seed)
    throw new Error(`ROOTPORT_SEED: expected a 32-bit integer or "random", got "${given}"`);
  return seed;
}
