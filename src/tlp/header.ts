/** A TLP header as fields. One flat shape for all types: a field that the type does not have is 0. */
import { type TlpKind, type TlpType, type TlpTypeName, tlpTypes } from '../../spec-tables/tlp-types.ts';

export interface TlpHeader {
  type: TlpTypeName;
  /** Traffic class, 0 to 7. */
  tc: number;
  /** Attr[2:0]: ID-based ordering, relaxed ordering, no snoop. */
  attr: number;
  /** Lightweight Notification: byte 1 bit 1. Reserved before 3.1 and from 6.0 on. */
  ln: boolean;
  /** TLP processing hint present. */
  th: boolean;
  /** A digest (ECRC) of one DWORD follows the payload. */
  td: boolean;
  /** Poisoned. */
  ep: boolean;
  /** Address type: 0 untranslated, 1 translation request, 2 translated. */
  at: number;
  /** DWORDs of payload or of data asked for, 1 to 1,024; 0 for a completion and a message without data. */
  lengthDw: number;
  /** Ten bits. A memory write with `th` has the Steering Tag in 7:0. */
  tag: number;
  /** Routing ID of the requester: bus in 15:8, device in 7:3, function in 2:0. */
  requesterId: number;
  /** With `th`, a read, a DMWr and an AtomicOp have the Steering Tag in the place of both. */
  firstBe: number;
  lastBe: number;
  /**
   * Memory, I/O and atomic requests, and messages routed by address: bytes; bits 1:0 are 0 (PH for memory when `th`). Other
   * messages: header bytes 8–11 and 12–15 as they are; routed by ID, `addressHi` is bytes 10–11.
   */
  addressHi: number;
  addressLo: number;
  /** Configuration requests: routing ID of the completer; messages routed by ID too. */
  destinationId: number;
  /** Configuration requests: byte offset of the DWORD, 0 to FFCh. */
  register: number;
  /** Completions. */
  completerId: number;
  /** Completion Status, 3 bits as sent. */
  status: number;
  bcm: boolean;
  /** Bytes left, this completion's included, 1 to 4,096. */
  byteCount: number;
  lowerAddress: number;
  /** Messages: the code, and the routing r[2:0]. */
  messageCode: number;
  routing: number;
  /**
   * What reserved bits came with, so that a decoded header encodes to its own bytes. Configuration requests: bytes 10–11, the
   * bits beside the register number (F003h); completions: byte 11 bit 7 (80h); 0 otherwise.
   */
  reserved: number;
}

const byFmtType = /* @__PURE__ */ (() => {
  const table: (TlpType | undefined)[] = [];
  for (const entry of tlpTypes)
    for (let r = 0; r < (entry.kind === 'message' ? 8 : 1); r++) table[(entry.fmt << 5) | entry.type | r] = entry;
  return table;
})();

const byName = /* @__PURE__ */ new Map<TlpTypeName, TlpType>(
  /* @__PURE__ */ tlpTypes.map((entry) => [entry.name, entry] as const),
);

let lastAsked: TlpType | undefined;

/** The type with this first byte (Fmt in 7:5, Type in 4:0); undefined where PCIe 5.0 table 2-3 reserves it. */
export function tlpTypeOfByte(byte: number): TlpType | undefined {
  return byFmtType[byte];
}

/** @throws RangeError for a name that is none of `tlpTypes` */
export function tlpTypeNamed(name: TlpTypeName): TlpType {
  // A TLP on its way asks several times (measured: a quarter of a send without this).
  if (name === lastAsked?.name) return lastAsked;
  const type = byName.get(name);
  if (type === undefined)
    throw new RangeError(`TLP type: expected one of ${[...byName.keys()].join(', ')}, got "${name}"`);
  lastAsked = type;
  return type;
}

export function kindOf(header: TlpHeader): TlpKind {
  return tlpTypeNamed(header.type).kind;
}

/** 12, or 16 for a 4DW header. */
export function headerLength(type: TlpType): number {
  return (type.fmt & 1) === 0 ? 12 : 16;
}

export function hasData(type: TlpType): boolean {
  return (type.fmt & 2) !== 0;
}

/** A header of the given type with every field at 0 but those given. @throws RangeError for an unknown type */
export function tlpHeader(type: TlpTypeName, fields: Partial<Omit<TlpHeader, 'type'>> = {}): TlpHeader {
  // Field by field: a spread over so many fields takes ten times as long (measured: 66 % of a shutdown).
  return {
    type: tlpTypeNamed(type).name,
    tc: fields.tc ?? 0,
    attr: fields.attr ?? 0,
    ln: fields.ln ?? false,
    th: fields.th ?? false,
    td: fields.td ?? false,
    ep: fields.ep ?? false,
    at: fields.at ?? 0,
    lengthDw: fields.lengthDw ?? 0,
    tag: fields.tag ?? 0,
    requesterId: fields.requesterId ?? 0,
    firstBe: fields.firstBe ?? 0,
    lastBe: fields.lastBe ?? 0,
    addressHi: fields.addressHi ?? 0,
    addressLo: fields.addressLo ?? 0,
    destinationId: fields.destinationId ?? 0,
    register: fields.register ?? 0,
    completerId: fields.completerId ?? 0,
    status: fields.status ?? 0,
    bcm: fields.bcm ?? false,
    byteCount: fields.byteCount ?? 0,
    lowerAddress: fields.lowerAddress ?? 0,
    messageCode: fields.messageCode ?? 0,
    routing: fields.routing ?? 0,
    reserved: fields.reserved ?? 0,
  };
}

/**
 * A memory write of `lengthDw` whole DWORDs, 3DW below 4 GiB and 4DW above, as PCIe 5.0 §2.2.4.1 asks.
 * @param lengthDw 1 to 1,024
 */
export function memoryWrite(requesterId: number, addressHi: number, addressLo: number, lengthDw = 1): TlpHeader {
  return memoryRequest(addressHi === 0 ? 'MWr' : 'MWr64', requesterId, addressHi, addressLo, lengthDw);
}

/** A memory read of `lengthDw` whole DWORDs; as `memoryWrite`. */
export function memoryRead(
  requesterId: number,
  addressHi: number,
  addressLo: number,
  lengthDw = 1,
  tag = 0,
): TlpHeader {
  return memoryRequest(addressHi === 0 ? 'MRd' : 'MRd64', requesterId, addressHi, addressLo, lengthDw, tag);
}

function memoryRequest(
  type: TlpTypeName,
  requesterId: number,
  addressHi: number,
  addressLo: number,
  lengthDw: number,
  tag = 0,
): TlpHeader {
  const lastBe = lengthDw === 1 ? 0 : 0xf;
  return tlpHeader(type, { requesterId, addressHi, addressLo, lengthDw, firstBe: 0xf, lastBe, tag });
}
