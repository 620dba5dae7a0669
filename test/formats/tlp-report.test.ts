/** Fields as JSON and back: for what cocotbext-pcie packed, and for any TLP. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flitTypes } from '../../spec-tables/flit-types.ts';
import { tlpTypes } from '../../spec-tables/tlp-types.ts';
import { hexOf, reportTlp, tlpBytesOfJson } from '../../src/formats/tlp-report.ts';
import { encodeTlp } from '../../src/tlp/packet.ts';
import { runs } from '../generators/runs.ts';
import { anyHeader } from '../generators/tlps.ts';
import { bytesOf } from '../tlp/hex.ts';

const input = (hex: string, flit = false) => ({ bytes: bytesOf(hex), headerLog: false, flit });
const jsonOf = (hex: string, flit = false) => JSON.parse(JSON.stringify(reportTlp(input(hex, flit)).json));
const encoded = (value: object) => hexOf(tlpBytesOfJson(value));

describe('what cocotbext-pcie packed', () => {
  const file = new URL('../fixtures/tlp/cocotbext-pcie.jsonl', import.meta.url);
  const all = readFileSync(file, 'utf8').trimEnd().split('\n');

  it('decodes to all its fields, with a verdict', () => {
    for (const line of all) {
      const packed = JSON.parse(line);
      const json = jsonOf(packed.hex);
      expect(json).toMatchObject(packed);
      expect(json.verdict).toMatch(/^(well-formed|malformed)$/);
    }
  });

  it('encodes to its bytes from those fields alone', () => {
    for (const line of all) {
      const { hex, ...fields } = JSON.parse(line);
      expect(encoded(fields)).toBe(hex);
    }
  });
});

describe('any TLP', () => {
  const firstBytes = tlpTypes.flatMap(({ fmt, type, kind }) =>
    kind === 'message' ? [0, 1, 2, 3, 4, 5, 6, 7].map((r) => (fmt << 5) | type | r) : [(fmt << 5) | type],
  );

  it('comes back from its JSON, whatever its bytes', () => {
    const bytes = fc
      .tuple(
        fc.constantFrom(...firstBytes),
        fc.uint8Array({ minLength: 15, maxLength: 40 }),
        fc.constantFrom('', '91000001'),
      )
      .map(([first, rest, prefix]) => prefix + hexOf(Uint8Array.of(first, ...rest)));
    fc.assert(
      fc.property(bytes, (hex) => {
        expect(encoded(jsonOf(hex))).toBe(hex);
      }),
      runs(1000),
    );
  });

  it('of fields comes back as those fields', () => {
    fc.assert(
      fc.property(anyHeader, (header) => {
        const hex = hexOf(encodeTlp({ header }));
        expect(jsonOf(encoded(jsonOf(hex)))).toEqual(jsonOf(hex));
      }),
      runs(300),
    );
  });

  it('of Flit Mode, too', () => {
    const bytes = fc
      .tuple(fc.constantFrom(...flitTypes.map(({ code }) => code)), fc.uint8Array({ minLength: 47, maxLength: 60 }))
      .map(([first, rest]) => hexOf(Uint8Array.of(first, ...rest)));
    fc.assert(
      fc.property(bytes, (hex) => {
        expect(encoded(jsonOf(hex, true))).toBe(hex);
      }),
      runs(1000),
    );
  });

  it('that has no header says so', () => {
    expect(jsonOf('1f000001')).toEqual({
      type: null,
      fmt: 0,
      typeCode: 0x1f,
      prefixes: [],
      hex: '1f000001',
      verdict: 'malformed',
      rules: [{ rule: 'Fmt and Type must be of table 2-3', spec: '§2.3', reaction: 'Malformed TLP' }],
      notes: [],
    });
    expect(jsonOf('')).toMatchObject({ type: null, hex: '', verdict: 'malformed' });
    expect(jsonOf('0600', true)).toMatchObject({ type: null, flit: true, verdict: 'well-formed' });
  });
});

describe('JSON by hand', () => {
  it('has sensible defaults', () => {
    expect(encoded({ type: 'MRd', address: '0x1000' })).toBe('000000010000000f00001000');
    expect(encoded({ type: 'MWr', address: 4096, payload: '1122334455667788', requesterId: '07:00.0' })).toBe(
      '40000002070000ff000010001122334455667788',
    );
    expect(encoded({ type: 'Msg', messageCode: '0x30', typeCode: 0x10 })).toBe('30000000000000300000000000000000');
    expect(encoded({ type: 'Cpl', requesterId: 0x0600 })).toBe('0a0000000000000406000000');
  });

  it('places hints, prefixes and digests', () => {
    expect(encoded({ type: 'MRd', th: true, ph: 2, steeringTag: 0xa5, address: '0x1000' })).toBe(
      '00010001000000a500001002',
    );
    expect(encoded({ type: 'MRd', prefixes: ['91000005', { hex: '90ab0000' }] })).toBe(
      '9100000590ab0000000000010000000f00000000',
    );
    // The same by zlib's CRC-32.
    expect(encoded({ type: 'MWr', td: true, address: '0x1000', payload: '00000000', digest: 'ecrc' })).toBe(
      '400080010000000f0000100000000000e2209eaf',
    );
  });

  it('refuses what is malformed only when asked to', () => {
    const fields = { type: 'MWr', address: '0x1ffc', lengthDw: 2, payload: '1122334455667788' };
    expect(() => tlpBytesOfJson(fields)).not.toThrow();
    expect(() => tlpBytesOfJson(fields, { strict: true })).toThrow(
      'TLP malformed: a memory request must not cross a 4 KiB boundary (PCIe 5.0 §2.2.7): Malformed TLP where checked',
    );
    expect(() => tlpBytesOfJson({ ...fields, address: '0x1000' }, { strict: true })).not.toThrow();
  });

  it.each<[object | string | null, string]>([
    [null, 'TLP: expected a JSON object, got null'],
    [[], 'TLP: expected a JSON object, got []'],
    [{}, '^TLP type: expected one of MRd, .*, got undefined$'],
    [{ type: 'MRd', adress: '0x0' }, 'TLP adress: a MRd has no such field'],
    [{ type: 'MRd', tc: 8 }, 'TLP tc: expected 0 to 7, got 8'],
    [{ type: 'MRd', tag: 1024 }, 'TLP tag: expected 0 to 1023, got 1024'],
    [{ type: 'MRd', address: '0x100000000' }, 'TLP address: expected 32 bits as "0x…", got "0x100000000"'],
    [{ type: 'MRd', requesterId: 'host' }, 'TLP requesterId: expected a function such as 07:00.0, got "host"'],
    [{ type: 'MRd', ep: 'yes' }, 'TLP ep: expected true or false, got "yes"'],
    [{ type: 'MRd', fmt: 2 }, 'TLP fmt: a MRd has 0, got 2'],
    [{ type: 'CfgRd0', register: 2 }, 'TLP register: expected a multiple of 4, got 2'],
    [{ type: 'CfgRd0', reserved: 4 }, 'TLP reserved: expected bits of 0xf003, got 0x4'],
    [{ type: 'MWr', payload: '123' }, 'TLP payload: expected whole bytes in hex, got "123"'],
    [{ type: 'MRd', prefixes: ['91'] }, 'TLP prefixes: expected eight hex digits, got "91"'],
    [{ type: 'MRd', steeringTag: 1 }, 'TLP steeringTag: expected th to be true beside it'],
    [{ flit: true, type: 'MRd', tag: 16384 }, 'TLP tag: expected 0 to 16383, got 16384'],
    [{ flit: true, type: 'MRd', ohc: { A5: {} } }, "TLP A5: a MRd's OHC has no such field"],
    [{ flit: true, type: 'MRd', ohc: { A1: { firstBe: 16 } } }, 'TLP OHC-A1 firstBe: 16 does not fit'],
    [{ flit: true, type: 'MRd', ohc: { A1: { reserved: 1 } } }, 'TLP OHC-A1 reserved: 1 does not fit'],
    [{ flit: true, type: 'MRd', reserved: 1 }, 'TLP reserved: expected bits of 0x10000, got 0x1'],
  ])('%j: %s', (value, message) => {
    expect(() => tlpBytesOfJson(value)).toThrow(message.startsWith('^') ? new RegExp(message) : message);
  });
});

describe('sentences', () => {
  it.each([
    [
      '40000001 0700000f 00001000 00000000',
      ['MWr from 07:00.0 to 0x1000, 1 DW, tag 0x0, byte enables 0 f: well-formed'],
    ],
    [
      '91000005 00d57801 00000a0f 00001002',
      [
        'MRd from 00:00.0 to 0x1002, 1 DW, tag 0x20a, TC5, IDO, RO, NS, translated address, PH 2, Steering Tag 0xf, poisoned, PASID 0x5: well-formed',
        '  note: EP says nothing without data (PCIe 5.0 §2.7.2.1): ignored',
      ],
    ],
    [
      '4a000001 01000004 06000000',
      ['CplD from 01:00.0 to 06:00.0, status SC, 4 bytes left from ..0h, tag 0x0: header only'],
    ],
    [
      '05100001 00000a0f 01000044',
      [
        'CfgRd1 to 01:00.0 register 0x44, from 00:00.0, tag 0xa, byte enables 0 f, TC1: malformed',
        '  malformed: TC must be 0 (PCIe 5.0 §2.2.7): Malformed TLP where checked',
      ],
    ],
    ['74000001 04000053 00000000 00000000', ['MsgD PTM ResponseD from 04:00.0: header only']],
    ['ff', ['ff: malformed', '  malformed: Fmt and Type must be of table 2-3 (PCIe 5.0 §2.3): Malformed TLP']],
  ])('%s', (hex, sentences) => expect(reportTlp(input(hex)).sentences).toEqual(sentences));

  it('of Flit Mode name what is uncertain', () => {
    expect(reportTlp(input('03020001 06000000 00001000 00000000', true)).sentences).toEqual([
      'MRd of Flit Mode from 06:00.0 to 0x1000, 1 DW, byte enables 0 f: well-formed',
      '  uncertain: OHC-B',
    ]);
  });
});
