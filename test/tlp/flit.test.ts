/** TLPs of Flit Mode. Vectors are put together by hand from the figures' bit positions; no recorded ones are known. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flitTypes, ohcLayouts } from '../../spec-tables/flit-types.ts';
import { tlpTypes } from '../../spec-tables/tlp-types.ts';
import {
  decodeFlitTlp,
  decodeOhc,
  encodeFlitTlp,
  encodeOhc,
  type FlitHeader,
  flitByteEnables,
  flitHeader,
  flitStatus,
  flitTypeOfByte,
  uncertainParts,
} from '../../src/tlp/flit.ts';
import { verdictOfFlit } from '../../src/tlp/flit-verdict.ts';
import { isLong } from '../seed.ts';
import { bytesOf, hexOf } from './hex.ts';

function header(hex: string): FlitHeader {
  const tlp = decodeFlitTlp(bytesOf(hex));
  if (tlp.header === undefined) throw new Error(tlp.why);
  return tlp.header;
}
const verdict = (hex: string) => verdictOfFlit(decodeFlitTlp(bytesOf(hex)));

describe('types', () => {
  it('have the byte of the other mode, but for NOP, MRd and what is new', () => {
    const other = new Map<string, number>(tlpTypes.map(({ name, fmt, type }) => [name, (fmt << 5) | type]));
    const differ = flitTypes.filter(({ name, code }) => other.get(name) !== code).map(({ name }) => name);
    expect(differ).toEqual(['NOP', 'MRd', 'UIOWrCpl', 'UIORdCpl', 'UIOMRd', 'UIORdCplD', 'UIOMWr']);
    expect(new Set(flitTypes.map(({ code }) => code)).size).toBe(flitTypes.length);
    for (const { name } of tlpTypes)
      expect(
        flitTypes.some((row) => row.name === name),
        name,
      ).toBe(true);
  });

  it('of messages hold the routing', () => {
    expect(flitTypeOfByte(0x34)?.name).toBe('Msg');
    expect(flitTypeOfByte(0x72)?.name).toBe('MsgD');
    expect(flitTypeOfByte(0x38)).toBeUndefined();
  });
});

describe('headers', () => {
  it.each<[string, FlitHeader]>([
    // Type 03, TC 5, OHC 0; TS 0, Attr 6, Length 16. Requester 0600, EP 0, tag 2bcd. AT 2.
    [
      '03a01810 06002bcd 00001002',
      flitHeader('MRd', {
        tc: 5,
        attr: 6,
        lengthDw: 16,
        requesterId: 0x0600,
        tag: 0x2bcd,
        at: 2,
        addressLo: 0x1000,
      }),
    ],
    // TS 1, Length 1,024; EP.
    [
      '60002000 07008001 00000001 20000000',
      flitHeader('MWr64', {
        ts: 1,
        lengthDw: 1024,
        requesterId: 0x0700,
        ep: true,
        tag: 1,
        addressHi: 1,
        addressLo: 0x20000000,
      }),
    ],
    // OHC-A1: PASID valid, PASID abcde, Last BE 3, First BE c.
    [
      '40010002 07000000 00002000 4abcde3c',
      flitHeader('MWr', {
        lengthDw: 2,
        requesterId: 0x0700,
        addressLo: 0x2000,
        ohcA: {
          noWrite: 0,
          pasidValid: 1,
          privilegedModeRequested: 0,
          executeRequested: 0,
          pasid: 0xabcde,
          lastBe: 3,
          firstBe: 12,
          reserved: 0,
        },
      }),
    ],
    // OHC-A3: segment 5, DSV, First BE f.
    [
      '44010001 00080003 01000444 0500800f',
      flitHeader('CfgWr0', {
        lengthDw: 1,
        requesterId: 8,
        tag: 3,
        destinationId: 0x0100,
        register: 0x444,
        ohcA: { destinationSegment: 5, destinationSegmentValid: 1, lastBe: 0, firstBe: 15, reserved: 0 },
      }),
    ],
    // LA6, LA[5:2] = 1111; Byte Count 12; OHC-A5: completer segment 7, LA[1:0] = 2, status UR.
    [
      '0a010000 01004005 0600f00c 00070011',
      flitHeader('Cpl', {
        completerId: 0x0100,
        requesterId: 0x0600,
        tag: 5,
        byteCount: 12,
        lowerAddress: 0x7c,
        ohcA: {
          destinationSegment: 0,
          completerSegment: 7,
          destinationSegmentValid: 0,
          lowerAddress: 2,
          status: 1,
          reserved: 0,
        },
      }),
    ],
    ['30000000 02080030 00000000 00000000', flitHeader('Msg', { requesterId: 0x0208, messageCode: 0x30 })],
    // Routed by ID: destination 0200, Vendor ID 1ab4; vendor bits 55.
    [
      '32000000 0100557e 02001ab4 00000009',
      flitHeader('Msg', {
        requesterId: 0x0100,
        tag: 0x55,
        messageCode: 0x7e,
        routing: 2,
        destinationId: 0x0200,
        addressHi: 0x1ab4,
        addressLo: 9,
      }),
    ],
    ['00000000', flitHeader('NOP')],
  ])('%s', (hex, expected) => {
    expect(header(hex)).toEqual(expected);
    expect(hexOf(encodeFlitTlp({ header: expected }))).toBe(hex.replaceAll(' ', ''));
  });

  it('are followed by OHC in the order A, B, C, E, then payload and trailer', () => {
    const hex = `8d000001 401f2001 07000000 00002000 0000000f 00123451 09000078 ${'91000005'.repeat(4)} deadbeef 11223344 99`;
    const tlp = decodeFlitTlp(bytesOf(hex));
    expect(tlp).toMatchObject({
      prefixes: [0x8d000001],
      header: {
        ohcB: { steeringTag: 0x1234, ph: 1, hintsValid: 1, amaValid: 1 },
        ohcC: { requesterSegment: 9, requesterSegmentValid: 1, subStream: 7 },
        ohcE: [0x91000005, 0x91000005, 0x91000005, 0x91000005],
      },
    });
    expect(tlp.header && [hexOf(tlp.payload), hexOf(tlp.trailer), hexOf(tlp.surplus)]).toEqual([
      'deadbeef',
      '11223344',
      '99',
    ]);
    expect(tlp.header && uncertainParts(tlp.header)).toEqual(['OHC-B', 'OHC-E']);
  });

  it('have implied byte enables and status where there is no OHC-A', () => {
    expect(flitByteEnables(flitHeader('MRd', { lengthDw: 1 }))).toEqual({ firstBe: 15, lastBe: 0 });
    expect(flitByteEnables(flitHeader('MRd', { lengthDw: 2 }))).toEqual({ firstBe: 15, lastBe: 15 });
    expect(flitByteEnables(header('40010002 07000000 00002000 4abcde3c'))).toEqual({ firstBe: 12, lastBe: 3 });
    expect(flitStatus(flitHeader('Cpl'))).toBe(0);
    expect(flitStatus(header('0a010000 01004005 0600f00c 00070011'))).toBe(1);
  });
});

describe('OHC', () => {
  it('has each bit once, and comes back', () => {
    for (const name of Object.keys(ohcLayouts) as (keyof typeof ohcLayouts)[])
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 0xffffffff }), (dword) => {
          expect(encodeOhc(name, decodeOhc(name, dword))).toBe(dword);
        }),
      );
  });

  it('joins the parts of OHC-A4’s PASID', () => {
    expect(decodeOhc('A4', 0x00bc0ade).pasid).toBe(0xabcde);
  });

  it('refuses what it has no place for', () => {
    expect(() => encodeOhc('A2', { firstBe: 16 })).toThrow(new RangeError('OHC-A2 firstBe: 16 does not fit'));
    expect(() => encodeOhc('A2', { pasid: 1 })).toThrow(
      new RangeError('OHC-A2: expected lastBe, firstBe or reserved, got pasid'),
    );
    expect(() => encodeFlitTlp({ header: flitHeader('MRd', { ohcE: [1, 2, 3] }) })).toThrow(
      'OHC-E: expected 0, 1, 2 or 4 DWORDs, got 3',
    );
  });
});

describe('any bytes', () => {
  it('have a verdict, cause no exception, and come back byte for byte', () => {
    const anyBytes = fc
      .tuple(fc.constantFrom(...flitTypes.map(({ code }) => code), 0x8d, 0x06), fc.uint8Array({ maxLength: 56 }))
      .map(([first, rest]) => Uint8Array.of(first, ...rest));
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const tlp = decodeFlitTlp(bytes);
        const { malformed, rules } = verdictOfFlit(tlp);
        expect(malformed).toBe(rules.length > 0);
        if (tlp.header !== undefined) expect(hexOf(encodeFlitTlp(tlp))).toBe(hexOf(bytes));
      }),
      { numRuns: isLong() ? 200_000 : 3_000 },
    );
  }, 600_000);
});

describe('verdicts', () => {
  it.each([
    ['03000001 06000000 00001000', []],
    ['03000001 06000000 00001000 00000000', ['Length and TS ask for 0 bytes, 4 bytes follow the header']],
    [
      '03010002 06000000 00001000 00000000',
      ['First DW BE must not be 0000b when Length is above 1', 'Last DW BE must not be 0000b when Length is above 1'],
    ],
    ['03000002 06000000 00001ffc', ['a memory request must not cross a 4 KiB boundary']],
    ['20000001 06000000 00000000 00001000', ['an address below 4 GiB must use the 32-bit format']],
    ['22000001 06000000 00000000 00001000', []],
    ['0300', ['the header must be whole']],
    ['40010001 0600', ['the header must be whole']],
    ['', ['a TLP must have a header']],
  ])('%s: %j', (hex, rules) => {
    expect(verdict(hex).rules.map(({ rule }) => rule)).toEqual(rules);
  });

  it('take a reserved type, or OHC that is missing, as a UR', () => {
    for (const hex of ['06000000', '02000001 06000000 00000cf8', '04000001 06000000 01000000']) {
      expect(verdict(hex).malformed).toBe(false);
      expect(verdict(hex).notes.map(({ reaction }) => reaction)).toEqual(['Unsupported Request']);
    }
    expect(verdict('02010001 06000000 00000cf8 0000000f').notes).toEqual([]);
    expect(verdict('04010001 06000000 01000000 0000800f').notes).toEqual([]);
  });
});
