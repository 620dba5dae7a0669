/**
 * What the platform makes of an error message that reached a root port. No spec says: it is wiring and firmware, and the case
 * depends on it, so it is a choice.
 */

import type { MessageDelivery } from './error-messages.ts';
import { NONE } from './topology.ts';

export const platformReactions = ['native', 'serr-nmi', 'firmware-first-nmi', 'firmware-first-reset'] as const;
export type PlatformReaction = (typeof platformReactions)[number];

/** `unreported`: the error stays in status registers. `aer`: the kernel's AER handler runs. `reset`: the firmware ends the run. */
export type ReactionResult = 'unreported' | 'aer' | 'nmi' | 'reset';

export interface Reaction {
  readonly result: ReactionResult;
  readonly why: string;
}

/** @param delivery undefined where the reporter sent no message */
export function react(platform: PlatformReaction, delivery: MessageDelivery | undefined): Reaction {
  if (delivery === undefined) return { result: 'unreported', why: 'the port sends no error message' };
  if (delivery.rootPort === NONE) {
    const stopped = delivery.hops.find((hop) => !hop.passed);
    return { result: 'unreported', why: `no root port receives it${stopped === undefined ? '' : `: ${stopped.why}`}` };
  }
  switch (platform) {
    case 'native':
      if (delivery.interrupt === 'none' || delivery.interrupt === 'suppressed by Bus Master Enable')
        return {
          result: 'unreported',
          why:
            delivery.interrupt === 'none'
              ? 'Root Error Command enables no interrupt for it'
              : 'the interrupt would be an MSI, a memory write of the port, whose own Bus Master Enable is clear',
        };
      if (delivery.interrupt === 'pending')
        return { result: 'aer', why: 'no new interrupt: the one for an earlier error still waits for the AER driver' };
      return { result: 'aer', why: `the root port interrupts by ${delivery.interrupt}: the AER driver handles it` };
    case 'serr-nmi':
      return delivery.systemError
        ? { result: 'nmi', why: 'Root Control raises a System Error: SERR, and by port 61h an NMI' }
        : { result: 'unreported', why: 'Root Control raises no System Error for this kind of message' };
    case 'firmware-first-nmi':
      return { result: 'nmi', why: 'an SMI: firmware reads AER, writes an error record and raises an NMI' };
    case 'firmware-first-reset':
      return { result: 'reset', why: 'an SMI: firmware reads AER, logs to the BMC and resets the machine' };
  }
}
