/** Where a walk over steps stands, in numbers. */
import type { Attempt } from '../senders.ts';

/** The first request that an order has refused. */
export interface OrderFailure {
  /** Index of the write after which it is refused; -1: before any. Where a remedy acts before the shutdown, maybe one of its writes. */
  readonly step: number;
  readonly requester: number;
  /** NONE: the root complex. */
  readonly reporter: number;
  readonly kind: Attempt['kind'];
}

/** Where a walk stands: by function, the classes of its cells, and for a bridge the state of all from the root down to it. */
export interface WalkState {
  readonly own: Int32Array;
  readonly gate: Int32Array;
  readonly path: Int32Array;
  /** What each cell of `context` holds. */
  readonly context: Int32Array;
}

export function copyOf({ own, gate, path, context }: WalkState): WalkState {
  return { own: own.slice(), gate: gate.slice(), path: path.slice(), context: context.slice() };
}
