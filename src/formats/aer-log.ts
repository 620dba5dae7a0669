/**
 * What Linux's AER driver prints for an error that a root port has received: the kernel's lines, from the registers as they stand.
 * Nothing is cleared.
 */

import { CxlFlexBusPort } from '../../spec-tables/cxl-flex-bus-port.ts';
import { portTypes } from '../../spec-tables/port-types.ts';
import { uncorrectableErrors } from '../../spec-tables/uncorrectable-errors.ts';
import type { ConfigArena } from '../config/arena.ts';
import { formatBdf } from '../config/bdf.ts';
import { structureOf } from '../config/placed-structures.ts';
import { associatedEndpoints, isEventCollector } from '../fabric/event-collectors.ts';
import { hasPrefixLog, PREFIX_LOG } from '../fabric/header-logs.ts';
import type { Topology } from '../fabric/topology.ts';
import * as C from '../spec/constants.ts';
import { agentOf, bits, errorColumns, errorLines, errorsWithHeaderIn61, layerOf } from './aer-names.ts';

/**
 * `6.1`: as kernels up to 6.15 print it. `6.16`: from then on: Correctable for Corrected, words with 0x. `7.3`: agent and layer stand
 * beside each error, and behind a correctable error the advisory one that it is about. Which release between the two changed is not known.
 */
export const aerLogStyles = ['6.1', '6.16', '7.3'] as const;
export type AerLogStyle = (typeof aerLogStyles)[number];

type Severity = 'correctable' | 'non-fatal' | 'fatal';

const laterSeverities: Readonly<Record<Severity, string>> = {
  correctable: 'Correctable',
  'non-fatal': 'Uncorrectable (Non-Fatal)',
  fatal: 'Uncorrectable (Fatal)',
};
const severities: Readonly<Record<AerLogStyle, Readonly<Record<Severity, string>>>> = {
  '6.1': { correctable: 'Corrected', 'non-fatal': 'Uncorrected (Non-Fatal)', fatal: 'Uncorrected (Fatal)' },
  '6.16': laterSeverities,
  '7.3': laterSeverities,
};

/** The errors that the kernel prints a header for: 6.1 knows six, later ones all that log one. */
function errorsWithHeader(style: AerLogStyle): number {
  if (style === '6.1') return errorsWithHeaderIn61;
  return bits(
    uncorrectableErrors.filter((one) => 'logsHeader' in one && one.logsHeader === true).map(({ bit }) => bit),
  );
}

/** Completion Timeout has a header where the function can log one, as 7.3 knows. */
function hasHeader(status: number, control: number, style: AerLogStyle): boolean {
  if ((status & errorsWithHeader(style)) !== 0) return true;
  const capable =
    (control & C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL_COMPLETION_TIMEOUT_PREFIX_HEADER_LOG_CAPABLE) !== 0;
  return style === '7.3' && capable && (status & C.UNCORRECTABLE_ERROR_STATUS_COMPLETION_TIMEOUT) !== 0;
}

/** What the driver says of the message itself, before it looks at its source. Linux aer_print_source(), by style. */
function messageLines(
  style: AerLogStyle,
  severity: Severity,
  from: string,
  id: number,
  isMultiple: boolean,
  isFound: boolean,
): string[] {
  const what = `${isMultiple ? 'Multiple ' : ''}${severities[style][severity]}`;
  switch (style) {
    case '6.1':
      return [`${what} error received: ${from}`, ...(isFound ? [] : [`can't find device of ID${hex(id, 4)}`])];
    case '6.16':
      return [
        `${what} error message received from ${from}`,
        ...(isFound ? [] : [`found no error details for ${from}`]),
      ];
    case '7.3': {
      const messages = isMultiple ? 'messages received, first one' : 'message received';
      return [`${what} Error ${messages} from ${from}${isFound ? '' : ' (no details found)'}`];
    }
  }
}

/** The driver takes down no more functions than this for one message. */
const MOST_FUNCTIONS = 5;

export interface AerLogOptions {
  /** `6.1` where not given. */
  readonly style?: AerLogStyle;
  /** Driver by function; where not given, `pcieport` for ports and event collectors, and the bus's name for what nobody drives. */
  readonly drivers?: ReadonlyMap<number, string>;
}

/**
 * Lines without time stamps, trailing blanks as the kernel has them; none where Root Error Status has no error.
 * @throws RangeError when the function is no root port or event collector with AER
 */
export function aerLog(
  arena: ConfigArena,
  topology: Topology,
  rootPort: number,
  options: AerLogOptions = {},
): string[] {
  arena.expectFunction(rootPort);
  const { aer, portType } = arena.layout[rootPort]!;
  if (aer === 0 || (portType !== portTypes['Root Port'] && !isEventCollector(arena, rootPort)))
    throw new RangeError(
      `${arena.name(rootPort)}: expected a root port or event collector with AER, got another function`,
    );
  const { style = '6.1' } = options;
  const name = prefix(arena, rootPort, options);
  const status = arena.u32(rootPort, aer + C.ROOT_ERROR_STATUS);
  const source = arena.u32(rootPort, aer + C.ERROR_SOURCE_IDENTIFICATION);
  const lines: string[] = [];
  const message = (severity: Severity, id: number, isMultiple: boolean) => {
    const found = sources(arena, topology, rootPort, severity, id, isMultiple);
    const from = formatBdf(arena.segment[rootPort]!, id, true);
    lines.push(
      ...messageLines(style, severity, from, id, isMultiple, found.length > 0).map((line) => `${name} AER: ${line}`),
    );
    for (const fn of found) {
      const told = functionLines(arena, fn, severity, options);
      lines.push(...told);
      if (style !== '7.3' && told.length > 0 && found.length > 1 && id !== 0 && arena.routingId[fn] === id)
        lines.push(`${prefix(arena, fn, options)} AER:   Error of this Agent is reported first`);
    }
  };
  if ((status & C.ROOT_ERROR_STATUS_ERR_COR_RECEIVED) !== 0)
    message('correctable', source & 0xffff, (status & C.ROOT_ERROR_STATUS_MULTIPLE_ERR_COR_RECEIVED) !== 0);
  if ((status & C.ROOT_ERROR_STATUS_ERR_FATAL_NONFATAL_RECEIVED) !== 0)
    message(
      (status & C.ROOT_ERROR_STATUS_FATAL_ERROR_MESSAGES_RECEIVED) !== 0 ? 'fatal' : 'non-fatal',
      source >>> 16,
      (status & C.ROOT_ERROR_STATUS_MULTIPLE_ERR_FATAL_NONFATAL_RECEIVED) !== 0,
    );
  return lines;
}

/** By Source ID, or by status where that says nothing: bus 0, or several messages. Linux find_source_device(). */
function sources(
  arena: ConfigArena,
  topology: Topology,
  rootPort: number,
  severity: Severity,
  id: number,
  isMultiple: boolean,
): number[] {
  const found: number[] = [];
  for (const fn of walk(arena, topology, rootPort)) {
    if (!arena.isPresent(fn) || !isSource(arena, fn, severity, id, isMultiple)) continue;
    if (found.length < MOST_FUNCTIONS) found.push(fn);
    if (!isMultiple) break;
  }
  return found;
}

/** Depth first, as pci_walk_bus() goes; of an event collector its endpoints, as pcie_walk_rcec() does. */
function* walk(arena: ConfigArena, topology: Topology, fn: number): Generator<number> {
  yield fn;
  if (isEventCollector(arena, fn)) yield* associatedEndpoints(arena, topology, fn);
  else for (const child of topology.children[fn]!) yield* walk(arena, topology, child);
}

function isSource(arena: ConfigArena, fn: number, severity: Severity, id: number, isMultiple: boolean): boolean {
  if (id >> 8 !== 0) {
    if (arena.routingId[fn] === id) return true;
    if (!isMultiple) return false;
  }
  const { aer, pciExpress } = arena.layout[fn]!;
  if (aer === 0 || pciExpress === 0) return false;
  const reporting =
    C.DEVICE_CONTROL_CORRECTABLE_ERROR_REPORTING_ENABLE |
    C.DEVICE_CONTROL_NON_FATAL_ERROR_REPORTING_ENABLE |
    C.DEVICE_CONTROL_FATAL_ERROR_REPORTING_ENABLE |
    C.DEVICE_CONTROL_UNSUPPORTED_REQUEST_REPORTING_ENABLE;
  if ((arena.u16(fn, pciExpress + C.DEVICE_CONTROL) & reporting) === 0) return false;
  const { status, mask } = statusAndMask(arena, fn, severity);
  return (status & ~mask) !== 0;
}

/** What is printed of one function; nothing where it has no error of that kind. Linux aer_get_device_error_info(). */
function functionLines(arena: ConfigArena, fn: number, severity: Severity, options: AerLogOptions): string[] {
  const { style = '6.1' } = options;
  const { aer, portType } = arena.layout[fn]!;
  if (aer === 0) return [];
  const name = prefix(arena, fn, options);
  const what = `${busName(arena, fn, style)} Bus Error: severity=${severities[style][severity]}`;
  // Behind a fatal error the link may not be one to read over.
  const isReadable = [
    portTypes['Root Port'],
    portTypes['Root Complex Event Collector'],
    portTypes['Switch Downstream Port'],
  ];
  if (severity === 'fatal' && !(isReadable as number[]).includes(portType))
    return [
      `${name} AER: ${what}${style === '7.3' ? ' (Inaccessible)' : ', type=Inaccessible, (Unregistered Agent ID)'}`,
    ];
  const { status, mask } = statusAndMask(arena, fn, severity);
  if ((status & ~mask) === 0) return [];
  const lines = errorsOf(arena, fn, severity, status, mask, options);
  const advisory = style === '7.3' && severity === 'correctable' ? advisoryErrors(arena, fn, status & ~mask) : 0;
  return advisory === 0 ? lines : [...lines, ...errorsOf(arena, fn, 'non-fatal', advisory, 0, options)];
}

/** Linux aer_print_error(). */
function errorsOf(
  arena: ConfigArena,
  fn: number,
  severity: Severity,
  status: number,
  mask: number,
  options: AerLogOptions,
): string[] {
  const { style = '6.1' } = options;
  const name = prefix(arena, fn, options);
  const control = arena.u32(fn, arena.layout[fn]!.aer + C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL);
  const pointer = control & C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL_FIRST_ERROR_POINTER;
  const isCorrectable = severity === 'correctable';
  const ids = `${hex(arena.u16(fn, C.VENDOR_ID), 4)}:${hex(arena.u16(fn, C.DEVICE_ID), 4)}`;
  const what = `${busName(arena, fn, style)} Bus Error: severity=${severities[style][severity]}`;
  const by = style === '7.3' ? '' : `, type=${layerOf(status, isCorrectable)}, (${agentOf(status, isCorrectable)})`;
  const errors =
    style === '7.3'
      ? errorColumns(status & ~mask, isCorrectable, isCorrectable ? -1 : pointer)
      : // A correctable error has no pointer: 6.1 prints what its stack holds, later ones a 0.
        errorLines(status & ~mask, isCorrectable, isCorrectable ? (style === '6.1' ? -1 : 0) : pointer);
  const lines = [
    `${name} ${what}${by}`,
    `${name}   device [${ids}] error status/mask=${hex(status, 8)}/${hex(mask, 8)}`,
    ...errors.map((line) => `${name} ${line}`),
  ];
  const withHeader = style === '7.3' ? status & ~mask : status;
  if (!isCorrectable && hasHeader(withHeader, control, style))
    lines.push(`${name} AER:   TLP Header: ${headerWords(arena, fn, style)}`);
  return lines;
}

/** Non-fatal errors that are always advisory, and those that may be: Unexpected Completion, egress blocked. Linux 7.3 AER_ANFE. */
const ALWAYS_ADVISORY = bits([16, 24, 27]);
const PERHAPS_ADVISORY = bits([12, 14, 15, 19, 20, 21, 25, 26, 30]);

/** The uncorrectable errors behind an Advisory Non-Fatal Error. Linux 7.3 aer_compute_anfe_status(). */
function advisoryErrors(arena: ConfigArena, fn: number, correctable: number): number {
  if ((correctable & C.CORRECTABLE_ERROR_STATUS_ADVISORY_NON_FATAL_ERROR) === 0) return 0;
  const { aer, pciExpress } = arena.layout[fn]!;
  const errors =
    arena.u32(fn, aer + C.UNCORRECTABLE_ERROR_STATUS) &
    ~arena.u32(fn, aer + C.UNCORRECTABLE_ERROR_MASK) &
    ~arena.u32(fn, aer + C.UNCORRECTABLE_ERROR_SEVERITY);
  const hasSentNonFatal =
    (arena.u16(fn, pciExpress + C.DEVICE_STATUS) & C.DEVICE_STATUS_NON_FATAL_ERROR_DETECTED) !== 0;
  return errors & (hasSentNonFatal ? ALWAYS_ADVISORY : ALWAYS_ADVISORY | PERHAPS_ADVISORY);
}

/** 7.3 names the bus of a function whose link runs CXL.cache or CXL.mem. Linux 7.3 set_pcie_cxl(). */
function busName(arena: ConfigArena, fn: number, style: AerLogStyle): string {
  return style === '7.3' && runsCxl(arena, fn) ? 'CXL' : 'PCIe';
}

const CXL_ENABLED = C.CXL_FLEX_BUS_PORT_STATUS_CACHE_ENABLED | C.CXL_FLEX_BUS_PORT_STATUS_MEM_ENABLED;

function runsCxl(arena: ConfigArena, fn: number): boolean {
  const space = arena.space(fn);
  const port = arena.layout[fn]!.capabilities.find((entry) => structureOf(space, entry) === CxlFlexBusPort);
  return port !== undefined && (arena.u16(fn, port.offset + C.CXL_FLEX_BUS_PORT_STATUS) & CXL_ENABLED) !== 0;
}

function headerWords(arena: ConfigArena, fn: number, style: AerLogStyle): string {
  const { aer } = arena.layout[fn]!;
  const words = (at: number) => [0, 4, 8, 12].map((offset) => arena.u32(fn, aer + at + offset));
  const header = words(C.HEADER_LOG_0);
  if (style === '6.1') return header.map((word) => hex(word, 8)).join(' ');
  const text = (list: readonly number[]) => list.map((word) => ` 0x${hex(word, 8)}`).join('');
  const logged = hasPrefixLog(arena, fn) ? words(PREFIX_LOG) : [];
  const end = logged.indexOf(0);
  const prefixes = end < 0 ? logged : logged.slice(0, end);
  return text(header).slice(1) + (prefixes.length === 0 ? '' : ` E-E Prefixes:${text(prefixes)}`);
}

function statusAndMask(arena: ConfigArena, fn: number, severity: Severity): { status: number; mask: number } {
  const { aer } = arena.layout[fn]!;
  const [status, mask] =
    severity === 'correctable'
      ? [C.CORRECTABLE_ERROR_STATUS, C.CORRECTABLE_ERROR_MASK]
      : [C.UNCORRECTABLE_ERROR_STATUS, C.UNCORRECTABLE_ERROR_MASK];
  return { status: arena.u32(fn, aer + status), mask: arena.u32(fn, aer + mask) };
}

/** `pcieport 0000:00:02.2:`, as dev_printk() starts a line. */
function prefix(arena: ConfigArena, fn: number, { drivers }: AerLogOptions): string {
  const isPort =
    arena.layout[fn]!.pciExpress !== 0 && (arena.u8(fn, C.HEADER_TYPE) & C.HEADER_TYPE_HEADER_LAYOUT) === 1;
  const driver = drivers?.get(fn) ?? (isPort || isEventCollector(arena, fn) ? 'pcieport' : 'pci');
  return `${driver} ${formatBdf(arena.segment[fn]!, arena.routingId[fn]!, true)}:`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
