import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tlpTypes } from '../../spec-tables/tlp-types.ts';
import { decodeTlpHeader, encodeTlpHeader } from '../../src/tlp/codec.ts';
import { memoryWrite, type TlpHeader, tlpHeader, tlpTypeOfByte } from '../../src/tlp/header.ts';
import { runs } from '../generators/runs.ts';
import { anyHeader } from '../generators/tlps.ts';
import { bytesOf, hexOf } from './hex.ts';

function encoded(header: TlpHeader): Uint8Array {
  const out = new Uint8Array(16);
  return out.subarray(0, encodeTlpHeader(header, out));
}

/** Headers from AER logs of real machines, and the one of the kdump thread's machine room. */
const vectors: readonly (readonly [string, TlpHeader])[] = [
  ['40000001 0000000f 95e7f000', tlpHeader('MWr', { lengthDw: 1, firstBe: 0xf, addressLo: 0x95e7f000 })],
  [
    '40000004 0a0000ff fffc0e80',
    tlpHeader('MWr', { lengthDw: 4, requesterId: 0x0a00, firstBe: 0xf, lastBe: 0xf, addressLo: 0xfffc0e80 }),
  ],
  [
    '40008001 0000020f e8080004',
    tlpHeader('MWr', { lengthDw: 1, td: true, tag: 2, firstBe: 0xf, addressLo: 0xe8080004 }),
  ],
  [
    '40000001 000002ef 90028090',
    tlpHeader('MWr', { lengthDw: 1, tag: 2, firstBe: 0xf, lastBe: 0xe, addressLo: 0x90028090 }),
  ],
  [
    '6000007a ab0000ff 00000001 629d4318',
    tlpHeader('MWr64', {
      lengthDw: 0x7a,
      requesterId: 0xab00,
      firstBe: 0xf,
      lastBe: 0xf,
      addressHi: 1,
      addressLo: 0x629d4318,
    }),
  ],
  [
    '60001004 000000ff 0000007d fe7eb000',
    tlpHeader('MWr64', { lengthDw: 4, attr: 1, firstBe: 0xf, lastBe: 0xf, addressHi: 0x7d, addressLo: 0xfe7eb000 }),
  ],
  [
    '04000001 00200a03 05010000',
    tlpHeader('CfgRd0', { lengthDw: 1, requesterId: 0x0020, tag: 0x0a, firstBe: 3, destinationId: 0x0501 }),
  ],
  ['30000000 02080030 00000000 00000000', tlpHeader('Msg', { requesterId: 0x0208, messageCode: 0x30 })],
  ['34000000 04000052 00000000 00000000', tlpHeader('Msg', { requesterId: 0x0400, messageCode: 0x52, routing: 4 })],
  [
    '34000000 05001f10 00000000 88c888c8',
    tlpHeader('Msg', { requesterId: 0x0500, tag: 0x1f, messageCode: 0x10, routing: 4, addressLo: 0x88c888c8 }),
  ],
  ['00000000 00000000 00000000', tlpHeader('MRd', { lengthDw: 1024 })],
  // T9 and T8 apart from the other eight tag bits; Attr[2] apart from the other two; every flag.
  [
    '40adfbff beef5aed 12345678',
    tlpHeader('MWr', {
      tc: 2,
      attr: 7,
      th: true,
      td: true,
      ep: true,
      at: 2,
      lengthDw: 0x3ff,
      tag: 0x35a,
      requesterId: 0xbeef,
      firstBe: 0xd,
      lastBe: 0xe,
      addressLo: 0x12345678,
    }),
  ],
  [
    '4a000001 00e03004 06001f7c',
    tlpHeader('CplD', {
      lengthDw: 1,
      completerId: 0x00e0,
      status: 1,
      bcm: true,
      byteCount: 4,
      requesterId: 0x0600,
      tag: 0x1f,
      lowerAddress: 0x7c,
    }),
  ],
  [
    '0a000000 00e00000 06001f00',
    tlpHeader('Cpl', { completerId: 0x00e0, byteCount: 4096, requesterId: 0x0600, tag: 0x1f }),
  ],
];

describe('pasted headers', () => {
  it.each(vectors)('%s', (hex, header) => {
    const bytes = bytesOf(hex);
    // 0x40ad…: bit 1 of byte 1 is reserved.
    expect(decodeTlpHeader(bytes)).toEqual(header);
    expect(hexOf(encoded(header))).toBe(hexOf(bytes));
  });
});

interface Packed {
  readonly type: TlpHeader['type'];
  readonly hex: string;
  readonly payload?: string;
  readonly address?: string;
  readonly requesterId: string;
  readonly completerId?: string;
  readonly destinationId?: string;
  readonly fmt: number;
  readonly typeCode: number;
}

/** The file's fields as ours, told apart by name alone. */
function fieldsOf(packed: Packed): Partial<TlpHeader> {
  const { type: _t, hex: _h, payload: _p, fmt: _f, typeCode: _c, address, ...rest } = packed;
  const ids = Object.entries(rest).map(([name, value]) => {
    if (typeof value !== 'string') return [name, value];
    const [bus, device, fn] = value.split(/[:.]/).map((digits) => Number.parseInt(digits, 16));
    return [name, bus! * 256 + device! * 8 + fn!];
  });
  const at = BigInt(address ?? 0);
  const split = address === undefined ? {} : { addressHi: Number(at >> 32n), addressLo: Number(at & 0xffffffffn) };
  return { ...Object.fromEntries(ids), ...split };
}

describe('what cocotbext-pcie packed', () => {
  const file = new URL('../fixtures/tlp/cocotbext-pcie.jsonl', import.meta.url);
  const all = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Packed);

  it('is 1,100 TLPs of 22 kinds', () => {
    expect(all).toHaveLength(1100);
    expect(new Set(all.map(({ type }) => type)).size).toBe(22);
  });

  it('decodes to its fields and encodes to its bytes', () => {
    for (const packed of all) {
      const bytes = bytesOf(packed.hex);
      const header = decodeTlpHeader(bytes);
      expect(header, packed.hex).toEqual(tlpHeader(packed.type, fieldsOf(packed)));
      const headerHex = packed.hex.slice(0, packed.hex.length - (packed.payload?.length ?? 0));
      expect(hexOf(encoded(header)), packed.hex).toBe(headerHex);
      expect(tlpTypeOfByte(bytes[0]!)).toMatchObject({ name: packed.type, fmt: packed.fmt, type: packed.typeCode });
    }
  });
});

describe('encode and decode', () => {
  it('are inverse: fields to bytes to fields', () => {
    fc.assert(
      fc.property(anyHeader, fc.integer({ min: 0, max: 8 }), (header, at) => {
        const out = new Uint8Array(40).fill(0xee);
        const length = encodeTlpHeader(header, out, at);
        expect(decodeTlpHeader(out.subarray(0, at + length), at)).toEqual(header);
        expect(out.subarray(0, at)).toEqual(new Uint8Array(at).fill(0xee));
        expect(out.subarray(at + length).every((byte) => byte === 0xee)).toBe(true);
      }),
      runs(500),
    );
  });

  it('are inverse: bytes to fields to bytes, reserved bits too', () => {
    const firstBytes = tlpTypes.flatMap(({ fmt, type, kind }) =>
      kind === 'message' ? [0, 1, 2, 3, 4, 5, 6, 7].map((r) => (fmt << 5) | type | r) : [(fmt << 5) | type],
    );
    fc.assert(
      fc.property(fc.constantFrom(...firstBytes), fc.uint8Array({ minLength: 16, maxLength: 16 }), (first, bytes) => {
        bytes[0] = first;
        const { fmt } = tlpTypeOfByte(first)!;
        const expected = bytes.subarray(0, (fmt & 1) === 0 ? 12 : 16);
        expect(hexOf(encoded(decodeTlpHeader(bytes)))).toBe(hexOf(expected));
      }),
      runs(500),
    );
  });

  it('keeps the Vendor ID of a vendor-defined message that is routed by ID', () => {
    // PCIe 5.0 §2.2.8.6: bytes 8–9 the destination, 10–11 the Vendor ID.
    const hex = '32000000010000 7e 0200 1ab4 00000000'.replaceAll(' ', '');
    expect(hexOf(encoded(decodeTlpHeader(bytesOf(hex))))).toBe(hex);
  });
});

describe('what is no header', () => {
  it('names the length that it got', () => {
    expect(() => decodeTlpHeader(new Uint8Array(11))).toThrow(
      new RangeError('TLP: expected a header of at least 12 bytes, got 11'),
    );
    expect(() => decodeTlpHeader(new Uint8Array(12), 20)).toThrow(RangeError);
    expect(() => decodeTlpHeader(bytesOf('6000007a ab0000ff 00000001'))).toThrow(
      new RangeError('TLP: expected a MWr64 header of 16 bytes, got 12'),
    );
  });

  it('and no room for one', () => {
    expect(() => encodeTlpHeader(memoryWrite(0, 1, 0), new Uint8Array(12))).toThrow(
      new RangeError('TLP: expected room for 16 bytes of MWr64, got 12'),
    );
    expect(() => encodeTlpHeader(memoryWrite(0, 0, 0), new Uint8Array(16), 5)).toThrow(RangeError);
  });

  it('and no type', () => {
    expect(() => tlpHeader('Nope' as 'MWr')).toThrow(/^TLP type: expected one of MRd, .*, got "Nope"$/);
  });

  it('knows every Fmt and Type of the table, and refuses the rest', () => {
    const known = new Set(
      tlpTypes.flatMap(({ fmt, type, kind }) =>
        kind === 'message' ? Array.from({ length: 8 }, (_, r) => (fmt << 5) + type + r) : [(fmt << 5) + type],
      ),
    );
    expect(known.size).toBe(24 + 16);
    for (let first = 0; first < 256; first++) {
      const bytes = new Uint8Array(16);
      bytes[0] = first;
      if (known.has(first)) expect(decodeTlpHeader(bytes).type).toBe(tlpTypeOfByte(first)!.name);
      else expect(() => decodeTlpHeader(bytes)).toThrow(`got 0x${first.toString(16).padStart(2, '0')}`);
    }
  });
});
