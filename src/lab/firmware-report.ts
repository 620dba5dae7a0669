/** What firmware that handles errors first writes of one, and what the kernel prints of that. */

import type { ErrorMessageName } from '../../spec-tables/message-codes.ts';
import type { ConfigArena } from '../config/arena.ts';
import type { Delivery } from '../fabric/delivery.ts';
import type { PlatformReaction } from '../fabric/platform-reaction.ts';
import { NONE } from '../fabric/topology.ts';
import { errorRecord, genericErrorStatus } from '../formats/error-record.ts';
import { type GhesLogStyle, ghesLog } from '../formats/ghes-log.ts';
import { isBefore, type KernelVersion } from '../linux/kernel-version.ts';

export interface FirmwareReport {
  /** Common Platform Error Record. */
  readonly record: Uint8Array;
  /** Absent where firmware does not tell the kernel. */
  readonly kernelLog?: readonly string[];
}

/** By the message: what AER's severity made of the error. Firmware may be stricter. */
const severities = { ERR_COR: 'corrected', ERR_NONFATAL: 'recoverable', ERR_FATAL: 'fatal' } as const satisfies Record<
  ErrorMessageName,
  string
>;

/**
 * From the reporter's registers as they stand; undefined where firmware does not handle errors first, or hears of none.
 * @param sequence how many errors the kernel has printed by then, this one included
 */
export function firmwareReport(
  arena: ConfigArena,
  delivery: Delivery,
  platform: PlatformReaction,
  kernel: KernelVersion,
  sequence: number,
): FirmwareReport | undefined {
  const { at: reporter, errorMessage } = delivery;
  if (platform !== 'firmware-first-nmi' && platform !== 'firmware-first-reset') return undefined;
  if (reporter === NONE || errorMessage === undefined || errorMessage.rootPort === NONE) return undefined;
  const severity = severities[errorMessage.message];
  const isTold = platform === 'firmware-first-nmi';
  const record = errorRecord(arena, reporter, { severity, notification: isTold ? 'NMI' : 'PCIe' });
  if (!isTold) return { record };
  return {
    record,
    kernelLog: ghesLog(genericErrorStatus(arena, reporter, { severity }), { style: styleOf(kernel), sequence }),
  };
}

/** Which releases between those three changed to the next one's lines is not certain. */
function styleOf(kernel: KernelVersion): GhesLogStyle {
  if (isBefore(kernel, { major: 6, minor: 12 })) return '6.1';
  return kernel.major < 7 ? '6.12' : '7.3';
}
