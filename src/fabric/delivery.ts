/** What became of a TLP, its errors and its answer included. */
import type { UncorrectableErrorName } from '../../spec-tables/uncorrectable-errors.ts';
import type { TlpHeader } from '../tlp/header.ts';
import type { CompletionOutcome } from '../tlp/outstanding.ts';
import type { MessageDelivery } from './error-messages.ts';
import type { ErrorReport } from './error-reporting.ts';
import type { SignaledError } from './error-signaling.ts';
import type { Outcome } from './hop.ts';
import type { Remapped } from './iommu.ts';
import type { RootPortIoError } from './root-port-io.ts';

export type DeliveryOutcome =
  | Outcome
  /** The target refused to complete it. PCIe 5.0 §2.3.1. */
  | 'completer-abort'
  /** The digest did not match, and the target checks it. PCIe 5.0 §2.7.1. */
  | 'ecrc-error'
  /** A port lets no poisoned TLP down. PCIe 5.0 §2.7.2.1. */
  | 'poisoned-egress-blocked'
  /** A port lets no TLP with end-end prefixes out. PCIe 5.0 §7.5.3.16. */
  | 'prefix-blocked'
  /** It was lost on the way. */
  | 'lost'
  /** It waits in a queue; see `TimedFabric`. */
  | 'in-flight';

export interface Delivery {
  readonly outcome: DeliveryOutcome;
  /** Function that took or refused it, or lost it; NONE for the root complex, and for memory and registers behind it. */
  readonly at: number;
  /** What the refusing function recorded; undefined where nothing was refused, or the root complex refused. */
  readonly report: ErrorReport | undefined;
  readonly errorMessage: MessageDelivery | undefined;
  /** Answer to a non-posted request, as it was sent. */
  readonly completion: TlpHeader | undefined;
  /** The answer did not come back whole and in time: the requester has nothing. */
  readonly isUnanswered?: true;
  /** All receivers, where there is not just one. */
  readonly copies?: readonly number[];
  /** What an IOMMU has made of a request that was delivered: the address that it went on to, or the translation that it asked for. */
  readonly remapped?: Remapped;
  /** Of a completion that came to its requester: what it is to the request that waits for it. */
  readonly answers?: CompletionOutcome;
  /** What a root port with RP Extensions for DPC made of the CPU's request that failed. */
  readonly rootPortIo?: RootPortIoError;
  /** Every error on the way there and back, in order; that of `report` is among them. */
  readonly errors: readonly SignaledError[];
}

/** An outcome in which a function refuses a TLP: the error that it reports, and the status of its completion. */
export interface Refusal {
  readonly error: UncorrectableErrorName;
  /** Of a request that is not posted; none where the TLP is just discarded. */
  readonly status?: 'UR' | 'CA';
}

/**
 * By outcome. A router that gives an outcome of this table needs to do no more: the function reports, and completes. PCIe 5.0
 * §2.2.10.2 (prefixes), §2.3, §2.3.1, §2.7.2.1, §6.12.4, §6.14.3 (Multicast), §6.15.3 (AtomicOps).
 */
export const refusals: Readonly<Partial<Record<DeliveryOutcome, Refusal>>> = {
  'unsupported-request': { error: 'Unsupported Request Error', status: 'UR' },
  'completer-abort': { error: 'Completer Abort', status: 'CA' },
  'acs-violation': { error: 'ACS Violation', status: 'CA' },
  'atomicop-egress-blocked': { error: 'AtomicOp Egress Blocked', status: 'UR' },
  'dmwr-egress-blocked': { error: 'DMWr Request Egress Blocked', status: 'UR' },
  'prefix-blocked': { error: 'TLP Prefix Blocked Error', status: 'UR' },
  'mc-blocked': { error: 'MC Blocked TLP' },
  'iommu-fault': { error: 'Unsupported Request Error', status: 'UR' },
  'iommu-abort': { error: 'Completer Abort', status: 'CA' },
  'poisoned-egress-blocked': { error: 'Poisoned TLP Egress Blocked', status: 'UR' },
  'unexpected-completion': { error: 'Unexpected Completion' },
  malformed: { error: 'Malformed TLP' },
  'ecrc-error': { error: 'ECRC Error' },
};
