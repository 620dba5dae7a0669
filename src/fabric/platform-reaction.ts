/**
 * What the platform makes of an error message that reached a root port. No spec says: it is wiring and firmware, and the case
 * depends on it, so it is a choice.
 */

import type { ErrorInterrupt, MessageDelivery } from './error-messages.ts';
import { NONE } from './topology.ts';

export const platformReactions = ['native', 'serr-nmi', 'firmware-first-nmi', 'firmware-first-reset'] as const;
export type PlatformReaction = (typeof platformReactions)[number];

/** `unreported`: the kernel hears nothing, the error stays in status registers or in firmware's log. `aer`: the kernel's AER handler runs. `reset`: the firmware ends the run. */
export type ReactionResult = 'unreported' | 'aer' | 'nmi' | 'reset';

export interface Reaction {
  readonly result: ReactionResult;
  readonly why: string;
}

const corrected: Reaction = {
  result: 'unreported',
  why: 'an SMI: firmware reads AER and logs a corrected error; the machine goes on',
};

/** @param delivery undefined where the reporter sent no message */
export function react(platform: PlatformReaction, delivery: MessageDelivery | undefined): Reaction {
  if (delivery === undefined) return { result: 'unreported', why: 'the port sends no error message' };
  if (delivery.rootPort === NONE) {
    const stopped = delivery.hops.find((hop) => !hop.passed);
    return { result: 'unreported', why: `no root port receives it${stopped === undefined ? '' : `: ${stopped.why}`}` };
  }
  switch (platform) {
    case 'native':
      return byInterrupt(delivery.interrupt);
    case 'serr-nmi':
      return delivery.systemError
        ? { result: 'nmi', why: 'Root Control raises a System Error: SERR, and by port 61h an NMI' }
        : { result: 'unreported', why: 'Root Control raises no System Error for this kind of message' };
    case 'firmware-first-nmi':
      if (delivery.message === 'ERR_COR') return corrected;
      return { result: 'nmi', why: 'an SMI: firmware reads AER, writes an error record and raises an NMI' };
    case 'firmware-first-reset':
      if (delivery.message === 'ERR_COR') return corrected;
      return { result: 'reset', why: 'an SMI: firmware reads AER, logs to the BMC and resets the machine' };
  }
}

function byInterrupt(interrupt: ErrorInterrupt): Reaction {
  switch (interrupt) {
    case 'none':
      return { result: 'unreported', why: 'no root port receives it' };
    case 'no AER':
      return { result: 'unreported', why: 'the root port has no AER: it keeps no record and has no interrupt for it' };
    case 'not enabled':
      return { result: 'unreported', why: 'Root Error Command enables no interrupt for it' };
    case 'INTx disabled':
      return { result: 'unreported', why: 'the interrupt would be INTx, and Interrupt Disable of the port is set' };
    case 'suppressed by Bus Master Enable':
      return {
        result: 'unreported',
        why: 'the interrupt would be an MSI, a memory write of the port, whose own Bus Master Enable is clear',
      };
    case 'pending':
      return { result: 'aer', why: 'no new interrupt: the one for an earlier error still waits for the AER driver' };
    case 'INTx':
    case 'MSI':
    case 'MSI-X':
      return { result: 'aer', why: `the root port interrupts by ${interrupt}: the AER driver handles it` };
  }
}
