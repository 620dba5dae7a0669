/**
 * What an Unsupported Request leaves in the registers of the function that found it. PCIe 5.0 §6.2.3–§6.2.5, figure 6-2;
 * advisory cases §6.2.3.2.4.1; headers §6.2.7; registers §7.5.3.5 and §7.8.4.
 */
import type { ErrorMessageName } from '../../spec-tables/message-codes.ts';
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';
import { encodeTlpHeader } from '../tlp/codec.ts';
import { type TlpHeader, tlpTypeNamed } from '../tlp/header.ts';

const UNSUPPORTED_REQUEST_BIT = 20;
const ADVISORY = C.CORRECTABLE_ERROR_STATUS_ADVISORY_NON_FATAL_ERROR;
const UR = C.UNCORRECTABLE_ERROR_STATUS_UNSUPPORTED_REQUEST_ERROR;
const LOG_BYTES = 16;

export interface UnsupportedRequestReport {
  /** The function that found the error, and the only one that reports it. */
  readonly reporter: number;
  readonly severity: 'fatal' | 'non-fatal' | 'advisory non-fatal';
  /** True when this error's header went into the log: the first unmasked one since the log was last freed. */
  readonly headerLogged: boolean;
  /** The message that the enables let out; undefined where none is sent. */
  readonly message: ErrorMessageName | undefined;
  /** Which register lets the message out, or keeps it in. */
  readonly why: string;
}

/**
 * Records the error and says which message is sent. A function without a PCI Express Capability has no error reporting: all
 * stays as it is.
 */
export function reportUnsupportedRequest(
  arena: ConfigArena,
  reporter: number,
  request: TlpHeader,
): UnsupportedRequestReport {
  const { pciExpress, aer } = arena.layout[reporter]!;
  if (pciExpress === 0)
    return {
      reporter,
      severity: 'non-fatal',
      headerLogged: false,
      message: undefined,
      why: 'no PCI Express Capability is known of it: nothing to report with',
    };
  const fatal = aer !== 0 && (arena.u32(reporter, aer + C.UNCORRECTABLE_ERROR_SEVERITY) & UR) !== 0;
  const roleBased =
    (arena.u32(reporter, pciExpress + C.DEVICE_CAPABILITIES) & C.DEVICE_CAPABILITIES_ROLE_BASED_ERROR_REPORTING) !== 0;
  // A non-posted request's completion tells the requester; the completer's own report is then only advice.
  const advisory = !fatal && roleBased && !tlpTypeNamed(request.type).posted;
  return advisory
    ? reportAdvisory(arena, reporter, pciExpress, aer, request)
    : reportUncorrectable(arena, reporter, pciExpress, aer, request, fatal);
}

function reportUncorrectable(
  arena: ConfigArena,
  reporter: number,
  pciExpress: number,
  aer: number,
  request: TlpHeader,
  fatal: boolean,
): UnsupportedRequestReport {
  const severity = fatal ? 'fatal' : 'non-fatal';
  arena.setBits(
    reporter,
    pciExpress + C.DEVICE_STATUS,
    2,
    C.DEVICE_STATUS_UNSUPPORTED_REQUEST_DETECTED |
      (fatal ? C.DEVICE_STATUS_FATAL_ERROR_DETECTED : C.DEVICE_STATUS_NON_FATAL_ERROR_DETECTED),
  );
  const masked = aer !== 0 && (arena.u32(reporter, aer + C.UNCORRECTABLE_ERROR_MASK) & UR) !== 0;
  const headerLogged = aer !== 0 && logUncorrectable(arena, reporter, aer, request, masked);
  const silent = (why: string): UnsupportedRequestReport => ({
    reporter,
    severity,
    headerLogged,
    message: undefined,
    why,
  });
  if (masked) return silent('Uncorrectable Error Mask bit 20 is set');

  const serr = (arena.command(reporter) & C.COMMAND_SERR_ENABLE) !== 0;
  const control = arena.u16(reporter, pciExpress + C.DEVICE_CONTROL);
  const severityEnable = fatal
    ? C.DEVICE_CONTROL_FATAL_ERROR_REPORTING_ENABLE
    : C.DEVICE_CONTROL_NON_FATAL_ERROR_REPORTING_ENABLE;
  const both = C.DEVICE_CONTROL_UNSUPPORTED_REQUEST_REPORTING_ENABLE | severityEnable;
  if (!serr && (control & both) !== both)
    return silent(
      `Command.SERR# Enable is clear, and Device Control (${control.toString(16).padStart(4, '0')}) does not enable both Unsupported Request and ${fatal ? 'Fatal' : 'Non-Fatal'} Error Reporting`,
    );
  if (serr) arena.setBits(reporter, C.STATUS, 2, C.STATUS_SIGNALED_SYSTEM_ERROR);
  return {
    reporter,
    severity,
    headerLogged,
    message: fatal ? 'ERR_FATAL' : 'ERR_NONFATAL',
    why: serr
      ? 'Command.SERR# Enable is set'
      : `Device Control enables Unsupported Request and ${fatal ? 'Fatal' : 'Non-Fatal'} Error Reporting`,
  };
}

function reportAdvisory(
  arena: ConfigArena,
  reporter: number,
  pciExpress: number,
  aer: number,
  request: TlpHeader,
): UnsupportedRequestReport {
  arena.setBits(
    reporter,
    pciExpress + C.DEVICE_STATUS,
    2,
    C.DEVICE_STATUS_UNSUPPORTED_REQUEST_DETECTED | C.DEVICE_STATUS_CORRECTABLE_ERROR_DETECTED,
  );
  const silent = (why: string, headerLogged = false): UnsupportedRequestReport => ({
    reporter,
    severity: 'advisory non-fatal',
    headerLogged,
    message: undefined,
    why,
  });
  // Without AER an advisory case is not signalled at all. PCIe 5.0 §6.2.3.2.4.
  if (aer === 0) return silent('no AER: an advisory error is not signalled');
  arena.setBits(reporter, aer + C.CORRECTABLE_ERROR_STATUS, 4, ADVISORY);
  if ((arena.u32(reporter, aer + C.CORRECTABLE_ERROR_MASK) & ADVISORY) !== 0)
    return silent('Correctable Error Mask bit 13 (Advisory Non-Fatal) is set, as after reset');
  const masked = (arena.u32(reporter, aer + C.UNCORRECTABLE_ERROR_MASK) & UR) !== 0;
  const headerLogged = logUncorrectable(arena, reporter, aer, request, masked);
  const control = arena.u16(reporter, pciExpress + C.DEVICE_CONTROL);
  const both =
    C.DEVICE_CONTROL_CORRECTABLE_ERROR_REPORTING_ENABLE | C.DEVICE_CONTROL_UNSUPPORTED_REQUEST_REPORTING_ENABLE;
  if ((control & both) !== both)
    return silent('Device Control does not enable both Correctable and Unsupported Request Reporting', headerLogged);
  return {
    reporter,
    severity: 'advisory non-fatal',
    headerLogged,
    message: 'ERR_COR',
    why: 'Device Control enables Correctable and Unsupported Request Reporting',
  };
}

/**
 * Sets the status bit, and logs the header where the error is not masked and the log is free: the First Error Pointer is valid
 * while the status bit that it points at is set. PCIe 5.0 §7.8.4.7, §6.2.4.2.
 */
function logUncorrectable(
  arena: ConfigArena,
  reporter: number,
  aer: number,
  request: TlpHeader,
  masked: boolean,
): boolean {
  const status = arena.u32(reporter, aer + C.UNCORRECTABLE_ERROR_STATUS);
  const control = arena.u32(reporter, aer + C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL);
  const pointer = control & C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL_FIRST_ERROR_POINTER;
  const busy = ((status >>> pointer) & 1) !== 0;
  arena.setBits(reporter, aer + C.UNCORRECTABLE_ERROR_STATUS, 4, UR);
  if (masked || busy) return false;
  arena.poke(
    reporter,
    aer + C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL,
    4,
    (control & ~C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL_FIRST_ERROR_POINTER) | UNSUPPORTED_REQUEST_BIT,
  );
  const log = new Uint8Array(LOG_BYTES);
  encodeTlpHeader(request, log);
  const words = new DataView(log.buffer);
  // TLP byte 0 is in bits 31:24 of the first register. PCIe 5.0 §7.8.4.8.
  for (let i = 0; i < LOG_BYTES; i += 4) arena.poke(reporter, aer + C.HEADER_LOG_0 + i, 4, words.getUint32(i));
  return true;
}
