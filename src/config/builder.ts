/** Makes a function's bytes from spec tables: reset values, then the values given by register name, then the chains. */
import { Type0Header, Type1Header } from '../../spec-tables/index.ts';
import { portTypes } from '../../spec-tables/port-types.ts';
import {
  CAPABILITIES_POINTER,
  CAPABILITY_ID_PCI_EXPRESS,
  CAPABILITY_ID_POWER_MANAGEMENT,
  EXTENDED_CAPABILITY_ID_SINGLE_ROOT_IO_VIRTUALIZATION,
  HEADER_TYPE,
  HEADER_TYPE_MULTI_FUNCTION_DEVICE,
  LINK_CAPABILITIES_MAXIMUM_LINK_WIDTH,
  STATUS,
  STATUS_CAPABILITIES_LIST,
} from '../spec/constants.ts';
import { expandStructure } from '../spec/expand.ts';
import { conditionsThatHold, presentRegisters, resetValues } from '../spec/fold.ts';
import type { Block, Register, Structure } from '../spec/structure.ts';
import { CONFIG_SPACE_SIZE } from './arena.ts';
import { formatBdf, parseBdf } from './bdf.ts';
import type { FunctionImage } from './function-image.ts';
import { checkedBarSizes } from './stated-bar-sizes.ts';

/**
 * Register values by the names that the structure's table gives them; a structure with blocks also takes the names of its
 * elements' registers, `{n}` replaced.
 */
export type RegisterValues<S extends Structure> = S extends { readonly blocks: readonly Block[] }
  ? Readonly<Record<string, number>>
  : { readonly [name in S['registers'][number]['name']]?: number };

export interface PlacedCapability {
  readonly structure: Structure;
  /** Bytes behind the header of a capability that has no table; they replace registers. */
  readonly payload?: Uint8Array;
  readonly offset: number;
  /** Version of an extended capability, bits 19:16 of its header. */
  readonly version: number;
  readonly values: Readonly<Record<string, number>>;
}

/** A capability at an offset, with the registers that differ from their reset values. */
export function capability<const S extends Structure>(
  structure: S,
  offset: number,
  values: RegisterValues<S>,
  version = 1,
): PlacedCapability {
  return { structure, offset, version, values: values as Readonly<Record<string, number>> };
}

/**
 * An extended capability that no table describes (vendor-specific ones, say), read-only.
 * @param hex the bytes behind the four of its header, as in a dump
 * @throws Error when they are no hex digits in pairs
 */
export function opaqueExtendedCapability(id: number, offset: number, hex: string, version = 1): PlacedCapability {
  const digits = hex.replace(/\s/g, '');
  if (!/^([0-9a-f]{2})*$/i.test(digits))
    throw new Error(`capability ${id.toString(16)}: expected bytes in hex, got "${hex}"`);
  const payload = Uint8Array.from(digits.match(/[0-9a-f]{2}/gi) ?? [], (byte) => Number.parseInt(byte, 16));
  const structure = { name: `extended capability ${id.toString(16)}`, extendedCapabilityId: id, registers: [] };
  return { structure, offset, version, values: {}, payload };
}

export interface FunctionDescription {
  /** `bb:dd.f` or `dddd:bb:dd.f`. */
  readonly bdf: string;
  readonly multiFunction?: boolean;
  /** In the order of the chain. */
  readonly capabilities: readonly PlacedCapability[];
  /** Bytes of each BAR, by index (6 = expansion ROM); a power of two. */
  readonly barSizes?: Readonly<Record<number, number>>;
}

export function type0Function(
  description: FunctionDescription & { readonly header: RegisterValues<typeof Type0Header> },
): FunctionImage {
  return build(description, Type0Header, description.header as Readonly<Record<string, number>>);
}

export function type1Function(
  description: FunctionDescription & { readonly header: RegisterValues<typeof Type1Header> },
): FunctionImage {
  return build(description, Type1Header, description.header as Readonly<Record<string, number>>);
}

/** Where an entry lies may depend on each one before it, and 63 entries are the most that a count can say (Enhanced Allocation). */
const MAX_PASSES = 70;

/** @throws Error naming the function and the offset, when a capability lies outside its part of the space or on another one. */
function build(
  description: FunctionDescription,
  header: Structure,
  headerValues: Readonly<Record<string, number>>,
): FunctionImage {
  const address = parseBdf(description.bdf);
  if (address === undefined) throw new Error(`builder: expected a BDF such as 07:00.0, got "${description.bdf}"`);
  const name = formatBdf(address.segment, address.routingId);
  const hex = (value: number) => `0x${value.toString(16)}`;
  const extended = description.capabilities.some((placed) => placed.structure.extendedCapabilityId !== undefined);
  const express = description.capabilities.find((placed) => placed.structure.capabilityId === 0x10);
  const expressAt = express?.offset ?? 0;
  const bytes = new Uint8Array(extended || express !== undefined ? CONFIG_SPACE_SIZE : 256);
  const taken = new Map<number, string>();

  const put = (offset: number, width: number, value: number) => {
    for (let i = 0; i < width; i++) bytes[offset + i] = Math.floor(value / 256 ** i) % 256;
  };
  // By its value and not its bytes: capabilities may stand before it in the list.
  const lanes = ((express?.values['Link Capabilities'] ?? 0) & LINK_CAPABILITIES_MAXIMUM_LINK_WIDTH) >> 4;
  /** Writes the structure's registers at `at`; returns the bytes up to the end of the last one that this function has. */
  const place = (structure: Structure, at: number, values: Readonly<Record<string, number>>, portType: number) => {
    let present: readonly Register[] = [];
    let before: Structure | undefined;
    let heldBefore = '';
    // The header of an extended capability is written already, and its version may be what conditions read.
    const isHeader = ({ offset }: Register) => offset === 0 && structure.extendedCapabilityId !== undefined;
    // What one pass writes (a version, a capability bit, a count) may be what the next one's conditions and blocks read.
    for (let pass = 0; pass < MAX_PASSES; pass++) {
      const expanded = expandStructure(structure, { bytes, at, portType, express: expressAt, lanes });
      // A register that the last pass had elsewhere leaves nothing there.
      for (const register of expanded === before ? [] : present)
        if (!isHeader(register)) put(at + register.offset, register.width / 8, 0);
      for (const register of expanded.registers) {
        const value = values[register.name];
        if (value === undefined) continue;
        if (!(Number.isInteger(value) && value >= 0 && value < 2 ** register.width))
          throw new Error(`${name} ${register.name}: expected a value of ${register.width} bits, got ${hex(value)}`);
        put(at + register.offset, register.width / 8, value);
      }
      const holds = conditionsThatHold(expanded, bytes, at, portType, expressAt);
      const resets = resetValues(expanded, holds);
      present = presentRegisters(expanded, holds);
      for (const register of present)
        if (values[register.name] === undefined && !isHeader(register))
          put(at + register.offset, register.width / 8, resets.get(register.name) ?? 0);
      if (expanded === before && holds === heldBefore) break;
      before = expanded;
      heldBefore = holds;
    }
    for (const registerName of Object.keys(values))
      if (!present.some((register) => register.name === registerName))
        throw new Error(`${name} ${registerName}: expected a register that this function has, got one that it has not`);
    return Math.max(4, ...present.map((register) => register.offset + register.width / 8));
  };

  place(header, 0, headerValues, -1);
  bytes[HEADER_TYPE] = (header.headerType ?? 0) | (description.multiFunction ? HEADER_TYPE_MULTI_FUNCTION_DEVICE : 0);
  const expressCapabilities = express?.values['PCI Express Capabilities'] ?? 0;
  const portType = express === undefined ? -1 : (expressCapabilities >> 4) & 0xf;
  if (express !== undefined && !(Object.values(portTypes) as number[]).includes(portType))
    throw new Error(`${name}: expected a Device/Port Type of the spec, got ${hex(portType)}`);
  // Other capabilities ask of it, wherever in the list it comes.
  if (express !== undefined) place(express.structure, expressAt, express.values, portType);

  let link = CAPABILITIES_POINTER;
  let extendedHeader = 0;
  checkCapabilities(name, description.capabilities);
  for (const { structure, offset, version, values, payload } of description.capabilities) {
    const isExtended = structure.extendedCapabilityId !== undefined;
    const [low, high] = isExtended ? [0x100, CONFIG_SPACE_SIZE] : [0x40, 0x100];
    if (offset % 4 !== 0 || offset < low || offset >= high)
      throw new Error(
        `${name} ${structure.name}: expected a DWORD offset in [${hex(low)}, ${hex(high)}), got ${hex(offset)}`,
      );
    if (isExtended) {
      if (express === undefined)
        throw new Error(`${name} ${structure.name}: expected a PCI Express Capability beside it, got none`);
      put(offset, 4, structure.extendedCapabilityId! + version * 2 ** 16);
    }
    const length = Math.max(place(structure, offset, values, portType), 4 + (payload?.length ?? 0));
    // Whatever a value said of its own header.
    if (isExtended) put(offset, 4, structure.extendedCapabilityId! + version * 2 ** 16);
    if (payload !== undefined) bytes.set(payload, offset + 4);
    const end = offset + length;
    if (end > high)
      throw new Error(`${name} ${structure.name}: expected an end of at most ${hex(high)}, got ${hex(end)}`);
    for (let at = offset; at < end; at++) {
      const other = taken.get(at);
      if (other !== undefined)
        throw new Error(`${name} ${structure.name}: expected free bytes at ${hex(at)}, got ${other}`);
      taken.set(at, structure.name);
    }
    if (isExtended) {
      if (extendedHeader === 0 && offset !== 0x100)
        throw new Error(
          `${name} ${structure.name}: expected the first extended capability at 0x100, got ${hex(offset)}`,
        );
      if (extendedHeader !== 0) put(extendedHeader + 2, 2, (bytes[extendedHeader + 2]! & 0xf) | (offset << 4));
      extendedHeader = offset;
    } else {
      bytes[STATUS]! |= STATUS_CAPABILITIES_LIST;
      bytes[offset] = structure.capabilityId!;
      bytes[link] = offset;
      link = offset + 1;
    }
  }
  if (!description.capabilities.some((placed) => placed.structure.capabilityId !== undefined))
    bytes[STATUS]! &= ~STATUS_CAPABILITIES_LIST;

  const sriov = description.capabilities.find(
    ({ structure }) => structure.extendedCapabilityId === EXTENDED_CAPABILITY_ID_SINGLE_ROOT_IO_VIRTUALIZATION,
  );
  const barSizesLog2 = checkedBarSizes(name, bytes, description.barSizes ?? {}, sriov?.offset ?? 0);
  return { segment: address.segment, routingId: address.routingId, bytes, barSizesLog2 };
}

/** A function has one of each of these. */
const single: readonly number[] = [CAPABILITY_ID_PCI_EXPRESS, CAPABILITY_ID_POWER_MANAGEMENT];

/** @throws Error naming the function and the capability, for what can't be in a list */
function checkCapabilities(name: string, capabilities: readonly PlacedCapability[]): void {
  for (const [i, { structure, version }] of capabilities.entries()) {
    const { capabilityId, extendedCapabilityId } = structure;
    const id = extendedCapabilityId ?? capabilityId;
    const most = extendedCapabilityId === undefined ? 0xff : 0xffff;
    if (id === undefined || !(Number.isInteger(id) && id >= 0 && id <= most))
      throw new Error(`${name} ${structure.name}: expected a capability's ID up to 0x${most.toString(16)}, got ${id}`);
    if (!(Number.isInteger(version) && version >= 0 && version <= 0xf))
      throw new Error(`${name} ${structure.name}: expected a version from 0 to 15, got ${version}`);
    if (
      capabilityId !== undefined &&
      single.includes(capabilityId) &&
      capabilities.findIndex((other) => other.structure.capabilityId === capabilityId) !== i
    )
      throw new Error(`${name} ${structure.name}: expected it once, got it again`);
  }
}
