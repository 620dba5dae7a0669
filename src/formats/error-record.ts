/**
 * What firmware that handles errors first writes of one: a Common Platform Error Record, and the Generic Error Status Block in which
 * the OS finds it, from the reporter's registers as they stand. Nothing is cleared. And the way back, from their bytes to fields.
 * UEFI 2.10 appendix N, ACPI 6.5 §18.3.2.7.1.
 */
import { AdvancedErrorReporting } from '../../spec-tables/advanced-error-reporting.ts';
import {
  EntryTimestamp,
  ErrorRecordHeader,
  GenericErrorData,
  GenericErrorStatus,
  type NotificationType,
  notificationTypes,
  PcieErrorSection,
  pcieValidationBits,
  type RecordSeverity,
  recordSeverities,
  SectionDescriptor,
  sectionTypes,
} from '../../spec-tables/error-records.ts';
import { PciExpressCapability } from '../../spec-tables/pci-express.ts';
import type { ConfigArena } from '../config/arena.ts';
import { walkCapabilities } from '../config/capabilities.ts';
import * as C from '../spec/constants.ts';
import { conditionsThatHold, presentRegisters } from '../spec/fold.ts';
import type { Structure } from '../spec/structure.ts';
import { InputError } from './input-error.ts';
import { type PackedValues, packed, packedSize, readPacked } from './packed-fields.ts';

/** What no register says, and firmware decides. */
export interface ErrorRecordOptions {
  /**
   * Where not given, what AER's registers say of the errors that are there: fatal if Uncorrectable Error Severity calls one so,
   * corrected if none is uncorrectable. Much firmware calls every uncorrectable error fatal.
   */
  readonly severity?: RecordSeverity;
  /** `PCIe` where not given. */
  readonly notification?: NotificationType;
  /** Of the PCI Express specification; not valid in the record where not given. Each 0 to 99. */
  readonly pcieVersion?: { readonly major: number; readonly minor: number };
  /** UTC, to the second; not valid in the record where not given. */
  readonly timestamp?: Date;
  readonly recordId?: bigint;
  /** GUIDs; a platform's is not valid in the record where not given. */
  readonly platformId?: string;
  readonly creatorId?: string;
  /** Field Replaceable Unit, 20 characters of ASCII at most. */
  readonly fruText?: string;
}

export type PcieError = PackedValues<typeof PcieErrorSection>;

export interface ErrorSection {
  readonly sectionType: string;
  /** Code, as `recordSeverities` has them by index. */
  readonly severity: number;
  /** The section as it stands. */
  readonly bytes: Uint8Array;
  /** Of a PCI Express section. */
  readonly pcie?: PcieError;
}

export interface ErrorRecord {
  readonly header: PackedValues<typeof ErrorRecordHeader>;
  readonly sections: readonly (ErrorSection & { readonly descriptor: PackedValues<typeof SectionDescriptor> })[];
}

export interface ErrorStatusBlock {
  readonly block: PackedValues<typeof GenericErrorStatus>;
  readonly sections: readonly (ErrorSection & {
    readonly entry: PackedValues<typeof GenericErrorData>;
    /** Where the entry has one that is valid. */
    readonly timestamp?: bigint;
  })[];
}

/** `CPER`, read as a number. */
const SIGNATURE = 0x52455043;
const SIGNATURE_END = 0xffffffff;
/** 1.1. UEFI 2.10 §N.2.1. */
const RECORD_REVISION = 0x0101;
/** 1.0. UEFI 2.10 §N.2.2. */
const SECTION_REVISION = 0x0100;
/** ACPI 6.5 §18.3.2.7.1: an entry with a timestamp. */
const ENTRY_REVISION = 0x0300;
const PRIMARY = 0x01;
const VALID_FRU_TEXT = 0x02;
const VALID_ENTRY_TIMESTAMP = 0x04;
const ONE_ENTRY = 1 << 4;

/**
 * A record of one section, 408 bytes, as it is kept in a log (ERST, a BMC's).
 * @throws RangeError when there is no such function, it has no PCI Express Capability, or an option does not fit its field
 */
export function errorRecord(arena: ConfigArena, fn: number, options: ErrorRecordOptions = {}): Uint8Array<ArrayBuffer> {
  const section = sectionBytes(arena, fn, options);
  const severity = severityCode(arena, fn, options);
  const at = packedSize(ErrorRecordHeader) + packedSize(SectionDescriptor);
  const { platformId, creatorId, recordId, timestamp, notification = 'PCIe' } = options;
  const header = packed(ErrorRecordHeader, {
    signature: SIGNATURE,
    revision: RECORD_REVISION,
    signatureEnd: SIGNATURE_END,
    sectionCount: 1,
    severity,
    validationBits: (platformId === undefined ? 0 : 1) | (timestamp === undefined ? 0 : 2),
    recordLength: at + section.length,
    notificationType: notificationTypes[notification],
    ...(timestamp === undefined ? {} : { timestamp: timestampOf(timestamp) }),
    ...(platformId === undefined ? {} : { platformId }),
    ...(creatorId === undefined ? {} : { creatorId }),
    ...(recordId === undefined ? {} : { recordId }),
  });
  const descriptor = packed(SectionDescriptor, {
    sectionOffset: at,
    sectionLength: section.length,
    revision: SECTION_REVISION,
    flags: PRIMARY,
    sectionType: sectionTypes['PCI Express'],
    severity,
    ...fruOf(options),
  });
  return joined(header, descriptor, section);
}

/**
 * The block that the OS reads, 300 bytes: Linux's GHES driver prints it (`ghesLog`).
 * @throws RangeError as `errorRecord`
 */
export function genericErrorStatus(
  arena: ConfigArena,
  fn: number,
  options: ErrorRecordOptions = {},
): Uint8Array<ArrayBuffer> {
  const section = sectionBytes(arena, fn, options);
  const severity = severityCode(arena, fn, options);
  const { timestamp } = options;
  const fru = fruOf(options);
  const entry = packed(GenericErrorData, {
    sectionType: sectionTypes['PCI Express'],
    severity,
    revision: ENTRY_REVISION,
    flags: PRIMARY,
    dataLength: section.length,
    ...fru,
    validationBits: fru.validationBits | (timestamp === undefined ? 0 : VALID_ENTRY_TIMESTAMP),
  });
  const time = packed(EntryTimestamp, timestamp === undefined ? {} : { timestamp: timestampOf(timestamp) });
  const isCorrected = recordSeverities[severity] === 'corrected';
  const block = packed(GenericErrorStatus, {
    blockStatus: ONE_ENTRY | (isCorrected ? 2 : 1),
    dataLength: entry.length + time.length + section.length,
    severity,
  });
  return joined(block, entry, time, section);
}

/** @throws InputError naming the byte where the record is none, or ends early */
export function readErrorRecord(bytes: Uint8Array): ErrorRecord {
  const size = packedSize(ErrorRecordHeader);
  expectBytes('error record', bytes, size);
  const header = readPacked(ErrorRecordHeader, bytes);
  if (header.signature !== SIGNATURE || header.signatureEnd !== SIGNATURE_END)
    throw new InputError(
      'error record byte 0: expected "CPER", its revision, and four bytes ff, got another signature',
    );
  const descriptorSize = packedSize(SectionDescriptor);
  expectBytes('error record', bytes, Math.max(size + header.sectionCount * descriptorSize, header.recordLength));
  const sections = Array.from({ length: header.sectionCount }, (_, i) => {
    const descriptor = readPacked(SectionDescriptor, bytes, size + i * descriptorSize);
    const { sectionOffset, sectionLength, sectionType, severity } = descriptor;
    return { descriptor, ...sectionAt(`section ${i}`, bytes, sectionOffset, sectionLength, sectionType, severity) };
  });
  return { header, sections };
}

/** @throws InputError naming the byte where the block ends early */
export function readGenericErrorStatus(bytes: Uint8Array): ErrorStatusBlock {
  const size = packedSize(GenericErrorStatus);
  expectBytes('error status block', bytes, size);
  const block = readPacked(GenericErrorStatus, bytes);
  const end = size + block.dataLength;
  expectBytes('error status block', bytes, end);
  const sections: ErrorStatusBlock['sections'][number][] = [];
  for (let at = size; at < end; ) {
    const name = `entry ${sections.length}`;
    const inBlock = bytes.subarray(0, end);
    expectBytes(name, inBlock, at + packedSize(GenericErrorData));
    const entry = readPacked(GenericErrorData, bytes, at);
    const { dataLength, sectionType, severity } = entry;
    at += packedSize(GenericErrorData);
    let time = {};
    if (entry.revision >= ENTRY_REVISION) {
      expectBytes(name, inBlock, at + packedSize(EntryTimestamp));
      if ((entry.validationBits & VALID_ENTRY_TIMESTAMP) !== 0) time = readPacked(EntryTimestamp, bytes, at);
      at += packedSize(EntryTimestamp);
    }
    sections.push({ entry, ...time, ...sectionAt(name, inBlock, at, dataLength, sectionType, severity) });
    at += dataLength;
  }
  return { block, sections };
}

function sectionAt(
  name: string,
  bytes: Uint8Array,
  offset: number,
  length: number,
  sectionType: string,
  severity: number,
): ErrorSection {
  expectBytes(name, bytes, offset + length);
  const section = { sectionType, severity, bytes: bytes.slice(offset, offset + length) };
  if (sectionType !== sectionTypes['PCI Express']) return section;
  expectBytes(`${name}, a PCI Express section`, section.bytes, packedSize(PcieErrorSection));
  return { ...section, pcie: readPacked(PcieErrorSection, section.bytes) };
}

function expectBytes(what: string, bytes: Uint8Array, count: number): void {
  if (bytes.length < count) throw new InputError(`${what}: expected ${count} bytes, got ${bytes.length}`);
}

function sectionBytes(arena: ConfigArena, fn: number, options: ErrorRecordOptions): Uint8Array {
  arena.expectFunction(fn);
  const { pciExpress, aer, portType } = arena.layout[fn]!;
  if (pciExpress === 0) throw new RangeError(`${arena.name(fn)}: expected a PCI Express Capability, got none`);
  const id = arena.routingId[fn]!;
  const isBridge = (arena.u8(fn, C.HEADER_TYPE) & C.HEADER_TYPE_HEADER_LAYOUT) === 1;
  const hasSlot =
    (arena.u16(fn, pciExpress + C.PCI_EXPRESS_CAPABILITIES) & C.PCI_EXPRESS_CAPABILITIES_SLOT_IMPLEMENTED) !== 0;
  const serial = serialNumberOf(arena, fn);
  const { pcieVersion } = options;
  const valid = pcieValidationBits;
  return packed(PcieErrorSection, {
    validationBits: BigInt(
      valid.portType |
        (pcieVersion === undefined ? 0 : valid.version) |
        valid.commandStatus |
        valid.deviceId |
        (serial === undefined ? 0 : valid.serialNumber) |
        (isBridge ? valid.bridgeControlStatus : 0) |
        valid.capability |
        (aer === 0 ? 0 : valid.aerInfo),
    ),
    portType,
    ...(pcieVersion === undefined ? {} : { version: bcd(pcieVersion.minor) | (bcd(pcieVersion.major) << 8) }),
    command: arena.command(fn),
    status: arena.u16(fn, C.STATUS),
    vendorId: arena.u16(fn, C.VENDOR_ID),
    deviceId: arena.u16(fn, C.DEVICE_ID),
    // As config space has it, the programming interface first: Linux 6.1 reads it so; some firmware writes it the other way round.
    classCode: arena.u32(fn, C.REVISION_ID) >>> 8,
    functionNumber: id & 7,
    deviceNumber: (id >> 3) & 0x1f,
    segment: arena.segment[fn]! & 0xffff,
    bus: id >> 8,
    ...(serial === undefined ? {} : { serialNumber: serial }),
    ...(isBridge
      ? {
          secondaryBus: arena.u8(fn, C.SECONDARY_BUS_NUMBER),
          secondaryStatus: arena.u16(fn, C.SECONDARY_STATUS),
          bridgeControl: arena.u16(fn, C.BRIDGE_CONTROL),
        }
      : {}),
    ...(hasSlot ? { slot: (arena.u32(fn, pciExpress + C.SLOT_CAPABILITIES) >>> 19) << 3 } : {}),
    capability: capabilityBytes(arena, fn, PciExpressCapability, pciExpress),
    ...(aer === 0 ? {} : { aerInfo: capabilityBytes(arena, fn, AdvancedErrorReporting, aer) }),
  });
}

function serialNumberOf(arena: ConfigArena, fn: number): bigint | undefined {
  const at = walkCapabilities(arena.space(fn)).entries.find(
    ({ id, extended }) => extended && id === C.EXTENDED_CAPABILITY_ID_DEVICE_SERIAL_NUMBER,
  )?.offset;
  if (at === undefined) return undefined;
  return (BigInt(arena.u32(fn, at + C.SERIAL_NUMBER_UPPER)) << 32n) | BigInt(arena.u32(fn, at + C.SERIAL_NUMBER_LOWER));
}

/** A capability's registers that the function has; what lies behind them is another capability's, or nothing. */
function capabilityBytes(arena: ConfigArena, fn: number, structure: Structure, at: number): Uint8Array {
  const bytes = arena.space(fn);
  const { portType, pciExpress } = arena.layout[fn]!;
  const present = presentRegisters(structure, conditionsThatHold(structure, bytes, at, portType, pciExpress));
  return bytes.slice(at, at + Math.max(...present.map(({ offset, width }) => offset + width / 8)));
}

function severityCode(arena: ConfigArena, fn: number, { severity }: ErrorRecordOptions): number {
  return recordSeverities.indexOf(severity ?? severityByRegisters(arena, fn));
}

/** By AER where the function has it, else by Device Status. An advisory error has sent ERR_COR. PCIe 5.0 §6.2.3.2.4. */
function severityByRegisters(arena: ConfigArena, fn: number): RecordSeverity {
  const { aer, pciExpress } = arena.layout[fn]!;
  if (aer === 0) {
    const status = arena.u16(fn, pciExpress + C.DEVICE_STATUS);
    if ((status & C.DEVICE_STATUS_FATAL_ERROR_DETECTED) !== 0) return 'fatal';
    return (status & C.DEVICE_STATUS_NON_FATAL_ERROR_DETECTED) !== 0 ? 'recoverable' : 'corrected';
  }
  const errors = arena.u32(fn, aer + C.UNCORRECTABLE_ERROR_STATUS) & ~arena.u32(fn, aer + C.UNCORRECTABLE_ERROR_MASK);
  if (errors === 0) return 'corrected';
  if ((errors & arena.u32(fn, aer + C.UNCORRECTABLE_ERROR_SEVERITY)) !== 0) return 'fatal';
  const hasAdvisory =
    (arena.u32(fn, aer + C.CORRECTABLE_ERROR_STATUS) & C.CORRECTABLE_ERROR_STATUS_ADVISORY_NON_FATAL_ERROR) !== 0;
  const hasNonFatal = (arena.u16(fn, pciExpress + C.DEVICE_STATUS) & C.DEVICE_STATUS_NON_FATAL_ERROR_DETECTED) !== 0;
  return hasAdvisory && !hasNonFatal ? 'corrected' : 'recoverable';
}

function fruOf({ fruText }: ErrorRecordOptions): { validationBits: number; fruText?: Uint8Array } {
  if (fruText === undefined) return { validationBits: 0 };
  if (!/^[ -~]{0,20}$/.test(fruText))
    throw new RangeError(`FRU text: expected at most 20 characters of ASCII, got "${fruText}"`);
  return { validationBits: VALID_FRU_TEXT, fruText: new TextEncoder().encode(fruText) };
}

/** BCD: second, minute, hour, flags (bit 0: precise), day, month, year, century. UEFI 2.10 §N.2.1. */
function timestampOf(date: Date): bigint {
  const year = date.getUTCFullYear();
  const parts = [
    bcd(date.getUTCSeconds()),
    bcd(date.getUTCMinutes()),
    bcd(date.getUTCHours()),
    1,
    bcd(date.getUTCDate()),
    bcd(date.getUTCMonth() + 1),
    bcd(year % 100),
    bcd(Math.floor(year / 100)),
  ];
  return parts.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** @throws RangeError when the value is no number of two decimal digits */
function bcd(value: number): number {
  if (!(Number.isInteger(value) && value >= 0 && value <= 99))
    throw new RangeError(`BCD: expected a whole number from 0 to 99, got ${value}`);
  return (Math.floor(value / 10) << 4) | (value % 10);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
