/** Memory behind the root complex: a request to where there is none is refused by the port that it came in by. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOST } from '../../src/fabric/exact-router.ts';
import type { Hop } from '../../src/fabric/hop.ts';
import { MemoryMap } from '../../src/fabric/memory-map.ts';
import { NONE } from '../../src/fabric/topology.ts';
import { memoryRead, memoryWrite } from '../../src/tlp/header.ts';
import { machine } from './machine.ts';

/** 2 GiB below 4 GiB, 6 GiB above; the VGA hole. */
const map = new MemoryMap({
  ram: [
    [0, 0x7fff_ffff],
    [0x1_0000_0000n, 0x2_7fff_ffffn],
  ],
  holes: [[0xa0000, 0xfffff]],
});

describe('a map', () => {
  it.each([
    [0n, true],
    [0x9ffffn, true],
    [0xa0000n, false],
    [0xfffffn, false],
    [0x100000n, true],
    [0x7fff_ffffn, true],
    [0x8000_0000n, false],
    [0xffff_ffffn, false],
    [0x1_0000_0000n, true],
    [0x2_7fff_ffffn, true],
    [0x2_8000_0000n, false],
    [0xffff_ffff_ffff_ffffn, false],
  ])('%#x: memory %s', (address, expected) => {
    expect(map.holds(Number(address >> 32n), Number(address & 0xffffffffn))).toBe(expected);
  });

  it('holds what is in a range of RAM and in no hole, for any ranges', () => {
    const range = fc
      .tuple(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, 2n ** 64n - 1n))
      .map(([a, b]): [bigint, bigint] => (a < b ? [a, b] : [b, a]));
    fc.assert(
      fc.property(
        fc.array(range, { maxLength: 3 }),
        fc.array(range, { maxLength: 3 }),
        fc.nat(5),
        fc.bigInt(-1n, 1n),
        (ram, holes, i, step) => {
          const edges = [...ram, ...holes].flat();
          const address = BigInt.asUintN(64, (edges[i % Math.max(edges.length, 1)] ?? 0n) + step);
          const within = (list: [bigint, bigint][]) =>
            list.some(([first, last]) => address >= first && address <= last);
          expect(new MemoryMap({ ram, holes }).holds(Number(address >> 32n), Number(address & 0xffffffffn))).toBe(
            within(ram) && !within(holes),
          );
        },
      ),
    );
  });

  it('says what is wrong with a range', () => {
    expect(() => new MemoryMap({ ram: [[2, 1]] })).toThrow(
      'ram[0]: expected a first and a last address within 64 bits, got 0x2 to 0x1',
    );
    expect(() => new MemoryMap({ holes: [[0, 2n ** 64n]] })).toThrow('holes[0]: expected');
  });
});

describe('a request from below', () => {
  it('to memory is delivered; to a hole it is refused and reported by the root port that it came in by', () => {
    const { fabric, fn } = machine({}, { memory: map });
    expect(fabric.send(memoryWrite(0x0600, 0, 0x100000), fn.ep2)).toMatchObject({ outcome: 'delivered', at: NONE });
    const hops: Hop[] = [];
    const refused = fabric.send(memoryWrite(0x0600, 0, 0x8000_0000), fn.ep2, { trace: hops });
    expect(refused).toMatchObject({ outcome: 'unsupported-request', at: fn['1d'] });
    expect(refused.report).toMatchObject({ reporter: fn['1d'] });
    expect(hops.at(-1)).toMatchObject({
      fn: fn['1d'],
      action: 'refuse',
      rule: 'no memory at the address, and nothing claims it',
    });
    const { aer } = fabric.arena.layout[fn['1d']]!;
    expect(aer === 0 || fabric.arena.u32(fn['1d'], aer + 4) === 1 << 20).toBe(true);
  });

  it('through a switch: the root port, not a port of the switch; a read is completed with UR', () => {
    const { fabric, fn } = machine({}, { memory: map });
    const { outcome, at, completion } = fabric.send(memoryRead(0x0300, 3, 0), fn.ep);
    expect([outcome, at, completion?.status]).toEqual(['unsupported-request', fn['1c'], 1]);
  });

  it('of an integrated endpoint: nobody reports', () => {
    const { fabric, fn } = machine({}, { memory: map });
    const { outcome, at, report } = fabric.send(memoryWrite(0x00f8, 0, 0x9000_0000), fn.rciep);
    expect([outcome, at, report]).toEqual(['unsupported-request', NONE, undefined]);
  });

  it('with an interrupt message is taken, map or not', () => {
    const { fabric, fn } = machine({}, { memory: map });
    expect(fabric.send(memoryWrite(0x0600, 0, 0xfee0_0000), fn.ep2).outcome).toBe('delivered');
  });

  it('without a map: all that nobody claims is memory', () => {
    const { fabric, fn } = machine();
    expect(fabric.send(memoryWrite(0x0600, 0, 0x8000_0000), fn.ep2)).toMatchObject({ outcome: 'delivered', at: NONE });
  });
});

describe('a request of the CPU', () => {
  it('reaches memory by the map, and nothing in a hole', () => {
    const { fabric } = machine({}, { memory: map });
    expect(fabric.send(memoryRead(0, 0, 0x200000), HOST)).toMatchObject({ outcome: 'delivered', at: NONE });
    expect(fabric.send(memoryRead(0, 0, 0x8000_0000), HOST)).toMatchObject({
      outcome: 'unsupported-request',
      at: NONE,
    });
  });
});
