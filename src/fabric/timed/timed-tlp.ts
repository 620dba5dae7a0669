/** A TLP in a timed fabric, in one of its queues or at the end of its way. Never changed: a hop makes another one. */
import type { ErrorMessageName } from '../../../spec-tables/message-codes.ts';
import type { TlpHeader } from '../../tlp/header.ts';
import type { Delivery } from '../delivery.ts';
import type { Hop } from '../hop.ts';
import type { Position } from '../position.ts';

/** Buffer of a function or port that a TLP takes credits of: from above or beside, or from below. */
export type Ingress = 'primary' | 'secondary';

export interface TimedTlp {
  /** Number of the TLP in the order of sending; behind a dot, what it came of: `0`, `0.completion`, `0.ERR_NONFATAL@00:02.2`. */
  readonly name: string;
  readonly header: TlpHeader;
  /** A DWORD: what a configuration write carries, or the completion of a configuration read; the data of an MSI. */
  readonly data: number | undefined;
  /** Function that sent it, or HOST. */
  readonly from: number;
  /** It waits in the queue of `position.at`, of the side that it leaves by. */
  readonly position: Readonly<Position>;
  /** Where its credits are taken; undefined in the queue of its sender. */
  readonly ingress: Ingress | undefined;
  /** Tick in which it came where it is. */
  readonly since: number;
  /** What a completion answers. */
  readonly request: TimedTlp | undefined;
  /** What an error message tells. */
  readonly error: { readonly reporter: number; readonly message: ErrorMessageName } | undefined;
  /** Its way so far, where somebody needs it. */
  readonly hops: readonly Hop[];
}

/** The end of a TLP. */
export interface TimedDelivery extends Delivery {
  readonly tlp: TimedTlp;
  readonly tick: number;
}
