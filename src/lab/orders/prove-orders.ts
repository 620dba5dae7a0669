/**
 * All orders at once. What becomes of one function's requests depends on a few steps only: those that change its own registers, or what
 * bridges above it let through. So a search goes over what these steps can have done, in whatever order, and not over orders; every
 * order of all functions, as far as this function's requests can tell, is one of these.
 */
import type { OrderSet } from './order-kinds.ts';
import type { OrderModel, StateWalk } from './order-model.ts';
import type { OrderFailure, WalkState } from './walk-state.ts';

export interface Proof {
  readonly safe: boolean;
  /** Number of orders that it speaks of. */
  readonly orders: bigint;
  /**
   * Where not safe: the fewest functions that have a request refused when only they shut down, in this order; of several, with the
   * fewest configuration writes up to there. None of them: it is refused before anything is written.
   */
  readonly counterexample: readonly number[] | undefined;
}

/** More states than memory is for. */
export class TooManyStates extends Error {}
const MOST_STATES = 2 ** 21;

interface Failing {
  readonly order: readonly number[];
  readonly failure: OrderFailure;
  /** Configuration writes up to the one that it fails after. */
  readonly writes: number;
}

interface Visited {
  readonly state: WalkState;
  readonly order: readonly number[];
  /** Which of the concerned functions have shut down, as bits. */
  readonly done: bigint;
  readonly writes: number;
}

/**
 * @throws TooManyStates when the steps that concern one function lead to too many
 * @throws NotDecomposable as the model does
 */
export function proveOrders(model: OrderModel, set: OrderSet = 'any'): Proof {
  const orders = countOrders(model, set);
  if (model.startFailure !== undefined) return { safe: false, orders, counterexample: [] };
  const worst = model.search((walk) => {
    let best: Failing | undefined;
    for (let fn = 0; fn < model.count; fn++) best = shortest(model, walk, fn, set, best);
    return best;
  });
  return { safe: worst === undefined, orders, counterexample: worst?.order };
}

/** All permutations; or those that keep every function before the bridges above it: n! over the product of all subtrees' sizes. */
export function countOrders(model: OrderModel, set: OrderSet): bigint {
  const here = new Set(model.order);
  let orders = 1n;
  for (let i = 2n; i <= BigInt(here.size); i++) orders *= i;
  if (set === 'async')
    for (const fn of here) orders /= BigInt(model.behind(fn).reduce((size, one) => size + (here.has(one) ? 1 : 0), 0));
  return orders;
}

/**
 * Goes over the sets of functions that can have shut down, the small ones first, of those that have a say in the requester's requests.
 * The others are left out, and so is what becomes of other requests: they have searches of their own.
 */
function shortest(
  model: OrderModel,
  walk: StateWalk,
  requester: number,
  set: OrderSet,
  known: Failing | undefined,
): Failing | undefined {
  const concerned = model.concerned(requester);
  const before = concerned.map((fn) => (set === 'async' ? bitsOf(model.behind(fn), fn, concerned) : 0n));
  let best = known;
  let layer: Visited[] = [{ state: walk.start, order: [], done: 0n, writes: 0 }];
  for (let length = 1; length <= concerned.length && length <= (best?.order.length ?? length); length++) {
    const next = new Map<string, Visited>();
    for (const { state, order, done, writes } of layer)
      for (let i = 0; i < concerned.length; i++) {
        if ((done & bit(i)) !== 0n || (before[i]! & ~done) !== 0n) continue;
        const step = walk.step(state, concerned[i]!, requester);
        const longer = [...order, concerned[i]!];
        if (step.failure !== undefined) {
          const failing = { order: longer, failure: step.failure, writes: writes + step.failure.step };
          if (best === undefined || isShorter(failing, best)) best = failing;
          continue;
        }
        const visited = { state: step.state, order: longer, done: done | bit(i), writes: writes + step.writes };
        const key = keyOf(model, visited);
        const other = next.get(key);
        if (other === undefined || visited.writes < other.writes) next.set(key, visited);
        if (next.size > MOST_STATES) throw new TooManyStates(`expected at most ${MOST_STATES} states, got more`);
      }
    layer = [...next.values()];
  }
  return best;
}

function isShorter(a: Failing, b: Failing): boolean {
  return a.order.length < b.order.length || (a.order.length === b.order.length && a.writes < b.writes);
}

/** Without context, what has been done says all of a state; with it, the order has a say too. */
function keyOf(model: OrderModel, { done, state }: Visited): string {
  return model.hasContext ? [done, state.context, state.own, state.gate].join(';') : `${done}`;
}

/** Those of the concerned functions that are behind one, as bits. */
function bitsOf(behind: Int32Array, fn: number, concerned: readonly number[]): bigint {
  return concerned.reduce((bits, one, i) => (one !== fn && behind.includes(one) ? bits | bit(i) : bits), 0n);
}

function bit(i: number): bigint {
  return 1n << BigInt(i);
}
