/** What became of a TLP of the ring, as one 32-bit word: the outcome in bits 30:24, the function where it ended, plus 1, below. */
import type { DeliveryOutcome } from '../delivery.ts';

/** `undecodable`: Fmt and Type of byte 0 are none that a TLP has. Nothing is sent. */
export type RingOutcome = DeliveryOutcome | 'undecodable';

/** Each outcome's code; one that is new gets the next. */
const codes: Readonly<Record<RingOutcome, number>> = {
  delivered: 0,
  'not-sent': 1,
  'unsupported-request': 2,
  'acs-violation': 3,
  'atomicop-egress-blocked': 4,
  'dmwr-egress-blocked': 5,
  'mc-blocked': 6,
  malformed: 7,
  retry: 8,
  'master-abort': 9,
  dropped: 10,
  'completer-abort': 11,
  'ecrc-error': 12,
  'poisoned-egress-blocked': 13,
  lost: 14,
  'iommu-fault': 15,
  'iommu-abort': 16,
  undecodable: 17,
  'in-flight': 18,
  'prefix-blocked': 19,
  'unexpected-completion': 20,
};

/** By code. */
export const ringOutcomes = /* @__PURE__ */ Object.keys(codes) as readonly RingOutcome[];

/** Codes of the outcomes that come without the exact router. 0 is the commonest: the results are cleared ahead. */
export const DELIVERED = 0;
export const NOT_SENT = 1;
export const UNSUPPORTED_REQUEST = 2;

const CODE_SHIFT = 24;
const FUNCTION = 0xff_ffff;

/** Functions that a result has room for. */
export const MAX_FUNCTIONS = FUNCTION;

export function codeOf(outcome: RingOutcome): number {
  return codes[outcome];
}

/** @param at function where it ended; NONE for the root complex */
export function resultOf(code: number, at: number): number {
  return (code << CODE_SHIFT) | (at + 1);
}

export function outcomeOf(result: number): RingOutcome {
  return ringOutcomes[result >>> CODE_SHIFT]!;
}

export function codeOfResult(result: number): number {
  return result >>> CODE_SHIFT;
}

/** Function that took, refused or lost it; NONE for the root complex, and for memory behind it. */
export function functionOf(result: number): number {
  return (result & FUNCTION) - 1;
}
