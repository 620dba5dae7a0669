/** Every schedule of what is on its way in a timed fabric: depth first, each state once. */
import type { TimedCheckpoint, TimedFabric } from './timed-fabric.ts';
import type { TimedTlp } from './timed-tlp.ts';

export interface ExploreOptions {
  /** Told of each state in which nothing can move, with the names of the TLPs that moved, in order. */
  readonly end?: (timed: TimedFabric, schedule: readonly string[]) => void;
  /** Told of each hop: the queues before it, and the TLP that leaves one of them. */
  readonly hop?: (before: readonly (readonly TimedTlp[])[], tlp: TimedTlp) => void;
  /** What tells two states apart beside registers, queues and what became of each TLP. */
  readonly key?: (timed: TimedFabric) => string;
  /** States; 100,000 where not given. */
  readonly most?: number;
}

export interface Exploration {
  readonly states: number;
  /** Those in which nothing can move. */
  readonly ends: number;
  /** Schedules after which TLPs wait and none can ever move. */
  readonly deadlocks: readonly (readonly string[])[];
}

/**
 * Tries every order of hops from here, ticks left aside, and puts the fabric back to where it was.
 * @throws RangeError when there are more states than `most`
 */
export function explore(timed: TimedFabric, options: ExploreOptions = {}): Exploration {
  const { most = 100_000 } = options;
  const start = timed.checkpoint();
  const seen = new Set<string>();
  const deadlocks: (readonly string[])[] = [];
  const schedule: string[] = [];
  const told = timed.onDelivery;
  timed.onDelivery = undefined;
  let ends = 0;

  const visit = () => {
    const key = stateOf(timed, start) + (options.key?.(timed) ?? '');
    if (seen.has(key)) return;
    seen.add(key);
    if (seen.size > most) throw new RangeError(`explore: expected at most ${most} states, got more`);
    const moves = timed.moves();
    if (moves.length === 0) {
      ends++;
      if (!timed.isIdle) deadlocks.push([...schedule]);
      options.end?.(timed, schedule);
      return;
    }
    const here = timed.checkpoint();
    for (const move of moves) {
      options.hop?.(timed.waiting, move.tlp);
      schedule.push(move.tlp.name);
      timed.move(move);
      visit();
      schedule.pop();
      timed.restore(here);
    }
  };
  try {
    visit();
  } finally {
    timed.restore(start);
    timed.onDelivery = told;
  }
  return { states: seen.size, ends, deadlocks };
}

/** Registers that differ from those at the start, queues, and outcomes; times do not count. */
function stateOf(timed: TimedFabric, start: TimedCheckpoint): string {
  const { bytes, linkLost, capturedBus } = timed.fabric.arena;
  const was = start.fabric;
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== was.bytes[i]) parts.push(`${i}:${bytes[i]}`);
  parts.push(linkLost.join(''), capturedBus.join('.'));
  parts.push(JSON.stringify([...timed.fabric.signaling.headerLogs.checkpoint()]));
  for (const queue of timed.waiting.map((one) => one.map(placeOf).join(' ')).sort()) parts.push(queue);
  parts.push(...timed.deliveries.map(({ tlp, outcome, at }) => `${tlp.name} ${outcome} ${at}`).sort());
  return parts.join('\n');
}

function placeOf({ name, position, ingress }: TimedTlp): string {
  const { at, isUp, redirected } = position;
  return `${name}@${at}${isUp ? 'up' : 'down'}${redirected ? ', redirected' : ''}${ingress ?? ''}`;
}
