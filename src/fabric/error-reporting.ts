/**
 * What an error leaves in the registers of the function that found it, and which message it sends. PCIe 5.0 §6.2.3–§6.2.5, figure
 * 6-2; headers §6.2.7; registers §7.5.3.5 and §7.8.4.
 */
import { advisoryCases, type ErrorRole } from '../../spec-tables/advisory-errors.ts';
import { type CorrectableErrorName, correctableErrors } from '../../spec-tables/correctable-errors.ts';
import { errorPrecedence } from '../../spec-tables/error-precedence.ts';
import type { ErrorMessageName } from '../../spec-tables/message-codes.ts';
import {
  type UncorrectableError,
  type UncorrectableErrorName,
  uncorrectableErrors,
} from '../../spec-tables/uncorrectable-errors.ts';
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';
import { type TlpHeader, tlpTypeNamed } from '../tlp/header.ts';
import type { HeaderLogs, LogResult, OffendingTlp } from './header-logs.ts';

/** An error as AER's tables name it. */
export type ErrorName = UncorrectableErrorName | CorrectableErrorName;

export interface DetectedError {
  readonly error: ErrorName;
  /** The TLP that has it; none for errors of the link and of the inside. */
  readonly header?: TlpHeader | undefined;
  /** End-end prefixes of that TLP, as DWORDs. */
  readonly prefixes?: readonly number[] | undefined;
  /** `receiver` where not given. */
  readonly role?: ErrorRole | undefined;
}

export interface ErrorReport {
  /** The function that found the error, and the only one that reports it. */
  readonly reporter: number;
  readonly error: ErrorName;
  readonly severity: 'fatal' | 'non-fatal' | 'advisory non-fatal' | 'correctable';
  /** A mask of AER keeps it in, or the function has no such error: it is neither sent nor contained. */
  readonly masked: boolean;
  /** True when this error's header went into the log: the first unmasked one since the log was last freed. */
  readonly headerLogged: boolean;
  /** The message that the enables let out; undefined where none is sent. */
  readonly message: ErrorMessageName | undefined;
  /** Which register lets the message out, or keeps it in. */
  readonly why: string;
  /** Where the log and its queue were full, and that is an error of its own. PCIe 5.0 §6.2.4.2. */
  readonly overflow?: ErrorReport;
}

const ADVISORY = C.CORRECTABLE_ERROR_STATUS_ADVISORY_NON_FATAL_ERROR;
const uncorrectable = /* @__PURE__ */ new Map<ErrorName, UncorrectableError>(
  /* @__PURE__ */ uncorrectableErrors.map((entry) => [entry.name, entry] as const),
);
const correctable = /* @__PURE__ */ new Map<ErrorName, number>(
  /* @__PURE__ */ correctableErrors.map((entry) => [entry.name, entry.bit] as const),
);

/** The one of several errors of a TLP that is reported. PCIe 5.0 §6.2.3.2.3. */
export function firstByPrecedence(errors: readonly UncorrectableErrorName[]): UncorrectableErrorName | undefined {
  for (const rank of errorPrecedence) {
    const found = errors.find((error) => rank.includes(error));
    if (found !== undefined) return found;
  }
  return errors[0];
}

/**
 * Records the error and says which message is sent. A function without a PCI Express Capability has no error reporting, and one
 * whose AER lacks the error's bit does not look for it: all stays as it is.
 * @param isArmed an unmasked uncorrectable error triggers Downstream Port Containment, and no message is sent. PCIe 5.0 §6.2.10
 * @throws RangeError when there is no error of that name
 */
export function reportError(logs: HeaderLogs, reporter: number, detected: DetectedError, isArmed = false): ErrorReport {
  const { arena } = logs;
  const { error } = detected;
  const entry = uncorrectable.get(error);
  const bit = entry?.bit ?? correctable.get(error);
  if (bit === undefined) throw new RangeError(`AER: expected the name of an error, got "${error}"`);
  const { pciExpress, aer } = arena.layout[reporter]!;
  const severityIfSilent = entry === undefined ? 'correctable' : 'non-fatal';
  const nothing = (why: string): ErrorReport => ({ ...silent(reporter, error, severityIfSilent, why), masked: true });
  if (pciExpress === 0) return nothing('no PCI Express Capability is known of it: nothing to report with');
  const status = entry === undefined ? C.CORRECTABLE_ERROR_STATUS : C.UNCORRECTABLE_ERROR_STATUS;
  if (aer !== 0 && !hasStatusBit(arena, reporter, aer + status, bit))
    return nothing(`its AER has no bit ${bit} (${error})`);
  if (entry === undefined) return reportCorrectable(arena, reporter, pciExpress, aer, error, bit);

  const fatal = aer !== 0 && isSet(arena.u32(reporter, aer + C.UNCORRECTABLE_ERROR_SEVERITY), bit);
  const roleBased =
    (arena.u32(reporter, pciExpress + C.DEVICE_CAPABILITIES) & C.DEVICE_CAPABILITIES_ROLE_BASED_ERROR_REPORTING) !== 0;
  const advisory = !fatal && roleBased && isAdvisory(detected);
  return advisory
    ? reportAdvisory(logs, reporter, pciExpress, aer, detected, entry)
    : reportUncorrectable(logs, reporter, pciExpress, aer, detected, entry, fatal, isArmed);
}

/** Whether it is one of the cases of PCIe 5.0 §6.2.3.2.4, provided that its severity is non-fatal. */
function isAdvisory({ error, header, role = 'receiver' }: DetectedError): boolean {
  return advisoryCases.some(({ errors, when }) => {
    if (!(errors as readonly ErrorName[]).includes(error)) return false;
    if (when === 'completer') return header !== undefined && !tlpTypeNamed(header.type).posted && !header.ep;
    return when === 'always' || when === role;
  });
}

function reportUncorrectable(
  logs: HeaderLogs,
  reporter: number,
  pciExpress: number,
  aer: number,
  detected: DetectedError,
  entry: UncorrectableError,
  fatal: boolean,
  isArmed: boolean,
): ErrorReport {
  const { arena } = logs;
  const { error } = detected;
  const severity = fatal ? 'fatal' : 'non-fatal';
  setDeviceStatus(
    arena,
    reporter,
    pciExpress,
    error,
    fatal ? C.DEVICE_STATUS_FATAL_ERROR_DETECTED : C.DEVICE_STATUS_NON_FATAL_ERROR_DETECTED,
  );
  const masked = aer !== 0 && isSet(arena.u32(reporter, aer + C.UNCORRECTABLE_ERROR_MASK), entry.bit);
  const log =
    aer === 0 ? 'not logged' : logs.record(reporter, entry.bit, masked, tlpToLog(logs, reporter, detected, entry));
  const known = { masked, ...logged(logs, reporter, log) };
  if (masked)
    return { ...silent(reporter, error, severity, `Uncorrectable Error Mask bit ${entry.bit} is set`), ...known };
  if (isArmed)
    return {
      ...silent(reporter, error, severity, 'Downstream Port Containment is triggered in place of a message'),
      ...known,
    };

  const serr = (arena.command(reporter) & C.COMMAND_SERR_ENABLE) !== 0;
  const control = arena.u16(reporter, pciExpress + C.DEVICE_CONTROL);
  const kind = fatal ? 'Fatal' : 'Non-Fatal';
  const enables = enablesOf(
    error,
    fatal ? C.DEVICE_CONTROL_FATAL_ERROR_REPORTING_ENABLE : C.DEVICE_CONTROL_NON_FATAL_ERROR_REPORTING_ENABLE,
  );
  if (!serr && (control & enables) !== enables) {
    const value = control.toString(16).padStart(4, '0');
    const what = isUnsupportedRequest(error) ? `both Unsupported Request and ${kind}` : kind;
    const why = `Command.SERR# Enable is clear, and Device Control (${value}) does not enable ${what} Error Reporting`;
    return { ...silent(reporter, error, severity, why), ...known };
  }
  if (serr) arena.setBits(reporter, C.STATUS, 2, C.STATUS_SIGNALED_SYSTEM_ERROR);
  const enabled = isUnsupportedRequest(error) ? `Unsupported Request and ${kind}` : kind;
  return {
    reporter,
    error,
    severity,
    ...known,
    message: fatal ? 'ERR_FATAL' : 'ERR_NONFATAL',
    why: serr ? 'Command.SERR# Enable is set' : `Device Control enables ${enabled} Error Reporting`,
  };
}

function reportAdvisory(
  logs: HeaderLogs,
  reporter: number,
  pciExpress: number,
  aer: number,
  detected: DetectedError,
  entry: UncorrectableError,
): ErrorReport {
  const { arena } = logs;
  const { error } = detected;
  const severity = 'advisory non-fatal';
  setDeviceStatus(arena, reporter, pciExpress, error, C.DEVICE_STATUS_CORRECTABLE_ERROR_DETECTED);
  // Without AER an advisory case is not signalled at all. PCIe 5.0 §6.2.3.2.4.
  if (aer === 0) return silent(reporter, error, severity, 'no AER: an advisory error is not signalled');
  arena.setBits(reporter, aer + C.CORRECTABLE_ERROR_STATUS, 4, ADVISORY);
  if ((arena.u32(reporter, aer + C.CORRECTABLE_ERROR_MASK) & ADVISORY) !== 0) {
    const why = 'Correctable Error Mask bit 13 (Advisory Non-Fatal) is set, as after reset';
    return { ...silent(reporter, error, severity, why), masked: true };
  }
  const uncorrectableMasked = isSet(arena.u32(reporter, aer + C.UNCORRECTABLE_ERROR_MASK), entry.bit);
  const log = logs.record(reporter, entry.bit, uncorrectableMasked, tlpToLog(logs, reporter, detected, entry));
  const known = logged(logs, reporter, log);
  const control = arena.u16(reporter, pciExpress + C.DEVICE_CONTROL);
  const enables = enablesOf(error, C.DEVICE_CONTROL_CORRECTABLE_ERROR_REPORTING_ENABLE);
  const what = isUnsupportedRequest(error) ? 'Correctable and Unsupported Request' : 'Correctable Error';
  if ((control & enables) !== enables) {
    const both = isUnsupportedRequest(error) ? 'both ' : '';
    return {
      ...silent(reporter, error, severity, `Device Control does not enable ${both}${what} Reporting`),
      ...known,
    };
  }
  return {
    reporter,
    error,
    severity,
    masked: false,
    ...known,
    message: 'ERR_COR',
    why: `Device Control enables ${what} Reporting`,
  };
}

function reportCorrectable(
  arena: ConfigArena,
  reporter: number,
  pciExpress: number,
  aer: number,
  error: ErrorName,
  bit: number,
): ErrorReport {
  setDeviceStatus(arena, reporter, pciExpress, error, C.DEVICE_STATUS_CORRECTABLE_ERROR_DETECTED);
  if (aer !== 0) {
    arena.setBits(reporter, aer + C.CORRECTABLE_ERROR_STATUS, 4, 2 ** bit);
    if (isSet(arena.u32(reporter, aer + C.CORRECTABLE_ERROR_MASK), bit))
      return {
        ...silent(reporter, error, 'correctable', `Correctable Error Mask bit ${bit} is set`),
        masked: true,
      };
  }
  const control = arena.u16(reporter, pciExpress + C.DEVICE_CONTROL);
  const enabled = (control & C.DEVICE_CONTROL_CORRECTABLE_ERROR_REPORTING_ENABLE) !== 0;
  return {
    ...silent(
      reporter,
      error,
      'correctable',
      `Device Control ${enabled ? 'enables' : 'does not enable'} Correctable Error Reporting`,
    ),
    message: enabled ? 'ERR_COR' : undefined,
  };
}

/** What the log made of it, and the error that a full one is. */
function logged(logs: HeaderLogs, reporter: number, log: LogResult): Pick<ErrorReport, 'headerLogged' | 'overflow'> {
  if (log !== 'overflow') return { headerLogged: log === 'logged' };
  return { headerLogged: false, overflow: reportError(logs, reporter, { error: 'Header Log Overflow' }) };
}

/** PCIe 5.0 table 6-5, and §7.8.4.7 for Completion Timeout. */
function tlpToLog(
  { arena }: HeaderLogs,
  reporter: number,
  { header, prefixes }: DetectedError,
  { logsHeader }: UncorrectableError,
): OffendingTlp | undefined {
  if (header === undefined || logsHeader === undefined || logsHeader === false) return undefined;
  const control = arena.u32(reporter, arena.layout[reporter]!.aer + C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL);
  const capable =
    (control & C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL_COMPLETION_TIMEOUT_PREFIX_HEADER_LOG_CAPABLE) !== 0;
  if (logsHeader === 'where capable' && !capable) return undefined;
  return prefixes === undefined ? { header } : { header, prefixes };
}

function setDeviceStatus(arena: ConfigArena, fn: number, pciExpress: number, error: ErrorName, detected: number): void {
  const request = isUnsupportedRequest(error) ? C.DEVICE_STATUS_UNSUPPORTED_REQUEST_DETECTED : 0;
  arena.setBits(fn, pciExpress + C.DEVICE_STATUS, 2, request | detected);
}

/** An Unsupported Request has an enable of its own beside that of its severity. */
function enablesOf(error: ErrorName, severityEnable: number): number {
  return (isUnsupportedRequest(error) ? C.DEVICE_CONTROL_UNSUPPORTED_REQUEST_REPORTING_ENABLE : 0) | severityEnable;
}

function isUnsupportedRequest(error: ErrorName): boolean {
  return error === 'Unsupported Request Error';
}

function silent(reporter: number, error: ErrorName, severity: ErrorReport['severity'], why: string): ErrorReport {
  return { reporter, error, severity, masked: false, headerLogged: false, message: undefined, why };
}

function hasStatusBit(arena: ConfigArena, fn: number, offset: number, bit: number): boolean {
  return ((arena.layout[fn]!.rw1c[offset + (bit >> 3)]! >> (bit & 7)) & 1) !== 0;
}

function isSet(register: number, bit: number): boolean {
  return ((register >>> bit) & 1) !== 0;
}
