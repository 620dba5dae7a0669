/**
 * What a poisoned TLP leaves in the functions that it passes, from Detected Parity Error to AER. PCIe 5.0 §2.7.2, §6.2.3.2.4.2,
 * §7.5.1.1.4, §7.5.1.3.7, §7.5.1.3.13, §7.9.15.3.
 */
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';
import { hasData, kindOf, type TlpHeader, tlpTypeNamed } from '../tlp/header.ts';
import type { ErrorSignaling, SignaledError } from './error-signaling.ts';
import type { OffendingTlp } from './header-logs.ts';
import type { Crossing } from './passage.ts';

/** EP says something only where there is data. PCIe 5.0 §2.7.2.1. */
export function isPoisoned(header: TlpHeader): boolean {
  return header.ep && hasData(tlpTypeNamed(header.type));
}

/**
 * A poisoned request to I/O or configuration space is an Unsupported Request, and so is a poisoned AtomicOp. A memory write is
 * taken, its data marked bad. PCIe 5.0 §2.7.2.2.
 */
export function mustRefuse(header: TlpHeader): boolean {
  const kind = kindOf(header);
  return isPoisoned(header) && (kind === 'io' || kind === 'configuration' || kind === 'atomic');
}

/** The sender of a poisoned request. */
export function sendPoisoned(arena: ConfigArena, sender: number, header: TlpHeader): void {
  if (kindOf(header) !== 'completion') masterDataParityError(arena, sender, 'primary');
}

/** Index of the port that lets no poisoned TLP leave downwards; -1 where all let it pass. PCIe 5.0 §7.9.15.3. */
export function blockedAt(arena: ConfigArena, crossings: readonly Crossing[]): number {
  return crossings.findIndex(({ fn, egress }) => {
    const { dpc } = arena.layout[fn]!;
    if (egress !== 'secondary' || dpc === 0) return false;
    const supported =
      (arena.u16(fn, dpc + C.DPC_CAPABILITY) & C.DPC_CAPABILITY_POISONED_TLP_EGRESS_BLOCKING_SUPPORTED) !== 0;
    const enabled = (arena.u16(fn, dpc + C.DPC_CONTROL) & C.DPC_CONTROL_POISONED_TLP_EGRESS_BLOCKING_ENABLE) !== 0;
    return supported && enabled;
  });
}

/** A function that the TLP comes to, or passes. @param isLast what ends there is its to report, not as one that passes it on */
export function passPoisoned(
  signaling: ErrorSignaling,
  { fn, ingress, egress, isReceiver }: Crossing,
  tlp: OffendingTlp,
  isBlocked: boolean,
  isLast: boolean,
): SignaledError | undefined {
  const { arena } = signaling;
  const isCompletion = kindOf(tlp.header) === 'completion';
  if (ingress === 'primary') arena.setBits(fn, C.STATUS, 2, C.STATUS_DETECTED_PARITY_ERROR);
  else arena.setBits(fn, C.SECONDARY_STATUS, 2, C.SECONDARY_STATUS_DETECTED_PARITY_ERROR);
  if (isCompletion) masterDataParityError(arena, fn, ingress);
  else if (egress !== undefined && !isBlocked) masterDataParityError(arena, fn, egress);
  if (egress === undefined || isLast || !isReceiver) return undefined;
  return signaling.detect(fn, { error: 'Poisoned TLP Received', ...tlp, role: 'intermediate receiver' });
}

/** A poisoned completion comes in, or a poisoned request goes out, on that side, and its Parity Error Response is on. */
function masterDataParityError(arena: ConfigArena, fn: number, side: 'primary' | 'secondary'): void {
  if (side === 'primary') {
    if ((arena.command(fn) & C.COMMAND_PARITY_ERROR_RESPONSE) !== 0)
      arena.setBits(fn, C.STATUS, 2, C.STATUS_MASTER_DATA_PARITY_ERROR);
  } else if ((arena.u16(fn, C.BRIDGE_CONTROL) & C.BRIDGE_CONTROL_PARITY_ERROR_RESPONSE_ENABLE) !== 0)
    arena.setBits(fn, C.SECONDARY_STATUS, 2, C.SECONDARY_STATUS_MASTER_DATA_PARITY_ERROR);
}
