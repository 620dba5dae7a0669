/**
 * What Linux prints of an error that firmware has handled first: the lines of its GHES driver, from the bytes of a Generic Error
 * Status Block, and those of AER recovery, or of the panic, that follow.
 * Linux 6.1 drivers/acpi/apei/ghes.c, drivers/firmware/efi/cper.c, drivers/pci/pcie/aer.c; their formats in Debian's 6.12.117 and 7.3.4.
 */
import { pcieValidationBits, recordSeverities } from '../../spec-tables/error-records.ts';
import { formatBdf, routingId } from '../config/bdf.ts';
import * as C from '../spec/constants.ts';
import { agentOf, errorLines, errorsWithHeaderIn61, layerOf } from './aer-names.ts';
import { type ErrorSection, type PcieError, readGenericErrorStatus } from './error-record.ts';

/**
 * `6.1`: AER's registers where the error is fatal. `6.12`: of every error, with the correctable ones, as Debian's 6.12.117 prints
 * them. `7.3`: the same; its AER recovery has other words, which are not here.
 */
export const ghesLogStyles = ['6.1', '6.12', '7.3'] as const;
export type GhesLogStyle = (typeof ghesLogStyles)[number];

export interface GhesLogOptions {
  /** `6.1` where not given. */
  readonly style?: GhesLogStyle;
  /** How many errors the kernel has printed by then, this one included: 1 where not given. */
  readonly sequence?: number;
  /** Source ID of the error source in HEST: 1 where not given. */
  readonly source?: number;
  /** Driver by function, such as `0000:07:00.0`; where not given, `pcieport` for ports, and the bus's name for what nobody drives. */
  readonly drivers?: ReadonlyMap<string, string>;
}

const CORRECTED = recordSeverities.indexOf('corrected');
const FATAL = recordSeverities.indexOf('fatal');
const SLOT_SHIFT = 3;

const portTypeNames = [
  'PCIe end point',
  'legacy PCI end point',
  'unknown',
  'unknown',
  'root port',
  'upstream switch port',
  'downstream switch port',
  'PCIe to PCI/PCI-X bridge',
  'PCI/PCI-X to PCIe bridge',
  'root complex integrated endpoint device',
  'root complex event collector',
];

/**
 * Lines without time stamps. A fatal error ends in a panic; any other is handed to AER recovery, of which the printed registers are
 * here, and not what its drivers then say.
 * @param block a Generic Error Status Block
 * @throws InputError where the block ends early
 * @throws RangeError where a section is not of PCI Express
 */
export function ghesLog(block: Uint8Array, options: GhesLogOptions = {}): string[] {
  const { style = '6.1', sequence = 1, source = 1 } = options;
  const { block: status, sections } = readGenericErrorStatus(block);
  const lines = [`Hardware error from APEI Generic Hardware Error Source: ${source}`];
  if (status.severity === CORRECTED) lines.push('It has been corrected by h/w and requires no further action');
  lines.push(`event severity: ${severityName(status.severity)}`);
  for (const [i, { entry, timestamp, severity, sectionType, pcie }] of sections.entries()) {
    if (pcie === undefined) throw new RangeError(`entry ${i}: expected a PCI Express section, got ${sectionType}`);
    if (timestamp !== undefined) lines.push(` ${timestampLine(timestamp)}`);
    lines.push(` Error ${i}, type: ${severityName(severity)}`);
    if ((entry.validationBits & 1) !== 0) lines.push(` fru_id: ${entry.fruId}`);
    if ((entry.validationBits & 2) !== 0) lines.push(` fru_text: ${text(entry.fruText)}`);
    lines.push('  section_type: PCIe error', ...sectionLines(pcie, severity, style).map((line) => `  ${line}`));
  }
  const printed = lines.map((line) => `{${sequence}}[Hardware Error]: ${line}`);
  // A severity that the kernel does not know is worse than a fatal one.
  const isPanic = status.severity === FATAL || status.severity >= recordSeverities.length;
  if (isPanic) return [...printed, 'Kernel panic - not syncing: GHES: Fatal hardware error'];
  if (style === '7.3') return printed;
  return [...printed, ...sections.flatMap((section) => recoveryLines(section, options))];
}

/** cper_print_pcie(). */
function sectionLines(pcie: PcieError, severity: number, style: GhesLogStyle): string[] {
  const isValid = validityOf(pcie);
  const lines: string[] = [];
  if (isValid('portType')) lines.push(`port_type: ${pcie.portType | 0}, ${portTypeNames[pcie.portType] ?? 'unknown'}`);
  // Read as plain numbers, though they are BCD.
  if (isValid('version')) lines.push(`version: ${(pcie.version >> 8) & 0xff}.${pcie.version & 0xff}`);
  if (isValid('commandStatus')) lines.push(`command: 0x${hex(pcie.command, 4)}, status: 0x${hex(pcie.status, 4)}`);
  if (isValid('deviceId'))
    lines.push(
      `device_id: ${hex(pcie.segment, 4)}:${hex(pcie.bus, 2)}:${hex(pcie.deviceNumber, 2)}.${hex(pcie.functionNumber, 1)}`,
      `slot: ${pcie.slot >> SLOT_SHIFT}`,
      `secondary_bus: 0x${hex(pcie.secondaryBus, 2)}`,
      `vendor_id: 0x${hex(pcie.vendorId, 4)}, device_id: 0x${hex(pcie.deviceId, 4)}`,
      `class_code: ${hex(pcie.classCode, 6)}`,
    );
  if (isValid('serialNumber')) {
    const [lower, upper] = [pcie.serialNumber & 0xffffffffn, pcie.serialNumber >> 32n];
    lines.push(`serial number: 0x${hex(lower, 4)}, 0x${hex(upper, 4)}`);
  }
  if (isValid('bridgeControlStatus'))
    lines.push(`bridge: secondary_status: 0x${hex(pcie.secondaryStatus, 4)}, control: 0x${hex(pcie.bridgeControl, 4)}`);
  // 6.1 tests the severity's bit, which `informational` has too.
  if (!isValid('aerInfo') || (style === '6.1' && (severity & FATAL) === 0)) return lines;
  const aer = aerReader(pcie);
  if (style !== '6.1')
    lines.push(
      `aer_cor_status: 0x${aer(C.CORRECTABLE_ERROR_STATUS)}, aer_cor_mask: 0x${aer(C.CORRECTABLE_ERROR_MASK)}`,
    );
  lines.push(
    `aer_uncor_status: 0x${aer(C.UNCORRECTABLE_ERROR_STATUS)}, aer_uncor_mask: 0x${aer(C.UNCORRECTABLE_ERROR_MASK)}`,
    `aer_uncor_severity: 0x${aer(C.UNCORRECTABLE_ERROR_SEVERITY)}`,
    `TLP Header: ${headerLog(pcie)}`,
  );
  return lines;
}

/** ghes_handle_aer(), and cper_print_aer() for what it hands over. */
function recoveryLines({ severity, pcie }: ErrorSection, { drivers }: GhesLogOptions): string[] {
  if (pcie === undefined) return [];
  const isValid = validityOf(pcie);
  if (!isValid('deviceId') || !isValid('aerInfo')) return [];
  const isCorrectable = recordSeverities[severity] !== 'recoverable' && severity !== FATAL;
  const view = viewOf(pcie.aerInfo);
  const word = (offset: number) => view.getUint32(offset, true);
  const status = word(isCorrectable ? C.CORRECTABLE_ERROR_STATUS : C.UNCORRECTABLE_ERROR_STATUS);
  const mask = word(isCorrectable ? C.CORRECTABLE_ERROR_MASK : C.UNCORRECTABLE_ERROR_MASK);
  const first =
    word(C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL) & C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL_FIRST_ERROR_POINTER;
  const lines = [
    `AER: aer_status: 0x${hex(status, 8)}, aer_mask: 0x${hex(mask, 8)}`,
    ...errorLines(status & ~mask, isCorrectable, first),
    `AER: aer_layer=${layerOf(status, isCorrectable)}, aer_agent=${agentOf(status, isCorrectable)}`,
  ];
  if (!isCorrectable) {
    lines.push(`AER: aer_uncor_severity: 0x${hex(word(C.UNCORRECTABLE_ERROR_SEVERITY), 8)}`);
    if ((status & errorsWithHeaderIn61) !== 0) lines.push(`AER:   TLP Header: ${headerLog(pcie)}`);
  }
  const isPort = pcie.portType >= 4 && pcie.portType <= 8;
  const name = nameOf(pcie);
  return lines.map((line) => `${drivers?.get(name) ?? (isPort ? 'pcieport' : 'pci')} ${name}: ${line}`);
}

function validityOf({ validationBits }: PcieError): (field: keyof typeof pcieValidationBits) => boolean {
  return (field) => (validationBits & BigInt(pcieValidationBits[field])) !== 0n;
}

/** As PCI_DEVFN() makes it of any number. */
function nameOf({ segment, bus, deviceNumber, functionNumber }: PcieError): string {
  return formatBdf(segment, routingId(bus, deviceNumber & 0x1f, functionNumber & 7), true);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function aerReader({ aerInfo }: PcieError): (offset: number) => string {
  const view = viewOf(aerInfo);
  return (offset) => hex(view.getUint32(offset, true), 8);
}

function headerLog(pcie: PcieError): string {
  const word = aerReader(pcie);
  return [0, 4, 8, 12].map((offset) => word(C.HEADER_LOG_0 + offset)).join(' ');
}

function severityName(code: number): string {
  // struct cper_sec_pcie's users keep 16 bits of it.
  return ['recoverable', 'fatal', 'corrected', 'info'][code & 0xffff] ?? 'unknown';
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return String.fromCharCode(...(end < 0 ? bytes : bytes.subarray(0, end)));
}

/** cper_print_tstamp(). */
function timestampLine(timestamp: bigint): string {
  const byte = (i: number) => Number((timestamp >> BigInt(8 * i)) & 0xffn);
  const two = (i: number) => `${(byte(i) >> 4) * 10 + (byte(i) & 15)}`.padStart(2, '0');
  const precision = (byte(3) & 1) !== 0 ? 'precise' : 'imprecise';
  return `${precision} tstamp: ${two(7)}${two(6)}-${two(5)}-${two(4)} ${two(2)}:${two(1)}:${two(0)}`;
}

function hex(value: number | bigint, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
