import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printLspci } from '../../src/formats/lspci-dump.ts';
import { readLspci } from '../../src/formats/lspci-text.ts';
import { type DumpedFunction, dumpedFunctions } from '../generators/dumps.ts';
import { runs } from '../generators/runs.ts';

const sorted = (functions: readonly DumpedFunction[]) =>
  [...functions].sort((a, b) => a.segment - b.segment || a.routingId - b.routingId);

describe('printLspci', () => {
  it('prints this', () => {
    const bytes = new Uint8Array(64);
    bytes.set([0x86, 0x80, 0x02, 0x2f, 0x07, 0x04, 0x10, 0x00, 0x02, 0x00, 0x04, 0x06]);
    const none = new Uint8Array(64).fill(0xff);
    expect(
      printLspci([
        { segment: 0, routingId: 0x0200, bytes: none },
        { segment: 0, routingId: 0x00e4, bytes },
      ]),
    ).toBe(
      `00:1c.4 0604: 8086:2f02 (rev 02)
00: 86 80 02 2f 07 04 10 00 02 00 04 06 00 00 00 00
10: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
20: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
30: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00

02:00.0 ffff: ffff:ffff (rev ff)
00: ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff
10: ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff
20: ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff
30: ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff

`,
    );
  });

  it('shows domains everywhere where one is not 0', () => {
    const bytes = new Uint8Array(64);
    const text = printLspci([
      { segment: 0x10000, routingId: 0, bytes },
      { segment: 0, routingId: 8, bytes },
    ]);
    expect(text.match(/^\S+\.\d/gm)).toEqual(['0000:00:01.0', '10000:00:00.0']);
  });

  it('reads back what it printed', () => {
    fc.assert(
      fc.property(dumpedFunctions([0, 1, 0xffff, 0x10000]), (functions) => {
        const read = readLspci(printLspci(functions));
        expect(read.warnings).toEqual([]);
        expect(read.functions.map(({ segment, routingId, bytes }) => ({ segment, routingId, bytes }))).toEqual(
          sorted(functions),
        );
      }),
      runs(60),
    );
  });

  it('prints again what it read', () => {
    fc.assert(
      fc.property(dumpedFunctions([0, 2]), (functions) => {
        const text = printLspci(functions);
        expect(printLspci(readLspci(text).functions)).toBe(text);
      }),
      runs(60),
    );
  });
});
