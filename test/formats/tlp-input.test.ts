/** What people have of a TLP, and what is taken from it. */
import { describe, expect, it } from 'vitest';
import { hasNoTlp, readTlpInput, tlpTexts } from '../../src/formats/tlp-input.ts';
import { hexOf } from '../../src/formats/tlp-report.ts';

const read = (text: string) => {
  const { bytes, headerLog, flit } = readTlpInput(text);
  return `${hexOf(bytes)}${headerLog ? ' log' : ''}${flit ? ' flit' : ''}`;
};

describe('hex', () => {
  it.each([
    ['40000001 0000000f 95e7f000', '400000010000000f95e7f000'],
    ['400000010000000F95E7F000', '400000010000000f95e7f000'],
    ['40 00 00 01 00 00 00 0f 95 e7 f0 00', '400000010000000f95e7f000'],
    ['0x40000001, 0xf, 0x95e7f000', '400000010000000f95e7f000'],
    ['4000 0002 0000 00ff 0000 1000 1111111122222222', '40000002000000ff000010001111111122222222'],
    ['0x400000010000000f95e7f000', '400000010000000f95e7f000'],
    ['0x40, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x0f, 0x95, 0xe7, 0xf0, 0x00', '400000010000000f95e7f000'],
  ])('%s', (text, expected) => expect(read(text)).toBe(expected));

  it.each([
    ['', 'TLP: expected hex, got nothing'],
    ['40000001 0000000g', 'TLP word 2: expected hex, got "0000000g"'],
    ['4000000', 'TLP word 1: expected whole bytes, got the 7 digits "4000000"'],
    ['TLP Header: 40000001 0000000f', 'TLP Header: expected four DWORDs in hex, got 2: "40000001 0000000f"'],
    ['TLP Header:', 'TLP Header: expected four DWORDs in hex, got 0: ""'],
  ])('refuses "%s"', (text, message) => expect(() => readTlpInput(text)).toThrow(message));
});

describe('four DWORDs', () => {
  it.each([
    // In words they are a header log, of three DWORDs or four …
    ['40000001 0000000f 95e7f000 00000000', '400000010000000f95e7f000 log'],
    ['04000001 00200a03 05010000 00050100', '0400000100200a0305010000 log'],
    ['0x60001004 0xff 0x7d 0xfe7eb000', '60001004000000ff0000007dfe7eb000 log'],
    // … unless the fourth is payload and not empty.
    ['40000001 0000000f 95e7f000 deadbeef', '400000010000000f95e7f000deadbeef'],
    // Without blanks they are a TLP …
    ['400000010000000f95e7f00000000000', '400000010000000f95e7f00000000000'],
    ['40000002000000ff00001000deadbeef', '40000002000000ff00001000deadbeef'],
    ['34000000050000100000000088c888c8', '34000000050000100000000088c888c8'],
    // … unless the fourth can't be one and is empty.
    ['40000004000000ff0000100000000000', '40000004000000ff00001000 log'],
  ])('%s: %s', (text, expected) => expect(read(text)).toBe(expected));
});

describe('a line of a log', () => {
  it.each([
    // Linux to 6.13.
    [
      '[   12.340000] pcieport 0000:00:1c.0: AER:   TLP Header: 40000001 0000000f 95e7f000 00000000',
      '400000010000000f95e7f000 log',
    ],
    // From 6.14 on, DPC before that.
    [
      'pcieport 0000:00:1c.0:   TLP Header: 0x60000080 0xab0000ff 0x00000001 0x5ad65000',
      '60000080ab0000ff000000015ad65000 log',
    ],
    [
      'kernel: pcieport 0000:00:1c.0: AER:   TLP Header: 0x40000001 0x0000000f 0x95e7f000 0x00000000 E-E Prefixes: 0x91000005 0x90ab0000',
      '9100000590ab0000400000010000000f95e7f000 log',
    ],
    [
      'pcieport 0000:00:1c.0: AER:   TLP Header (Flit): 0x40010002 0x07000000 0x00002000 0x4abcde3c 0x00000000',
      '4001000207000000000020004abcde3c00000000 log flit',
    ],
    // The trace event, CPER, and lspci.
    [
      'aer_event: 0000:00:1c.0 PCIe Bus Error: severity=Uncorrected (Fatal), Malformed TLP, TLP Header={0x40000001,0xf,0x95e7f000,0x0}',
      '400000010000000f95e7f000 log',
    ],
    ['{1}[Hardware Error]:   aer_tlp_header: 40000001 0000000f 95e7f000 00000000', '400000010000000f95e7f000 log'],
    ['\t\tHeaderLog: 40000001 0000000f 95e7f000 00000000', '400000010000000f95e7f000 log'],
    // A reserved type: all there is.
    ['TLP Header: ffffffff ffffffff ffffffff ffffffff', 'ffffffffffffffffffffffffffffffff log'],
    ['TLP Header: 40000001 0000000f 95e7f000 00000000 (repeated)', '400000010000000f95e7f000 log'],
  ])('%s', (line, expected) => expect(read(line)).toBe(expected));

  it.each([
    ['[   12.34] pcieport 0000:00:1c.0: AER: Uncorrected (Fatal) error received: 0000:01:00.0', true],
    ['pcieport 0000:00:1c.0:   device [8086:a110] error status/mask=00004000/00000000', true],
    ['pcieport 0000:00:1c.0: TLP Prefix Header: dw0, 0x91000005', true],
    ['Linux was here', true],
    ['40000001 0000000g', false],
    ['0x40000001 0xf', false],
    ['AER:   TLP Header: what', false],
  ])('%s: has none is %s', (line, expected) => expect(hasNoTlp(line)).toBe(expected));
});

describe('arguments', () => {
  it('are the words of one TLP, or a TLP each', () => {
    expect(tlpTexts(['40000001', '0000000f', '95e7f000'])).toEqual(['40000001 0000000f 95e7f000']);
    expect(tlpTexts(['400000010000000f95e7f000', '000000010000000f95e7f000'])).toHaveLength(2);
    expect(tlpTexts(['TLP Header: 1 2 3 4', '000000010000000f95e7f000'])).toHaveLength(2);
    expect(tlpTexts(['TLP', 'Header:', '1', '2', '3', '4'])).toEqual(['TLP Header: 1 2 3 4']);
  });
});
