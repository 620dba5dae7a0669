import { describe, expect, it } from 'vitest';
import { ConfigArena } from '../../src/config/arena.ts';
import { capability, type0Function } from '../../src/config/builder.ts';
import type { FunctionImage } from '../../src/config/function-image.ts';
import { AdvancedErrorReporting, MsiCapability, PciExpressCapability } from '../../src/spec/index.ts';

const endpoint = (bdf: string): FunctionImage =>
  type0Function({
    bdf,
    header: { 'Vendor ID': 0x8086, 'Device ID': 0x10d3, Command: 0x0006 },
    capabilities: [capability(PciExpressCapability, 0x60, {}), capability(AdvancedErrorReporting, 0x100, {})],
  });
const conventional = (bdf: string): FunctionImage =>
  type0Function({ bdf, header: { 'Vendor ID': 0x1234 }, capabilities: [capability(MsiCapability, 0x50, {})] });

describe('functions', () => {
  it('are found by segment and routing ID, and named as the dump names them', () => {
    const arena = new ConfigArena([endpoint('07:00.0'), conventional('00:1f.7')]);
    expect([
      arena.count,
      arena.find(0, 0x0700),
      arena.find(0, 0x00ff),
      arena.find(0, 0x0701),
      arena.find(1, 0x0700),
    ]).toEqual([2, 0, 1, -1, -1]);
    expect([arena.name(0), arena.name(1)]).toEqual(['07:00.0', '00:1f.7']);
    const two = new ConfigArena([endpoint('07:00.0'), endpoint('0001:07:00.0')]);
    expect([two.name(0), two.name(1), two.find(1, 0x0700)]).toEqual(['0000:07:00.0', '0001:07:00.0', 1]);
  });

  it('may not come twice, nor in another size', () => {
    expect(() => new ConfigArena([endpoint('07:00.0'), endpoint('07:00.0')])).toThrow(
      '07:00.0: expected each function once, got it twice',
    );
    expect(() => new ConfigArena([{ segment: 0, routingId: 0x0700, bytes: new Uint8Array(128) }])).toThrow(
      '07:00.0: expected a configuration space of 256 or 4096 bytes, got 128',
    );
  });

  it('do not answer where they read all ones', () => {
    const gone = { segment: 0, routingId: 8, bytes: new Uint8Array(4096).fill(0xff) };
    const arena = new ConfigArena([endpoint('07:00.0'), gone]);
    expect([arena.isPresent(0), arena.isPresent(1)]).toEqual([true, false]);
    expect(arena.read(1, 0, 4)).toBe(0xffffffff);
    arena.write(1, 4, 2, 0);
    expect(arena.read(1, 4, 2)).toBe(0xffff);
  });
});

describe('the software door', () => {
  it('reads little-endian, in any size', () => {
    const arena = new ConfigArena([endpoint('07:00.0')]);
    expect(arena.read(0, 0, 4)).toBe(0x10d38086);
    expect([arena.read(0, 0, 2), arena.read(0, 2, 2), arena.read(0, 1, 1), arena.read(0, 3, 1)]).toEqual([
      0x8086, 0x10d3, 0x80, 0x10,
    ]);
  });

  it('honours byte enables: an RW1C byte that is not enabled stays', () => {
    const arena = new ConfigArena([endpoint('07:00.0')]);
    arena.poke(0, 0x06, 2, 0xf910);
    arena.writeDw(0, 0x04, 0xffffffff, 0b0011);
    expect(arena.read(0, 4, 4)).toBe(0xf9100547);
    arena.writeDw(0, 0x04, 0xffffffff, 0b1000);
    expect(arena.read(0, 4, 4)).toBe(0x00100547);
    arena.writeDw(0, 0x04, 0, 0b0001);
    expect(arena.read(0, 4, 4)).toBe(0x00100500);
    arena.writeDw(0, 0x04, 0, 0b0000);
    expect(arena.read(0, 4, 4)).toBe(0x00100500);
  });

  it('clears only the RW1C bits that are written as 1', () => {
    const arena = new ConfigArena([endpoint('07:00.0')]);
    arena.setBits(0, 0x104, 4, 0x00140000);
    arena.write(0, 0x104, 4, 0x00100000);
    expect(arena.read(0, 0x104, 4)).toBe(0x00040000);
    arena.write(0, 0x104, 4, 0);
    expect(arena.read(0, 0x104, 4)).toBe(0x00040000);
  });

  it('reads all ones behind 256 bytes, and loses writes there', () => {
    const arena = new ConfigArena([conventional('00:1f.7'), endpoint('07:00.0')]);
    expect([arena.read(0, 0x100, 4), arena.read(0, 0xffe, 2), arena.read(0, 0xfff, 1)]).toEqual([
      0xffffffff, 0xffff, 0xff,
    ]);
    const before = arena.bytes.slice();
    arena.write(0, 0x100, 4, 0);
    arena.writeDw(0, 0x104, 0xffffffff, 15);
    expect(arena.bytes).toEqual(before);
  });

  it('never changes a function beside it', () => {
    const arena = new ConfigArena([endpoint('07:00.0'), conventional('00:1f.7'), endpoint('07:00.1')]);
    const others = [1, 2].map((fn) => arena.space(fn).slice());
    for (let offset = 0; offset < 4096; offset += 4) arena.write(0, offset, 4, 0xffffffff);
    expect([1, 2].map((fn) => arena.space(fn).slice())).toEqual(others);
  });
});

describe('the hardware door', () => {
  it('sets what software may not, and leaves the bits beside', () => {
    const arena = new ConfigArena([endpoint('07:00.0')]);
    arena.poke(0, 0x11c, 4, 0x40000001);
    expect(arena.read(0, 0x11c, 4)).toBe(0x40000001);
    arena.setBits(0, 0x6a, 2, 0x0008);
    arena.setBits(0, 0x6a, 2, 0x0002);
    expect(arena.read(0, 0x6a, 2)).toBe(0x000a);
  });
});

describe("a host's mistake", () => {
  const arena = new ConfigArena([endpoint('00:1c.0')]);
  it.each([
    [0x1004, 4, '00:1c.0: expected offset in [0, 0x1000), got 0x1004'],
    [-4, 4, '00:1c.0: expected offset in [0, 0x1000), got -4'],
    [0x1000, 1, '00:1c.0: expected offset in [0, 0x1000), got 0x1000'],
    [0x3, 2, '00:1c.0: expected an access within one DWORD, got 2 bytes at 0x3'],
    [0xfff, 2, '00:1c.0: expected an access within one DWORD, got 2 bytes at 0xfff'],
    [0x2, 4, '00:1c.0: expected an access within one DWORD, got 4 bytes at 0x2'],
  ] as const)('offset %i, %i bytes', (offset, size, message) => {
    for (const act of [
      () => arena.read(0, offset, size),
      () => arena.write(0, offset, size, 0),
      () => arena.poke(0, offset, size, 0),
      () => arena.setBits(0, offset, size, 0),
    ])
      expect(act).toThrow(new RangeError(message));
  });

  it('is an offset that is no DWORD, in a write by byte enables', () => {
    expect(() => arena.writeDw(0, 2, 0, 15)).toThrow(RangeError);
  });

  it('is an access of three bytes, or none', () => {
    for (const size of [0, 3, 8])
      expect(() => arena.read(0, 0, size as 4)).toThrow(
        new RangeError(`00:1c.0: expected an access of 1, 2 or 4 bytes, got ${size}`),
      );
  });

  it('is a poke beyond the space of a function of 256 bytes; its neighbour keeps what it has', () => {
    const two = new ConfigArena([conventional('00:02.0'), conventional('00:03.0')]);
    const before = two.bytes.slice();
    const message = '00:02.0: expected offset in [0, 0x100), got 0x104';
    expect(() => two.poke(0, 0x104, 2, 0xdead)).toThrow(new RangeError(message));
    expect(() => two.setBits(0, 0x104, 2, 1)).toThrow(new RangeError(message));
    expect(() => two.poke(1, 0x100, 4, 0)).toThrow('00:03.0: expected offset in [0, 0x100), got 0x100');
    expect(two.bytes).toEqual(before);
  });

  it('is a function that is not there', () => {
    for (const fn of [1, -1, 0.5, Number.NaN])
      for (const act of [
        () => arena.space(fn),
        () => arena.name(fn),
        () => arena.read(fn, 0, 4),
        () => arena.write(fn, 0, 4, 0),
        () => arena.poke(fn, 0, 4, 0),
      ])
        expect(act).toThrow(new RangeError(`expected a function index in [0, 1), got ${fn}`));
  });

  it.each([
    [-1, 0, 'expected a segment from 0 to 0xffffffff, got -1'],
    [2 ** 32, 0, 'expected a segment from 0 to 0xffffffff, got 4294967296'],
    [0.5, 0, 'expected a segment from 0 to 0xffffffff, got 0.5'],
    [0, 0x10000, 'expected a Routing ID from 0 to 0xffff, got 65536'],
    [0, -1, 'expected a Routing ID from 0 to 0xffff, got -1'],
    [0, 1.5, 'expected a Routing ID from 0 to 0xffff, got 1.5'],
  ])('is a function in segment %d with Routing ID %d', (segment, routingId, message) => {
    const { bytes } = conventional('00:02.0');
    const here = new ConfigArena([]);
    expect(() => here.add([{ segment, routingId, bytes }])).toThrow(new RangeError(message));
    expect(here.count).toBe(0);
    here.add([{ segment: 0xffffffff, routingId: 0xffff, bytes }]);
    expect([here.name(0), here.find(0xffffffff, 0xffff)]).toEqual(['ffffffff:ff:1f.7', 0]);
  });
});
