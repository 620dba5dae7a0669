/**
 * RP PIO errors: requests of the CPU that went out through a root port with RP Extensions for DPC and came back with UR or CA, or not
 * at all. PCIe 5.0 §6.2.10.3, §7.9.15.6–§7.9.15.11.
 */
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';
import { kindOf } from '../tlp/header.ts';
import type { Containment, ContainmentEvent } from './containment.ts';
import type { MessageDelivery } from './error-messages.ts';
import { type OffendingTlp, pokeTlpHeader } from './header-logs.ts';

const FIRST_ERROR_POINTER_SHIFT = 8;
const HEADER_DWORDS = 4;
/** DWORDs of the log before those of prefixes: the header and one of the implementation's own. */
const BEFORE_PREFIXES = 5;
/** RP PIO TLP Prefix Log 1. PCIe 5.0 §7.9.15.11. */
const PREFIX_LOG = 0x34;
const ways = { UR: 0, CA: 1, CTO: 2 } as const;

export interface RootPortIoError {
  readonly port: number;
  /** Bit of RP PIO Status. */
  readonly bit: number;
  readonly masked: boolean;
  readonly headerLogged: boolean;
  /** RP PIO SysError asks for a System Error. */
  readonly systemError: boolean;
  /** RP PIO Exception asks for a synchronous exception at the CPU that made the request. */
  readonly exception: boolean;
  /** Of an error that RP PIO Severity calls uncorrectable. */
  readonly containment: ContainmentEvent | undefined;
  /** ERR_COR, of one that it calls advisory. */
  readonly errorMessage: MessageDelivery | undefined;
}

/** Undefined where the port has no such extensions, or has no bit for such a request. */
export function rootPortIoError(
  arena: ConfigArena,
  containment: Containment,
  port: number,
  request: OffendingTlp,
  how: keyof typeof ways,
): RootPortIoError | undefined {
  const { dpc } = arena.layout[port]!;
  const group = { configuration: 0, io: 8, memory: 16, atomic: 16, message: undefined, completion: undefined }[
    kindOf(request.header)
  ];
  if (dpc === 0 || group === undefined) return undefined;
  if ((arena.u16(port, dpc + C.DPC_CAPABILITY) & C.DPC_CAPABILITY_RP_EXTENSIONS_FOR_DPC) === 0) return undefined;
  const bit = group + ways[how];
  const isSet = (register: number) => ((arena.u32(port, dpc + register) >>> bit) & 1) !== 0;
  const status = arena.u16(port, dpc + C.DPC_STATUS);
  const pointer = (status & C.DPC_STATUS_RP_PIO_FIRST_ERROR_POINTER) >>> FIRST_ERROR_POINTER_SHIFT;
  // As with AER: the pointer is valid while its bit is set. 1Fh, after reset, points at none.
  const isBusy = ((arena.u32(port, dpc + C.RP_PIO_STATUS) >>> pointer) & 1) !== 0;
  arena.setBits(port, dpc + C.RP_PIO_STATUS, 4, 2 ** bit);
  const masked = isSet(C.RP_PIO_MASK);
  const headerLogged = !masked && !isBusy;
  if (headerLogged) {
    const others = status & ~C.DPC_STATUS_RP_PIO_FIRST_ERROR_POINTER;
    arena.poke(port, dpc + C.DPC_STATUS, 2, others | (bit << FIRST_ERROR_POINTER_SHIFT));
    const size = logSize(arena, port);
    if (size >= HEADER_DWORDS) pokeTlpHeader(arena, port, dpc + C.RP_PIO_HEADER_LOG_0, request.header);
    for (let i = 0; i < size - BEFORE_PREFIXES; i++)
      arena.poke(port, dpc + PREFIX_LOG + 4 * i, 4, request.prefixes?.[i] ?? 0);
  }
  const uncorrectable = isSet(C.RP_PIO_SEVERITY);
  return {
    port,
    bit,
    masked,
    headerLogged,
    systemError: !masked && isSet(C.RP_PIO_SYSERROR),
    exception: !masked && isSet(C.RP_PIO_EXCEPTION),
    containment: !masked && uncorrectable ? containment.trigger(port, 'RP PIO error') : undefined,
    errorMessage: !masked && !uncorrectable ? containment.sendErrCor(port) : undefined,
  };
}

/** DWORDs of the log: four of header, then the implementation's own, then prefixes. PCIe 5.0 §7.9.15.2. */
function logSize(arena: ConfigArena, port: number): number {
  const capability = arena.u16(port, arena.layout[port]!.dpc + C.DPC_CAPABILITY);
  const high = (capability & C.DPC_CAPABILITY_RP_PIO_LOG_SIZE_4) !== 0 ? 16 : 0;
  return ((capability & C.DPC_CAPABILITY_RP_PIO_LOG_SIZE) >>> 8) + high;
}
