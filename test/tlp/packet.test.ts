/** Whole TLPs: taken apart and put together, and the verdict on each. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tlpTypes } from '../../spec-tables/tlp-types.ts';
import { memoryRead, memoryWrite, tlpHeader } from '../../src/tlp/header.ts';
import { decodeTlp, encodeTlp } from '../../src/tlp/packet.ts';
import { pasidPrefix, prefixFields, tphPrefix } from '../../src/tlp/prefix.ts';
import { type VerdictOptions, verdictOf, verdictText } from '../../src/tlp/verdict.ts';
import { isLong } from '../seed.ts';
import { bytesOf, hexOf } from './hex.ts';

const verdict = (hex: string, options?: VerdictOptions) => verdictOf(decodeTlp(bytesOf(hex)), options);
const told = (hex: string, options?: VerdictOptions) => {
  const { rules, notes } = verdict(hex, options);
  return [
    verdictText(verdict(hex, options)),
    ...[...rules, ...notes].map(({ rule, reaction }) => `${rule}: ${reaction}`),
  ];
};

describe('any bytes', () => {
  const firstBytes = tlpTypes.flatMap(({ fmt, type, kind }) =>
    kind === 'message' ? [0, 1, 2, 3, 4, 5, 6, 7].map((r) => (fmt << 5) | type | r) : [(fmt << 5) | type],
  );
  // Half of them begin as a TLP does, so that not all end at their first byte.
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .tuple(fc.constantFrom(...firstBytes, 0x90, 0x91, 0x8e), fc.uint8Array({ maxLength: 40 }))
      .map(([first, rest]) => Uint8Array.of(first, ...rest)),
  );

  it('have a verdict, cause no exception, and come back byte for byte', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const tlp = decodeTlp(bytes);
        const { malformed, rules, notes } = verdictOf(tlp);
        expect(malformed).toBe(rules.length > 0);
        for (const { rule, spec } of [...rules, ...notes]) {
          expect(rule).not.toBe('');
          expect(spec).toMatch(/§\d/);
        }
        if (tlp.header === undefined) expect(malformed).toBe(true);
        else expect(hexOf(encodeTlp(tlp))).toBe(hexOf(bytes));
      }),
      { numRuns: isLong() ? 1_000_000 : 5_000 },
    );
  }, 600_000);
});

describe('what cocotbext-pcie packed', () => {
  const file = new URL('../fixtures/tlp/cocotbext-pcie.jsonl', import.meta.url);
  const all = readFileSync(file, 'utf8').trimEnd().split('\n');

  it('is whole: no length violation, and never a header alone', () => {
    for (const line of all) {
      const { hex, payload = '' } = JSON.parse(line) as { hex: string; payload?: string };
      const tlp = decodeTlp(bytesOf(hex));
      const { headerOnly, rules } = verdictOf(tlp);
      expect(tlp.header && hexOf(tlp.payload)).toBe(payload);
      expect(headerOnly).toBe(false);
      expect(rules.filter(({ spec }) => spec === '§2.2.2' || spec === '§2.2.3')).toEqual([]);
    }
  });

  it('breaks rules where its random fields do: TC and Attr[1:0] of I/O and configuration requests', () => {
    for (const line of all) {
      const { hex, type, tc, attr } = JSON.parse(line) as { hex: string; type: string; tc: number; attr: number };
      if (!/^(IO|Cfg)/.test(type)) continue;
      expect(verdict(hex).malformed, line).toBe(tc !== 0 || attr % 4 !== 0);
    }
  });
});

describe('Length, TD and what follows the header', () => {
  it.each([
    ['40000002 000000ff 00001000 11111111 22222222', 'well-formed'],
    ['40000002 000000ff 00001000', 'header only'],
    ['00000002 000000ff 00001000', 'well-formed'],
  ])('%s: %s', (hex, text) => expect(told(hex)).toEqual([text]));

  it.each([
    ['40000002 000000ff 00001000 11111111', 'expected 2 DW of data, 4 bytes follow the header'],
    ['40000002 000000ff 00001000 11111111 22222222 33333333', 'TD is 0: expected 8 bytes, 12 bytes follow the header'],
    ['40000003 000000ff 00001000 11111111', 'expected 3 DW of data, 4 bytes follow the header'],
    ['40000001 0000000f 00001000 111111', 'expected 1 DW of data, 3 bytes follow the header'],
    ['00000001 0000000f 00001000 11111111 22222222', 'expected no data, 8 bytes follow the header'],
    ['40008001 0000000f 00001000 11111111', 'TD is 1: expected 8 bytes, 4 bytes follow the header'],
  ])('%s: %s', (hex, rule) => {
    expect(verdict(hex).rules.map((broken) => broken.rule)).toEqual([rule]);
    expect(verdict(hex).rules[0]!.reaction).toBe('Malformed TLP');
  });

  it('says nothing of a header log, whatever the header asks for', () => {
    expect(told('40008001 0000020f e8080004', { headerLog: true })).toEqual(['header only']);
    expect(told('40000001 000002ef 90028090', { headerLog: true })).toEqual([
      'malformed, header only',
      'Last DW BE must be 0000b when Length is 1: Malformed TLP where checked',
    ]);
  });
});

describe('bytes without a header', () => {
  it.each([
    ['', 'a TLP must have a header: Malformed TLP'],
    ['91000001', 'a TLP must have a header: Malformed TLP'],
    ['9100', 'the header must be whole: Malformed TLP'],
    ['60000001 0000000f 00000001', 'the header must be whole: Malformed TLP'],
    ['1f000001 0000000f 00000001', 'Fmt and Type must be of table 2-3: Malformed TLP'],
    ['e0000001 0000000f 00000001', 'Fmt and Type must be of table 2-3: Malformed TLP'],
  ])('%s: %s', (hex, rule) => expect(told(hex)).toEqual(['malformed', rule]));
});

describe('prefixes', () => {
  const read = '00000001 0000000f 00001000';
  it('say what they hold', () => {
    expect(prefixFields(pasidPrefix(0x12345, { execute: true }))).toEqual({
      name: 'PASID',
      local: false,
      pasid: 0x12345,
      executeRequested: true,
      privilegedModeRequested: false,
    });
    expect(prefixFields(tphPrefix(0xab))).toEqual({ name: 'TPH', local: false, steeringTagHigh: 0xab });
    expect(prefixFields(0x8e000000)).toEqual({ name: 'Vendor Defined Local 0', local: true });
    expect(() => pasidPrefix(0x100000)).toThrow(new RangeError('PASID: expected 0 to 0xfffff, got 1048576'));
  });

  it('come local first, and at most four end to end', () => {
    expect(told(`8e000000 91000001 ${read}`)).toEqual(['well-formed']);
    expect(told(`${'91000001'.repeat(4)} ${read}`)).toEqual(['well-formed']);
    expect(told(`91000001 8e000000 ${read}`)).toEqual([
      'malformed',
      'local prefixes come before end-to-end ones: Malformed TLP',
    ]);
    expect(told(`${'91000001'.repeat(5)} ${read}`)).toEqual([
      'malformed',
      'at most 4 end-to-end prefixes: Malformed TLP',
    ]);
  });

  it('are of known types', () => {
    expect(told(`85000000 ${read}`)).toEqual(['malformed', 'local prefix 0x85 is reserved: Malformed TLP']);
    expect(told(`8d000000 ${read}`)).toEqual([
      'malformed',
      'the Flit Mode prefix is for Flit Mode alone: Malformed TLP',
    ]);
    expect(told(`95000000 ${read}`)).toEqual([
      'well-formed',
      'end-to-end prefix 0x95 is reserved: Unsupported Request',
    ]);
  });
});

describe('what a receiver makes of a well-formed TLP', () => {
  it.each([
    ['30000000 02080080 00000000 00000000', 'no message has code 0x80: Unsupported Request'],
    ['34000000 02080030 00000000 00000000', 'ERR_COR is not routed 100b: Unsupported Request'],
    ['34000000 02080040 00000000 00000000', 'Attention_Indicator_Off is obsolete: ignored'],
    ['3600007f 0208007f 00000000 00000000', 'Vendor_Defined Type 1 is not routed 110b: ignored'],
    ['34000000 04000050 00000000 00000000', 'Set_Slot_Power_Limit is a MsgD: Unsupported Request'],
    ['0a000000 01006004 02000000', 'a reserved Completion Status counts as UR: Unsupported Request'],
    ['0a000000 01001004 02000000', 'only a PCI-X completer sets BCM: ignored'],
    ['40004001 0000000f 00001000 00000000', 'the payload is poisoned: Poisoned TLP Received'],
    ['00004001 0000000f 00001000', 'EP says nothing without data: ignored'],
    ['00000c01 0000000f 00001000', 'AT 11b is reserved: not specified'],
    ['40000401 0000000f 00001000 00000000', 'a translation request is a memory read: not specified'],
    ['04040001 0000000f 01000000', 'Attr[2] is reserved: ignored'],
    ['04000001 0000000f 01001000', 'reserved bits are set: ignored'],
    ['00000001 0000000f 00001001', 'PH is reserved without TH: ignored'],
    ['40008001 0000000f 00001000 00000000 00000000', 'ECRC: expected e2209eaf, got 00000000: ECRC Check Failed'],
  ])('%s: %s', (hex, note) => {
    expect(verdict(hex).malformed).toBe(false);
    expect(told(hex)).toContain(note);
  });

  it('of an AtomicOp: a UR where it lacks the operand', () => {
    const cas = '4e000004 0000000f 00001000';
    expect(told(cas, { atomicOperands: [4, 8] })).toEqual(['header only']);
    expect(told(cas, { atomicOperands: [4] })).toEqual([
      'header only',
      'no operand of 8 bytes here: Unsupported Request',
    ]);
  });

  it('of the plainest ones: nothing', () => {
    for (const header of [memoryRead(0, 0, 0x1000), tlpHeader('Msg', { routing: 4, messageCode: 0x20 })])
      expect(verdictOf(decodeTlp(encodeTlp({ header })))).toMatchObject({ malformed: false, rules: [], notes: [] });
    const write = encodeTlp({ header: memoryWrite(0, 0, 0x1000), payload: new Uint8Array(4) });
    expect(verdictOf(decodeTlp(write))).toMatchObject({ malformed: false, headerOnly: false, rules: [], notes: [] });
  });
});
