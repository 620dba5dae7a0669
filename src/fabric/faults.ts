/** Faults that the fabric is told to have: what happens to the next TLPs of a function or port. */
import type { TlpHeader } from '../tlp/header.ts';
import { kindOf } from '../tlp/header.ts';

export const faultKinds = ['drop', 'poison', 'delay', 'corrupt', 'malform'] as const;

export interface Fault {
  /**
   * `drop`: it is lost. `poison`: EP is set from there on. `delay`: the answer comes after the requester has given up. `corrupt`:
   * its bits no longer match the digest, if it has one. `malform`: the next receiver finds it malformed.
   */
  readonly kind: (typeof faultKinds)[number];
  /** The function that sends the TLP, or passes it. */
  readonly at: number;
  /** Any TLP where not given. */
  readonly of?: 'request' | 'completion';
  /** How many TLPs; 1 where not given. */
  readonly times?: number;
}

export class Faults {
  readonly #waiting: { readonly fault: Fault; left: number }[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** @throws RangeError when the kind is none of `faultKinds`, or `times` is no whole number from 1 on */
  add(fault: Fault): void {
    const { kind, times = 1 } = fault;
    if (!faultKinds.includes(kind))
      throw new RangeError(`fault: expected one of ${faultKinds.join(', ')}, got "${kind}"`);
    if (!Number.isInteger(times) || times < 1) throw new RangeError(`fault: expected 1 TLP or more, got ${times}`);
    this.#waiting.push({ fault, left: times });
  }

  /** The fault that a TLP on this way meets first, which is then spent. `way`: the sender and what the TLP passes, in order. */
  take(header: TlpHeader, way: readonly number[]): Fault | undefined {
    const of = kindOf(header) === 'completion' ? 'completion' : 'request';
    for (const fn of way) {
      const i = this.#waiting.findIndex(({ fault }) => fault.at === fn && (fault.of ?? of) === of);
      if (i < 0) continue;
      const one = this.#waiting[i]!;
      one.left--;
      if (one.left === 0) this.#waiting.splice(i, 1);
      return one.fault;
    }
    return undefined;
  }

  clear(): void {
    this.#waiting.length = 0;
  }
}
