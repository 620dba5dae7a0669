/**
 * What Linux's AER driver prints for an error that a root port has received: the kernel's lines, from the registers as they stand.
 * Nothing is cleared.
 */

import { portTypes } from '../../spec-tables/port-types.ts';
import { uncorrectableErrors } from '../../spec-tables/uncorrectable-errors.ts';
import type { ConfigArena } from '../config/arena.ts';
import { formatBdf } from '../config/bdf.ts';
import { hasPrefixLog, PREFIX_LOG } from '../fabric/header-logs.ts';
import type { Topology } from '../fabric/topology.ts';
import * as C from '../spec/constants.ts';
import { agentOf, bits, errorLines, errorsWithHeaderIn61, layerOf } from './aer-names.ts';

/** `6.1`: as kernels up to 6.15 print it. `6.16`: from then on: Correctable for Corrected, words with 0x. */
export const aerLogStyles = ['6.1', '6.16'] as const;
export type AerLogStyle = (typeof aerLogStyles)[number];

type Severity = 'correctable' | 'non-fatal' | 'fatal';

const severities: Readonly<Record<AerLogStyle, Readonly<Record<Severity, string>>>> = {
  '6.1': { correctable: 'Corrected', 'non-fatal': 'Uncorrected (Non-Fatal)', fatal: 'Uncorrected (Fatal)' },
  '6.16': { correctable: 'Correctable', 'non-fatal': 'Uncorrectable (Non-Fatal)', fatal: 'Uncorrectable (Fatal)' },
};

/** The errors that the kernel prints a header for: 6.1 knows six, later ones all that log one. */
function errorsWithHeader(style: AerLogStyle): number {
  if (style === '6.1') return errorsWithHeaderIn61;
  return bits(
    uncorrectableErrors.filter((one) => 'logsHeader' in one && one.logsHeader === true).map(({ bit }) => bit),
  );
}

/** The driver takes down no more functions than this for one message. */
const MOST_FUNCTIONS = 5;

export interface AerLogOptions {
  /** `6.1` where not given. */
  readonly style?: AerLogStyle;
  /** Driver by function; where not given, `pcieport` for ports, and the bus's name for what nobody drives. */
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
  if (aer === 0 || (portType !== portTypes['Root Port'] && portType !== portTypes['Root Complex Event Collector']))
    throw new RangeError(`${arena.name(rootPort)}: expected a root port with AER, got another function`);
  const { style = '6.1' } = options;
  const status = arena.u32(rootPort, aer + C.ROOT_ERROR_STATUS);
  const source = arena.u32(rootPort, aer + C.ERROR_SOURCE_IDENTIFICATION);
  const lines: string[] = [];
  const message = (severity: Severity, id: number, isMultiple: boolean) => {
    const from = formatBdf(arena.segment[rootPort]!, id, true);
    const what = `${isMultiple ? 'Multiple ' : ''}${severities[style][severity]} error`;
    const said = style === '6.1' ? `${what} received: ${from}` : `${what} message received from ${from}`;
    lines.push(`${prefix(arena, rootPort, options)} AER: ${said}`);
    const found = sources(arena, topology, rootPort, severity, id, isMultiple);
    if (found.length === 0) {
      const lost = style === '6.1' ? `can't find device of ID${hex(id, 4)}` : `found no error details for ${from}`;
      lines.push(`${prefix(arena, rootPort, options)} AER: ${lost}`);
    }
    for (const fn of found) {
      const told = functionLines(arena, fn, severity, options);
      lines.push(...told);
      if (told.length > 0 && found.length > 1 && id !== 0 && arena.routingId[fn] === id)
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
  for (const fn of walk(topology, rootPort)) {
    if (!arena.isPresent(fn) || !isSource(arena, fn, severity, id, isMultiple)) continue;
    if (found.length < MOST_FUNCTIONS) found.push(fn);
    if (!isMultiple) break;
  }
  return found;
}

/** Depth first, as pci_walk_bus() goes. */
function* walk(topology: Topology, fn: number): Generator<number> {
  yield fn;
  for (const child of topology.children[fn]!) yield* walk(topology, child);
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
  const what = `PCIe Bus Error: severity=${severities[style][severity]}`;
  // Behind a fatal error the link may not be one to read over.
  const isReadable = [
    portTypes['Root Port'],
    portTypes['Root Complex Event Collector'],
    portTypes['Switch Downstream Port'],
  ];
  if (severity === 'fatal' && !(isReadable as number[]).includes(portType))
    return [`${name} AER: ${what}, type=Inaccessible, (Unregistered Agent ID)`];
  const { status, mask } = statusAndMask(arena, fn, severity);
  const shown = status & ~mask;
  if (shown === 0) return [];
  const control = arena.u32(fn, aer + C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL);
  const isCorrectable = severity === 'correctable';
  // A correctable error has no pointer: 6.1 prints what its stack holds, later ones a 0.
  const first = isCorrectable
    ? style === '6.1'
      ? -1
      : 0
    : control & C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL_FIRST_ERROR_POINTER;
  const ids = `${hex(arena.u16(fn, C.VENDOR_ID), 4)}:${hex(arena.u16(fn, C.DEVICE_ID), 4)}`;
  const lines = [
    `${name} ${what}, type=${layerOf(status, isCorrectable)}, (${agentOf(status, isCorrectable)})`,
    `${name}   device [${ids}] error status/mask=${hex(status, 8)}/${hex(mask, 8)}`,
  ];
  lines.push(...errorLines(shown, isCorrectable, first).map((line) => `${name} ${line}`));
  if (!isCorrectable && (status & errorsWithHeader(style)) !== 0)
    lines.push(`${name} AER:   TLP Header: ${headerWords(arena, fn, style)}`);
  return lines;
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
  const driver = drivers?.get(fn) ?? (isPort ? 'pcieport' : 'pci');
  return `${driver} ${formatBdf(arena.segment[fn]!, arena.routingId[fn]!, true)}:`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
