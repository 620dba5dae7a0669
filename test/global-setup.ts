import { isLong, seedFromEnvironment } from './seed.ts';

/** Runs once: settles the seed for every test file, and says it. */
export default function setup(): void {
  const seed = seedFromEnvironment();
  process.env.ROOTPORT_SEED = `${seed}`;
  console.log(`fast-check seed ${seed} (repeat with ROOTPORT_SEED=${seed})${isLong() ? ', long runs' : ''}`);
}
