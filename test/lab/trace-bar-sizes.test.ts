/** BAR sizes that a trace shows: whatever is written, a replay of what a machine did has no difference from it. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type0Function } from '../../src/config/builder.ts';
import { Fabric } from '../../src/fabric/fabric.ts';
import type { ConfigTrace, TraceWrite } from '../../src/formats/config-trace.ts';
import { replay } from '../../src/lab/replay.ts';
import { withTraceBarSizes } from '../../src/lab/trace-bar-sizes.ts';

const barSet = fc
  .record({
    memory: fc.array(fc.record({ is64: fc.boolean(), log2: fc.integer({ min: 4, max: 40 }), prefetch: fc.boolean() }), {
      maxLength: 3,
    }),
    io: fc.option(fc.integer({ min: 2, max: 8 })),
    rom: fc.option(fc.integer({ min: 11, max: 24 })),
  })
  .map(({ memory, io, rom }) => {
    const header: Record<string, number> = { 'Vendor ID': 0x1234 };
    const barSizes: Record<number, number> = {};
    let index = 0;
    for (const { is64, log2, prefetch } of memory) {
      header[`Base Address Register ${index}`] = (is64 ? 4 : 0) | (prefetch ? 8 : 0);
      barSizes[index] = 2 ** (is64 ? log2 : Math.min(log2, 31));
      index += is64 ? 2 : 1;
      if (index > 4) break;
    }
    if (io !== null && index < 6) {
      header[`Base Address Register ${index}`] = 1;
      barSizes[index] = 2 ** io;
    }
    if (rom !== null) barSizes[6] = 2 ** rom;
    return { header, barSizes };
  });

const writes = fc.array(
  fc
    .record({
      size: fc.constantFrom(1, 2, 4) as fc.Arbitrary<1 | 2 | 4>,
      dword: fc.oneof(fc.integer({ min: 4, max: 9 }), fc.constantFrom(4, 12)),
      part: fc.nat(3),
      value: fc.oneof(
        fc.constantFrom(0, 0xffffffff),
        fc.nat(0xffffffff),
        fc.nat(31).map((bit) => (1 << bit) >>> 0),
      ),
    })
    .map(({ size, dword, part, value }) => ({
      size,
      offset: 4 * dword + (part - (part % size)),
      value: value % 2 ** (8 * size),
    })),
  { minLength: 1, maxLength: 40 },
);

it('of any BARs, from any writes', () => {
  fc.assert(
    fc.property(barSet, writes, ({ header, barSizes }, list) => {
      const build = () => type0Function({ bdf: '00:01.0', header, barSizes, capabilities: [] });
      const { arena } = new Fabric([build()]);
      const initial = arena.space(0).slice();
      const recorded = list.map(({ offset, size, value }, i): TraceWrite => {
        const before = arena.space(0).slice();
        arena.write(0, offset, size, value);
        const after = arena.space(0);
        const changed = new Map([...after.entries()].filter(([at, byte]) => byte !== before[at]));
        return { line: i + 1, bdf: '00:01.0', offset, size, value, readBack: arena.read(0, offset, size), changed };
      });
      const trace: ConfigTrace = { initial: new Map([['00:01.0', initial]]), writes: recorded };
      const { barSizesLog2: _, ...unsized } = build();
      const result = replay(new Fabric(withTraceBarSizes([unsized], trace)), trace, undefined);
      expect(result.mismatches).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
