/** The machine of the case: what the thread says of it. */
import { describe, expect, it } from 'vitest';
import { formatBdf } from '../../src/config/bdf.ts';
import { Fabric } from '../../src/fabric/fabric.ts';
import { hpeGen9 } from '../../src/platforms/hpe-gen9.ts';
import { platforms } from '../../src/platforms/index.ts';
import { memoryRead } from '../../src/tlp/header.ts';

const fabric = new Fabric(hpeGen9.functions());
const { arena, topology } = fabric;
const fn = (bdf: string) => Array.from({ length: arena.count }, (_, i) => i).find((i) => arena.name(i) === bdf)!;

describe('hpe-gen9', () => {
  it('is a built-in platform', () => {
    expect(platforms).toContain(hpeGen9);
  });

  it('has the topology of the thread', () => {
    expect(topology.problems).toEqual([]);
    const behind = (bdf: string) => topology.children[fn(bdf)]!.map((child) => arena.name(child));
    const secondary = (bdf: string) => arena.u8(fn(bdf), 0x19);
    const ports = ['00:01.0', '00:01.1', '00:02.0', '00:02.1', '00:02.2'];
    expect(ports.map(secondary)).toEqual([0x02, 0x05, 0x06, 0x0f, 0x07]);
    expect(ports.map((bdf) => arena.layout[fn(bdf)]!.portType)).toEqual([4, 4, 4, 4, 4]);
    expect(behind('00:02.0')).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((n) => formatBdf(0, 0x0600 + n)));
    expect(behind('00:02.2')).toEqual(['07:00.0']);
    for (const empty of ['00:01.0', '00:01.1', '00:02.1']) expect(behind(empty)).toEqual([]);
  });

  it('has every capability list whole', () => {
    for (let i = 0; i < arena.count; i++) expect(arena.layout[i]!.problems, arena.name(i)).toEqual([]);
  });

  it('has endpoints at work, below ports that let them through and report', () => {
    for (const bdf of ['06:00.0', '06:00.7', '07:00.0', '00:02.0', '00:02.2'])
      expect(arena.command(fn(bdf)) & 4, bdf).toBe(4);
    for (const bdf of ['00:02.0', '00:02.2']) {
      const { pciExpress, aer } = arena.layout[fn(bdf)]!;
      expect(arena.u16(fn(bdf), pciExpress + 8) & 0xf, bdf).toBe(0xf);
      expect(arena.u32(fn(bdf), aer + 8) & 0x0010_0000, bdf).toBe(0);
      expect(arena.u32(fn(bdf), aer + 12) & 0x0010_0000, bdf).toBe(0);
    }
  });

  it('reaches every BAR from the CPU', () => {
    for (let i = 0; i < arena.count; i++)
      for (const bar of arena.layout[i]!.bars) {
        const address = arena.u32(i, bar.offset) & ~0xf;
        const header = {
          addressHi: bar.kind === 'memory64' ? arena.u32(i, bar.offset + 4) : 0,
          addressLo: address >>> 0,
        };
        const route = fabric.router.route({ ...memoryRead(0, 0, 0), ...header }, -1);
        expect(route, `${arena.name(i)} BAR ${bar.index}`).toEqual({ outcome: 'delivered', at: i });
      }
  });

  it('has a driver for every port and endpoint', () => {
    expect(Object.keys(hpeGen9.drivers).sort()).toEqual(
      Array.from({ length: arena.count }, (_, i) => arena.name(i))
        .filter((name) => name !== '00:00.0')
        .sort(),
    );
  });
});
