/**
 * Bytes of a TLP header and back, without loss. PCIe 5.0 §2.2.1 (common fields), §2.2.4–§2.2.9 (per type). Byte 0 is the first on
 * the wire.
 */
import { hasData, headerLength, type TlpHeader, tlpHeader, tlpTypeNamed, tlpTypeOfByte } from './header.ts';

/** Length and Byte Count count their largest value, one more than the field holds, as 0. */
const MAX_LENGTH_DW = 1024;
const MAX_BYTE_COUNT = 4096;
/** Bytes 10–11 of a configuration request, but for the register number. */
const CONFIGURATION_RESERVED = 0xf003;

/**
 * Writes the header into `out` at `at`.
 * @returns its length in bytes, 12 or 16
 * @throws RangeError when `out` is too short for it, or the type is unknown
 */
export function encodeTlpHeader(header: TlpHeader, out: Uint8Array, at = 0): number {
  const type = tlpTypeNamed(header.type);
  if (out.length - at < headerLength(type))
    throw new RangeError(`TLP: expected room for ${headerLength(type)} bytes of ${type.name}, got ${out.length - at}`);
  const { tag } = header;
  const message = type.kind === 'message';
  out[at] = (type.fmt << 5) | type.type | (message ? header.routing : 0);
  out[at + 1] =
    ((tag >> 9) << 7) |
    (header.tc << 4) |
    (((tag >> 8) & 1) << 3) |
    ((header.attr >> 2) << 2) |
    (header.ln ? 2 : 0) |
    (header.th ? 1 : 0);
  out[at + 2] =
    (header.td ? 0x80 : 0) |
    (header.ep ? 0x40 : 0) |
    ((header.attr & 3) << 4) |
    (header.at << 2) |
    ((header.lengthDw >> 8) & 3);
  out[at + 3] = header.lengthDw & 0xff;
  if (type.kind === 'completion') {
    put16(out, at + 4, header.completerId);
    put16(out, at + 6, (header.status << 13) | (header.bcm ? 0x1000 : 0) | (header.byteCount & 0xfff));
    put16(out, at + 8, header.requesterId);
    out[at + 10] = tag & 0xff;
    out[at + 11] = (header.reserved & 0x80) | (header.lowerAddress & 0x7f);
    return 12;
  }
  put16(out, at + 4, header.requesterId);
  out[at + 6] = tag & 0xff;
  out[at + 7] = message ? header.messageCode : (header.lastBe << 4) | header.firstBe;
  switch (type.kind) {
    case 'configuration':
      put16(out, at + 8, header.destinationId);
      put16(out, at + 10, (header.reserved & CONFIGURATION_RESERVED) | (header.register & 0xffc));
      break;
    case 'message':
      if (header.routing === 2) {
        put16(out, at + 8, header.destinationId);
        put16(out, at + 10, header.addressHi & 0xffff);
      } else put32(out, at + 8, header.addressHi);
      put32(out, at + 12, header.addressLo);
      break;
    default:
      if ((type.fmt & 1) === 0) put32(out, at + 8, header.addressLo);
      else {
        put32(out, at + 8, header.addressHi);
        put32(out, at + 12, header.addressLo);
      }
  }
  return headerLength(type);
}

/**
 * Reads a header.
 * @param bytes at least 12 bytes from `at`, 16 for a 4DW header; a payload may follow
 * @throws RangeError when the header is cut short; Error when Fmt and Type are reserved or those of a prefix
 */
export function decodeTlpHeader(bytes: Uint8Array, at = 0): TlpHeader {
  const left = bytes.length - at;
  if (left < 12) throw new RangeError(`TLP: expected a header of at least 12 bytes, got ${Math.max(left, 0)}`);
  const type = tlpTypeOfByte(bytes[at]!);
  if (type === undefined) {
    const byte = `0x${bytes[at]!.toString(16).padStart(2, '0')}`;
    throw new Error(`TLP byte 0: expected a Fmt and Type of PCIe 5.0 table 2-3, got ${byte}`);
  }
  if (left < headerLength(type)) throw new RangeError(`TLP: expected a ${type.name} header of 16 bytes, got ${left}`);
  const b1 = bytes[at + 1]!;
  const b2 = bytes[at + 2]!;
  const length = ((b2 & 3) << 8) | bytes[at + 3]!;
  const tagHigh = ((b1 >> 7) << 9) | (((b1 >> 3) & 1) << 8);
  const header = tlpHeader(type.name, {
    tc: (b1 >> 4) & 7,
    attr: (((b1 >> 2) & 1) << 2) | ((b2 >> 4) & 3),
    ln: (b1 & 2) !== 0,
    th: (b1 & 1) !== 0,
    td: (b2 & 0x80) !== 0,
    ep: (b2 & 0x40) !== 0,
    at: (b2 >> 2) & 3,
    // Without data, a completion's and a message's Length is reserved; everyone else's 0 means 1,024.
    lengthDw: length === 0 && (hasData(type) || isRequest(type.kind)) ? MAX_LENGTH_DW : length,
  });
  if (type.kind === 'completion') {
    const dw1 = get16(bytes, at + 6);
    header.completerId = get16(bytes, at + 4);
    header.status = dw1 >> 13;
    header.bcm = (dw1 & 0x1000) !== 0;
    header.byteCount = (dw1 & 0xfff) === 0 ? MAX_BYTE_COUNT : dw1 & 0xfff;
    header.requesterId = get16(bytes, at + 8);
    header.tag = tagHigh | bytes[at + 10]!;
    header.lowerAddress = bytes[at + 11]! & 0x7f;
    header.reserved = bytes[at + 11]! & 0x80;
    return header;
  }
  header.requesterId = get16(bytes, at + 4);
  header.tag = tagHigh | bytes[at + 6]!;
  if (type.kind === 'message') {
    header.routing = bytes[at]! & 7;
    header.messageCode = bytes[at + 7]!;
    if (header.routing === 2) {
      header.destinationId = get16(bytes, at + 8);
      header.addressHi = get16(bytes, at + 10);
    } else header.addressHi = get32(bytes, at + 8);
    header.addressLo = get32(bytes, at + 12);
    return header;
  }
  header.firstBe = bytes[at + 7]! & 0xf;
  header.lastBe = bytes[at + 7]! >> 4;
  if (type.kind === 'configuration') {
    header.destinationId = get16(bytes, at + 8);
    header.register = get16(bytes, at + 10) & 0xffc;
    header.reserved = get16(bytes, at + 10) & CONFIGURATION_RESERVED;
  } else if ((type.fmt & 1) === 0) header.addressLo = get32(bytes, at + 8);
  else {
    header.addressHi = get32(bytes, at + 8);
    header.addressLo = get32(bytes, at + 12);
  }
  return header;
}

function isRequest(kind: string): boolean {
  return kind !== 'completion' && kind !== 'message';
}

function put16(out: Uint8Array, at: number, value: number): void {
  out[at] = value >> 8;
  out[at + 1] = value & 0xff;
}

function put32(out: Uint8Array, at: number, value: number): void {
  put16(out, at, value >>> 16);
  put16(out, at + 2, value & 0xffff);
}

function get16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function get32(bytes: Uint8Array, at: number): number {
  return get16(bytes, at) * 0x10000 + get16(bytes, at + 2);
}
