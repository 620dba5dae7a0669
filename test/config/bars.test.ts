import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigArena } from '../../src/config/arena.ts';
import { type0Function, type1Function } from '../../src/config/builder.ts';
import type { FunctionImage } from '../../src/config/function-image.ts';
import { runs } from '../generators/runs.ts';

type Bars = Partial<Record<`Base Address Register ${0 | 1 | 2 | 3 | 4 | 5}`, number>>;

function fn(bars: Bars, barSizes: Record<number, number> = {}, rom?: number): FunctionImage {
  const header = { 'Vendor ID': 0x1af4, ...bars, ...(rom === undefined ? {} : { 'Expansion ROM Base Address': rom }) };
  return type0Function({ bdf: '01:00.0', header, barSizes, capabilities: [] });
}

/** Writes all ones, reads, and puts the old value back, as a kernel does. */
function size(arena: ConfigArena, offset: number): number {
  const old = arena.read(0, offset, 4);
  arena.write(0, offset, 4, 0xffffffff);
  const answer = arena.read(0, offset, 4);
  arena.write(0, offset, 4, old);
  expect(arena.read(0, offset, 4)).toBe(old);
  return answer;
}

describe('sizing', () => {
  it.each([
    ['16 KiB of memory', 0xf7d00000, 0x4000, 0xffffc000],
    ['prefetchable', 0xe0000008, 0x10000000, 0xf0000008],
    ['32 bytes of I/O', 0xf041, 0x20, 0xffffffe1],
    ['16 bytes, the smallest', 0xf7d00010, 0x10, 0xfffffff0],
    ['2 GiB', 0x80000000, 0x80000000, 0x80000000],
  ])('%s', (_, value, bytes, answer) => {
    expect(size(new ConfigArena([fn({ 'Base Address Register 0': value }, { 0: bytes })]), 0x10)).toBe(answer);
  });

  it('of a 64-bit BAR: both halves', () => {
    const image = (bytes: number) =>
      new ConfigArena([fn({ 'Base Address Register 2': 0x0000000c, 'Base Address Register 3': 0x38 }, { 2: bytes })]);
    expect([size(image(0x1000000), 0x18), size(image(0x1000000), 0x1c)]).toEqual([0xff00000c, 0xffffffff]);
    expect([size(image(2 ** 33), 0x18), size(image(2 ** 33), 0x1c)]).toEqual([0x0000000c, 0xfffffffe]);
  });

  it('of the expansion ROM: the enable is RW, what lies between it and the size is not', () => {
    const arena = new ConfigArena([fn({}, { 6: 0x20000 }, 0xf7c00000)]);
    expect(size(arena, 0x30)).toBe(0xfffe0001);
    arena.write(0, 0x30, 4, 0xf7c00001);
    expect(arena.read(0, 0x30, 4)).toBe(0xf7c00001);
  });

  it('of a bridge: two BARs, and its ROM at 38h', () => {
    const bridge = type1Function({
      bdf: '00:1c.0',
      header: {
        'Vendor ID': 0x8086,
        'Base Address Register 1': 0xf7000000,
        'Bridge Expansion ROM Base Address': 0xf6000000,
      },
      barSizes: { 1: 0x1000, 6: 0x800 },
      capabilities: [],
    });
    const arena = new ConfigArena([bridge]);
    expect([size(arena, 0x10), size(arena, 0x14), size(arena, 0x38)]).toEqual([0, 0xfffff000, 0xfffff801]);
    // 18h is no BAR here: bus numbers, and a conventional bridge's Secondary Latency Timer.
    expect(size(arena, 0x18)).toBe(0xffffffff);
  });

  it('reads 0 of BARs that are not there', () => {
    const arena = new ConfigArena([fn({ 'Base Address Register 0': 0xf7d00000 }, { 0: 0x1000 })]);
    expect([0x14, 0x18, 0x1c, 0x20, 0x24, 0x30].map((offset) => size(arena, offset))).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('gives the size that was stated, for any size and address', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5 }),
        fc.constantFrom('io', 'memory32', 'memory64'),
        fc.boolean(),
        fc.nat(),
        fc.nat(),
        (index, kind, prefetchable, log, place) => {
          const [low, high] = kind === 'io' ? [2, 8] : kind === 'memory32' ? [4, 31] : [4, 40];
          fc.pre(!(kind === 'memory64' && index === 5));
          const log2 = low + (log % (high - low + 1));
          const bits = kind === 'io' ? 1 : (kind === 'memory64' ? 4 : 0) + (prefetchable ? 8 : 0);
          const steps = 2 ** ((kind === 'memory64' ? 48 : 32) - log2) - 1;
          const address = (1 + (place % steps)) * 2 ** log2;
          const name = (i: number) => `Base Address Register ${i}`;
          const header = {
            [name(index)]: (address % 2 ** 32) + bits,
            ...(kind === 'memory64' ? { [name(index + 1)]: Math.floor(address / 2 ** 32) } : {}),
          } as Bars;
          const arena = new ConfigArena([fn(header, { [index]: 2 ** log2 })]);
          const lower = size(arena, 0x10 + 4 * index);
          const upper = kind === 'memory64' ? size(arena, 0x14 + 4 * index) : 0xffffffff;
          const mask = kind === 'io' ? 3n : 15n;
          const decoded = (BigInt(upper) << 32n) | (BigInt(lower) & ~mask & 0xffffffffn);
          expect(2n ** 64n - decoded).toBe(2n ** BigInt(log2));
          expect(lower & Number(mask)).toBe(bits);
        },
      ),
      runs(200),
    );
  });
});

describe('a BAR that nobody assigned', () => {
  it('is there all the same where its size is stated', () => {
    const arena = new ConfigArena([fn({}, { 0: 0x4000 })]);
    expect(size(arena, 0x10)).toBe(0xffffc000);
  });

  it('is taken as not there where all bytes are 0 and no size is stated', () => {
    expect(size(new ConfigArena([fn({})]), 0x10)).toBe(0);
  });
});

describe('a dump says no size: the largest that alignment and neighbours allow', () => {
  const sizeOf = (bars: Bars, index = 0) =>
    new ConfigArena([fn(bars)]).layout[0]!.bars.find((bar) => bar.index === index)!.sizeLog2;

  it('by the alignment of its address', () => {
    expect(sizeOf({ 'Base Address Register 0': 0xf7d04000 })).toBe(14);
  });

  it('by the neighbour that begins next', () => {
    expect(sizeOf({ 'Base Address Register 0': 0xf7d00000, 'Base Address Register 1': 0xf7d02000 })).toBe(13);
    expect(sizeOf({ 'Base Address Register 0': 0xf7d00000, 'Base Address Register 1': 0xf7d03000 })).toBe(13);
  });

  it("by a bridge's window", () => {
    const bridge = type1Function({
      bdf: '00:1c.0',
      header: {
        'Vendor ID': 0x8086,
        'Memory Base': 0xf7d0,
        'Memory Limit': 0xf7d0,
        'Secondary Bus Number': 1,
        'Subordinate Bus Number': 1,
      },
      capabilities: [],
    });
    const arena = new ConfigArena([
      fn({ 'Base Address Register 0': 0xf7c00000 }),
      bridge,
      { ...fn({ 'Base Address Register 0': 0xf7d00000 }), routingId: 0x0100 + 1 },
    ]);
    expect(arena.layout[0]!.bars[0]!.sizeLog2).toBe(20);
    expect(arena.layout[2]!.bars[0]!.sizeLog2).toBe(20);
  });

  it('up to the range of interrupt messages, below 4 GiB', () => {
    expect(sizeOf({ 'Base Address Register 0': 0xfe000000 })).toBe(23);
    expect(sizeOf({ 'Base Address Register 0': 0xfec00000 })).toBe(21);
    expect(sizeOf({ 'Base Address Register 0': 0xff000000 })).toBe(24);
  });

  it('at most 256 bytes of I/O', () => {
    expect(sizeOf({ 'Base Address Register 0': 0xe001 })).toBe(8);
  });
});
