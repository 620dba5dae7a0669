/** The ports that a TLP passes and the sides of them, from the hops that the router told. */
import type { ConfigArena } from '../config/arena.ts';
import { HOST } from './exact-router.ts';
import type { Hop } from './hop.ts';
import { leadsToLink, NONE, type Topology } from './topology.ts';

type Side = 'primary' | 'secondary';

export interface Crossing {
  readonly fn: number;
  /** The side that it came in by. For a Type 0 function: primary. */
  readonly ingress: Side;
  /** The side that it left by; undefined where it ended. */
  readonly egress: Side | undefined;
  /** It came over a link, not over the bus inside a switch or the root complex: the function is a receiver. */
  readonly isReceiver: boolean;
}

/**
 * Sender left out; the function where it ended is the last, unless that is the root complex.
 * @param hops as `ExactRouter` told them
 * @param at where it ended, of its route
 */
export function passage(
  arena: ConfigArena,
  topology: Topology,
  hops: readonly Hop[],
  from: number,
  at: number,
): Crossing[] {
  const crossings: Crossing[] = [];
  let isUp = from !== HOST;
  const add = (fn: number, egress: Side | undefined) => {
    const ingress: Side = isUp && fn !== from ? 'secondary' : 'primary';
    const parent = topology.parent[fn]!;
    const isReceiver = ingress === 'secondary' ? leadsToLink(arena, fn) : parent !== NONE && leadsToLink(arena, parent);
    crossings.push({ fn, ingress, egress, isReceiver });
  };
  for (const { fn, action } of hops) {
    if (fn === NONE) continue;
    if (action === 'peer to peer') isUp = false;
    if (fn === from) {
      // A bridge that sends down what it made itself.
      if (action === 'forward down') isUp = false;
      continue;
    }
    if (action === 'forward up') add(fn, 'primary');
    if (action === 'forward down') {
      add(fn, 'secondary');
      isUp = false;
    }
  }
  if (at !== NONE && at !== from && crossings.at(-1)?.fn !== at) {
    // Straight from below to the port that ends it, or down to a function.
    isUp &&= isAncestor(topology, at, from);
    add(at, undefined);
  }
  return crossings;
}

function isAncestor(topology: Topology, ancestor: number, fn: number): boolean {
  for (let at = fn; at !== NONE; at = topology.parent[at]!) if (at === ancestor) return true;
  return false;
}
