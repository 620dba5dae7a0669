import { describe, expect, it } from 'vitest';
import { ConfigArena } from '../../src/config/arena.ts';
import type { FunctionImage } from '../../src/config/function-image.ts';
import { ancestors, buildTopology, requesterIdOf, subtree } from '../../src/fabric/topology.ts';
import { conventional, device, port } from '../generators/functions.ts';
import { machine } from './machine.ts';

function wired(...images: FunctionImage[]) {
  const arena = new ConfigArena(images);
  const topology = buildTopology(arena);
  const name = (fn: number) => (fn < 0 ? 'root' : arena.name(fn));
  return {
    arena,
    topology,
    parents: Object.fromEntries(images.map((_, fn) => [arena.name(fn), name(topology.parent[fn]!)])),
    problems: topology.problems.map(({ fn, text }) => `${arena.name(fn)}: ${text}`),
  };
}

describe('wiring', () => {
  it('of a switch and of a bridge to PCI', () => {
    const { fabric, fn } = machine();
    const { arena, topology } = fabric;
    const names = (list: readonly number[]) => list.map((one) => arena.name(one));
    expect(topology.problems).toEqual([]);
    expect(topology.rootBuses.map(({ segment, bus, functions }) => [segment, bus, names(functions)])).toEqual([
      [0, 0, ['00:1c.0', '00:1d.0', '00:1e.0', '00:1f.0']],
    ]);
    expect(names(ancestors(topology, fn.pci1))).toEqual(['04:00.0', '02:01.0', '01:00.0', '00:1c.0']);
    expect(names(subtree(topology, fn.up))).toEqual([
      '01:00.0',
      '02:00.0',
      '02:01.0',
      '03:00.0',
      '04:00.0',
      '05:00.0',
      '05:01.0',
    ]);
    expect(names(topology.children[fn.up]!)).toEqual(['02:00.0', '02:01.0']);
    expect(topology.children[fn.ep]).toEqual([]);
  });

  it('keeps domains apart', () => {
    const { parents, problems } = wired(
      port('0000:00:01.0', 'Root Port', 1, 1),
      device('0000:01:00.0'),
      port('0001:00:01.0', 'Root Port', 1, 1),
      device('0001:01:00.0'),
      device('0002:01:00.0'),
    );
    expect(problems).toEqual([]);
    expect(parents).toMatchObject({
      '0000:01:00.0': '0000:00:01.0',
      '0001:01:00.0': '0001:00:01.0',
      '0002:01:00.0': 'root',
    });
  });

  it('does not depend on the order of the functions', () => {
    const images = [port('00:01.0', 'Root Port', 1, 2), port('01:00.0', undefined, 2, 2), conventional('02:00.0')];
    const expected = { '00:01.0': 'root', '01:00.0': '00:01.0', '02:00.0': '01:00.0' };
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ])
      expect(wired(...order.map((i) => images[i]!)).parents).toEqual(expected);
  });

  it('gives a bus to the first of two bridges that claim it', () => {
    const { parents, problems } = wired(
      port('00:01.0', 'Root Port', 1, 1),
      port('00:02.0', 'Root Port', 1, 1),
      device('01:00.0'),
    );
    expect(parents['01:00.0']).toBe('00:01.0');
    expect(problems).toEqual(['00:02.0: secondary 01 is already that of 00:01.0']);
  });

  it('leaves a bridge without numbers out', () => {
    const { parents, problems } = wired(port('00:01.0', 'Root Port', 0, 0), device('00:02.0'), device('01:00.0'));
    expect(problems).toEqual(['00:01.0: bus numbers are not assigned (secondary and subordinate are 0)']);
    expect(parents).toEqual({ '00:01.0': 'root', '00:02.0': 'root', '01:00.0': 'root' });
  });

  it.each([
    [1, 1],
    [0, 5],
    [5, 4],
  ])('makes no circle of broken numbers: 01:00.0 with secondary %i and subordinate %i', (secondary, subordinate) => {
    const { topology, problems } = wired(
      port('00:01.0', 'Root Port', 1, 1),
      port('01:00.0', 'Switch Upstream Port', secondary, subordinate),
    );
    expect([...topology.parent]).toEqual([-1, 0]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^01:00\.0: secondary/);
  });

  it('makes no bridge its own parent', () => {
    const { topology, problems } = wired(port('00:01.0', 'Root Port', 0, 5), device('00:02.0'));
    expect([...topology.parent]).toEqual([-1, -1]);
    expect(problems).toEqual(['00:01.0: secondary 00 and subordinate 05 do not lie above its own bus 00']);
  });

  it('says where the ranges of bridges on one bus overlap, and nothing of ranges within each other', () => {
    const overlapping = wired(
      port('00:01.0', 'Root Port', 1, 5),
      port('00:02.0', 'Root Port', 3, 3),
      port('00:03.0', 'Root Port', 5, 7),
      port('00:04.0', 'Root Port', 8, 8),
      device('03:00.0'),
      port('0001:00:02.0', 'Root Port', 2, 2),
    );
    expect(overlapping.parents).toMatchObject({ '0000:03:00.0': '0000:00:02.0' });
    expect(overlapping.problems).toEqual([
      '0000:00:02.0: buses 03–03 overlap 01–05 of 0000:00:01.0 beside it',
      '0000:00:03.0: buses 05–07 overlap 01–05 of 0000:00:01.0 beside it',
    ]);
    const inSwitch = wired(
      port('00:01.0', 'Root Port', 1, 4),
      port('01:00.0', 'Switch Upstream Port', 2, 4),
      port('02:00.0', 'Switch Downstream Port', 3, 4),
      port('02:01.0', 'Switch Downstream Port', 4, 4),
    );
    expect(inSwitch.problems).toEqual(['02:01.0: buses 04–04 overlap 03–04 of 02:00.0 beside it']);
  });

  it('says where a subordinate number lies beyond that above', () => {
    const { parents, problems } = wired(
      port('00:01.0', 'Root Port', 1, 2),
      port('01:00.0', 'Switch Upstream Port', 2, 9),
      device('02:00.0'),
    );
    expect(problems).toEqual(['01:00.0: subordinate 09 lies beyond 02 of 00:01.0 above it']);
    expect(parents['02:00.0']).toBe('01:00.0');
  });
});

describe('the Requester ID', () => {
  it("is a function's own, or that of the bus behind the bridge to PCI", () => {
    const { fabric, fn } = machine();
    const of = (name: keyof typeof fn) => requesterIdOf(fabric.arena, fabric.topology, fn[name]);
    expect([of('ep'), of('downA'), of('pci0'), of('pci1'), of('bridge')]).toEqual([
      0x0300, 0x0200, 0x0500, 0x0500, 0x0400,
    ]);
  });
});
