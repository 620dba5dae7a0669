/**
 * TLPs of Flit Mode: bytes to fields and back, without loss. PCIe 6.0 §2.2.1.2, §2.2.4–§2.2.9.
 *
 * Layouts are from secondary sources; `uncertainParts` names those of a TLP that are not to be relied on.
 */
import {
  FLIT_PREFIX_FIRST,
  FLIT_PREFIX_LAST,
  type FlitType,
  type FlitTypeName,
  flitTrailerBytes,
  flitTypes,
  type OhcLayout,
  type OhcName,
  ohcLayouts,
} from '../../spec-tables/flit-types.ts';

/** A DWORD of OHC as numbers by name; `reserved` holds the bits that have none. */
export type Ohc = Readonly<Record<string, number>>;

/** One flat shape for all types: a field that the type does not have is 0. */
export interface FlitHeader {
  type: FlitTypeName;
  tc: number;
  attr: number;
  /** TS as sent: what follows the payload. 1: an ECRC. */
  ts: number;
  /** DWORDs of payload or of data asked for, 1 to 1,024; messages and completions without data: as sent. */
  lengthDw: number;
  ep: boolean;
  /** 14 bits; messages: 7 bits for their vendor. */
  tag: number;
  requesterId: number;
  /** Requests with an address. */
  at: number;
  addressHi: number;
  /** Messages: header bytes 12–15 as they are. */
  addressLo: number;
  /** Configuration requests and messages routed by ID. */
  destinationId: number;
  register: number;
  completerId: number;
  byteCount: number;
  /** Bits 6:2; bits 1:0 are in OHC-A5. */
  lowerAddress: number;
  messageCode: number;
  routing: number;
  /** Reserved bits: DW1 bit 14 in bit 16, those of DW2 in 15:0. A UIO completion's DW2 bits 15:0 are here as they are. */
  reserved: number;
  ohcA: Ohc | undefined;
  ohcB: Ohc | undefined;
  ohcC: Ohc | undefined;
  /** 0, 1, 2 or 4 DWORDs. */
  ohcE: readonly number[];
}

export interface FlitTlp {
  /** Local prefixes. */
  readonly prefixes: readonly number[];
  readonly header: FlitHeader;
  readonly payload: Uint8Array;
  readonly trailer: Uint8Array;
  /** More than Length and TS tell of. */
  readonly surplus: Uint8Array;
}

export interface UndecodableFlitTlp {
  readonly prefixes: readonly number[];
  readonly header: undefined;
  readonly why: 'nothing behind the prefixes' | 'cut short' | 'reserved type';
  readonly rest: Uint8Array;
}

const MAX_LENGTH_DW = 1024;
const MAX_BYTE_COUNT = 4096;
/** DWORDs of OHC-E by OHC[4:3]. */
const OHC_E_DW = [0, 1, 2, 4] as const;

/** A header of the given type with every field at 0 but those given. */
export function flitHeader(type: FlitTypeName, fields: Partial<Omit<FlitHeader, 'type'>> = {}): FlitHeader {
  return {
    type,
    tc: 0,
    attr: 0,
    ts: 0,
    lengthDw: 0,
    ep: false,
    tag: 0,
    requesterId: 0,
    at: 0,
    addressHi: 0,
    addressLo: 0,
    destinationId: 0,
    register: 0,
    completerId: 0,
    byteCount: 0,
    lowerAddress: 0,
    messageCode: 0,
    routing: 0,
    reserved: 0,
    ohcA: undefined,
    ohcB: undefined,
    ohcC: undefined,
    ohcE: [],
    ...fields,
  };
}

/** The type with this first byte; undefined where it is reserved or a prefix. */
export function flitTypeOfByte(byte: number): FlitType | undefined {
  return flitTypes.find(({ code, kind }) => (kind === 'message' ? byte >> 3 === code >> 3 : byte === code));
}

/** @throws RangeError for a name that is none of `flitTypes` */
export function flitTypeNamed(name: string): FlitType {
  const type = flitTypes.find((candidate) => candidate.name === name);
  if (type === undefined)
    throw new RangeError(`TLP type: expected one of ${flitTypes.map((row) => row.name).join(', ')}, got "${name}"`);
  return type;
}

/** Which OHC-A a TLP has, if it has one. Table 2-6 */
export function ohcAName({ type, routing }: Pick<FlitHeader, 'type' | 'routing'>): OhcName {
  switch (flitTypeNamed(type).kind) {
    case 'memory':
    case 'atomic':
    case 'uio request':
      return 'A1';
    case 'io':
      return 'A2';
    case 'configuration':
      return 'A3';
    case 'completion':
    case 'uio completion':
      return 'A5';
    case 'message':
      return routing === 2 ? 'A4' : routing <= 1 ? 'A1' : 'Ax';
    default:
      return 'Ax';
  }
}

export function decodeOhc(name: OhcName, dword: number): Ohc {
  const result: Record<string, number> = {};
  let reserved = dword;
  for (const [field, ranges] of Object.entries<OhcLayout[string]>(ohcLayouts[name])) {
    let value = 0;
    for (const [high, low] of ranges) {
      const mask = 2 ** (high - low + 1) - 1;
      value = value * (mask + 1) + ((dword >>> low) & mask);
      reserved = (reserved & ~(mask << low)) >>> 0;
    }
    result[field] = value;
  }
  return { ...result, reserved };
}

/**
 * Fields that are not given are 0.
 * @throws RangeError for a field that the DWORD does not have, or a value that does not fit it
 */
export function encodeOhc(name: OhcName, fields: Ohc): number {
  const layout: OhcLayout = ohcLayouts[name];
  const misfit = (field: string, value: number) => new RangeError(`OHC-${name} ${field}: ${value} does not fit`);
  let dword = 0;
  let unnamed = 0xffffffff;
  for (const [field, ranges] of Object.entries(layout)) {
    const value = fields[field] ?? 0;
    let rest = value;
    for (const [high, low] of ranges.toReversed()) {
      const mask = 2 ** (high - low + 1) - 1;
      dword |= (rest & mask) << low;
      rest = Math.floor(rest / (mask + 1));
      unnamed = (unnamed & ~(mask << low)) >>> 0;
    }
    if (!Number.isInteger(value) || rest !== 0) throw misfit(field, value);
  }
  for (const field of Object.keys(fields))
    if (field !== 'reserved' && !Object.hasOwn(layout, field))
      throw new RangeError(
        `OHC-${name}: expected ${Object.keys(layout).join(', ') || 'nothing'} or reserved, got ${field}`,
      );
  const { reserved = 0 } = fields;
  if (!Number.isInteger(reserved) || (reserved & unnamed) >>> 0 !== reserved) throw misfit('reserved', reserved);
  return (dword | reserved) >>> 0;
}

/** First and Last DW BE: those of OHC-A, or implied. §2.2.5.2 */
export function flitByteEnables({ ohcA, lengthDw }: FlitHeader): { firstBe: number; lastBe: number } {
  if (ohcA?.firstBe !== undefined && ohcA.lastBe !== undefined) return { firstBe: ohcA.firstBe, lastBe: ohcA.lastBe };
  return { firstBe: 0xf, lastBe: lengthDw === 1 ? 0 : 0xf };
}

/** Completion Status: that of OHC-A5, or Successful Completion. §2.2.9.2 */
export function flitStatus({ ohcA }: FlitHeader): number {
  return ohcA?.status ?? 0;
}

/** Parts of this TLP for which no good source was found. */
export function uncertainParts({ type, ts, ohcB, ohcE }: FlitHeader): string[] {
  const parts: string[] = [];
  if (flitTypeNamed(type).kind === 'uio completion') parts.push('DW2 bits 15:0 (kept in reserved)');
  if (ohcB !== undefined) parts.push('OHC-B');
  if (ohcE.length > 0) parts.push('OHC-E');
  if (ts > 1) parts.push('trailer');
  return parts;
}

/** Takes bytes apart, whatever they are. @param bytes one TLP; a header alone will do */
export function decodeFlitTlp(bytes: Uint8Array): FlitTlp | UndecodableFlitTlp {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const prefixes: number[] = [];
  let at = 0;
  while (at + 4 <= bytes.length && bytes[at]! >= FLIT_PREFIX_FIRST && bytes[at]! <= FLIT_PREFIX_LAST) {
    prefixes.push(view.getUint32(at));
    at += 4;
  }
  const fail = (why: UndecodableFlitTlp['why']): UndecodableFlitTlp => ({
    prefixes,
    header: undefined,
    why,
    rest: bytes.subarray(at),
  });
  if (at === bytes.length) return fail('nothing behind the prefixes');
  const type = flitTypeOfByte(bytes[at]!);
  if (type === undefined) return fail('reserved type');
  if (bytes.length - at < 4) return fail('cut short');
  const presence = bytes[at + 1]! & 0x1f;
  const ohcDw = (presence & 1) + ((presence >> 1) & 1) + ((presence >> 2) & 1) + OHC_E_DW[presence >> 3]!;
  const headerBytes = (type.baseDw + ohcDw) * 4;
  if (bytes.length - at < headerBytes) return fail('cut short');
  const dwords = Array.from({ length: headerBytes / 4 }, (_, index) => view.getUint32(at + index * 4));
  const header = fromDwords(type, dwords);
  at += headerBytes;
  const payloadEnd = Math.min(bytes.length, at + (type.data ? header.lengthDw * 4 : 0));
  const trailerEnd = Math.min(bytes.length, payloadEnd + flitTrailerBytes[header.ts]!);
  return {
    prefixes,
    header,
    payload: bytes.subarray(at, payloadEnd),
    trailer: bytes.subarray(payloadEnd, trailerEnd),
    surplus: bytes.subarray(trailerEnd),
  };
}

function fromDwords(type: FlitType, dwords: readonly number[]): FlitHeader {
  const [dw0 = 0, dw1 = 0, dw2 = 0, dw3 = 0] = dwords;
  const length = dw0 & 0x3ff;
  const countsFrom1 = type.data || !['message', 'completion', 'nop'].includes(type.kind);
  const header = flitHeader(type.name, {
    tc: (dw0 >>> 21) & 7,
    ts: (dw0 >>> 13) & 7,
    attr: (dw0 >>> 10) & 7,
    lengthDw: length === 0 && countsFrom1 ? MAX_LENGTH_DW : length,
    ep: ((dw1 >>> 15) & 1) === 1,
    tag: dw1 & 0x3fff,
    requesterId: dw1 >>> 16,
    reserved: ((dw1 >>> 14) & 1) << 16,
  });
  switch (type.kind) {
    case 'nop':
      Object.assign(header, { ep: false, tag: 0, requesterId: 0, reserved: 0 });
      break;
    case 'configuration':
      header.destinationId = dw2 >>> 16;
      header.register = dw2 & 0xffc;
      header.reserved |= dw2 & 0xf003;
      break;
    case 'message':
      header.routing = (dw0 >>> 24) & 7;
      header.tag = (dw1 >>> 8) & 0x7f;
      header.messageCode = dw1 & 0xff;
      header.reserved = 0;
      header.destinationId = header.routing === 2 ? dw2 >>> 16 : 0;
      header.addressHi = header.routing === 2 ? dw2 & 0xffff : dw2;
      header.addressLo = dw3;
      break;
    case 'completion':
      header.completerId = header.requesterId;
      header.requesterId = dw2 >>> 16;
      header.lowerAddress = (((dw1 >>> 14) & 1) << 6) | (((dw2 >>> 12) & 0xf) << 2);
      header.byteCount = (dw2 & 0xfff) === 0 ? MAX_BYTE_COUNT : dw2 & 0xfff;
      header.reserved = 0;
      break;
    case 'uio completion':
      header.completerId = header.requesterId;
      header.requesterId = dw2 >>> 16;
      header.reserved |= dw2 & 0xffff;
      break;
    default: {
      const low = type.baseDw === 3 ? dw2 : dw3;
      header.addressHi = type.baseDw === 3 ? 0 : dw2;
      header.addressLo = (low & ~3) >>> 0;
      header.at = low & 3;
    }
  }
  const presence = (dw0 >>> 16) & 0x1f;
  let next = type.baseDw as number;
  if ((presence & 1) !== 0) header.ohcA = decodeOhc(ohcAName(header), dwords[next++]!);
  if ((presence & 2) !== 0) header.ohcB = decodeOhc('B', dwords[next++]!);
  if ((presence & 4) !== 0) header.ohcC = decodeOhc('C', dwords[next++]!);
  header.ohcE = dwords.slice(next);
  return header;
}

/** The header's DWORDs, base and OHC. @throws RangeError for an unknown type, or OHC that does not fit */
export function flitDwords(header: FlitHeader): number[] {
  const type = flitTypeNamed(header.type);
  const { ohcA, ohcB, ohcC, ohcE } = header;
  const sizeOfE = OHC_E_DW.indexOf(ohcE.length as 0);
  if (sizeOfE < 0) throw new RangeError(`OHC-E: expected 0, 1, 2 or 4 DWORDs, got ${ohcE.length}`);
  const presence =
    (ohcA === undefined ? 0 : 1) | (ohcB === undefined ? 0 : 2) | (ohcC === undefined ? 0 : 4) | (sizeOfE << 3);
  const code = type.code | (type.kind === 'message' ? header.routing : 0);
  const dw0 =
    (code << 24) |
    (header.tc << 21) |
    (presence << 16) |
    (header.ts << 13) |
    (header.attr << 10) |
    (header.lengthDw & 0x3ff);
  const ohc = [
    ...(ohcA === undefined ? [] : [encodeOhc(ohcAName(header), ohcA)]),
    ...(ohcB === undefined ? [] : [encodeOhc('B', ohcB)]),
    ...(ohcC === undefined ? [] : [encodeOhc('C', ohcC)]),
    ...ohcE,
  ];
  return [dw0, ...restOfBase(type, header), ...ohc].map((dword) => dword >>> 0);
}

function restOfBase({ kind, baseDw }: FlitType, header: FlitHeader): number[] {
  const ep = header.ep ? 0x8000 : 0;
  const bit14 = ((header.reserved >>> 16) & 1) << 14;
  const request = (header.requesterId << 16) | ep | bit14 | (header.tag & 0x3fff);
  switch (kind) {
    case 'nop':
      return [];
    case 'configuration':
      return [request, (header.destinationId << 16) | (header.reserved & 0xf003) | (header.register & 0xffc)];
    case 'message':
      return [
        (header.requesterId << 16) | ep | ((header.tag & 0x7f) << 8) | header.messageCode,
        header.routing === 2 ? (header.destinationId << 16) | (header.addressHi & 0xffff) : header.addressHi,
        header.addressLo,
      ];
    case 'completion':
      return [
        (header.completerId << 16) | ep | (((header.lowerAddress >> 6) & 1) << 14) | (header.tag & 0x3fff),
        (header.requesterId << 16) | (((header.lowerAddress >> 2) & 0xf) << 12) | (header.byteCount & 0xfff),
      ];
    case 'uio completion':
      return [
        (header.completerId << 16) | ep | bit14 | (header.tag & 0x3fff),
        (header.requesterId << 16) | (header.reserved & 0xffff),
      ];
    default: {
      const low = header.addressLo | header.at;
      return baseDw === 3 ? [request, low] : [request, header.addressHi, low];
    }
  }
}

export function encodeFlitTlp(tlp: Pick<FlitTlp, 'header'> & Partial<FlitTlp>): Uint8Array {
  const {
    prefixes = [],
    header,
    payload = new Uint8Array(),
    trailer = new Uint8Array(),
    surplus = new Uint8Array(),
  } = tlp;
  const dwords = [...prefixes, ...flitDwords(header)];
  const out = new Uint8Array(dwords.length * 4 + payload.length + trailer.length + surplus.length);
  const view = new DataView(out.buffer);
  dwords.forEach((dword, index) => {
    view.setUint32(index * 4, dword);
  });
  let at = dwords.length * 4;
  for (const part of [payload, trailer, surplus]) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
