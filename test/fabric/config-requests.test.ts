/** Configuration requests, the two mechanisms that make them, and completions. */
import { describe, expect, it } from 'vitest';
import { ConfigAddressPorts, EcamWindow, ecamOffset } from '../../src/fabric/config-mechanisms.ts';
import { HOST } from '../../src/fabric/exact-router.ts';
import { Fabric } from '../../src/fabric/fabric.ts';
import type { Hop } from '../../src/fabric/hop.ts';
import { NONE } from '../../src/fabric/topology.ts';
import { tlpHeader } from '../../src/tlp/header.ts';
import { AER, device, port } from '../generators/functions.ts';
import { id, machine, type Name } from './machine.ts';

const ABSENT = 0xffffffff;
const rma = (fabric: Fabric, fn: number) => (fabric.arena.u16(fn, 0x1e) & 0x2000) !== 0;

describe('a configuration read', () => {
  it('reaches every function that is there, whatever Command says', () => {
    const off = { command: 0 };
    const names: Name[] = ['1c', 'up', 'downA', 'downB', 'bridge', 'ep', 'pci0', 'pci1'];
    const { fabric, fn } = machine(Object.fromEntries(names.map((name) => [name, off])));
    for (const one of Object.values(fn)) {
      const address = fabric.arena.routingId[one]!;
      expect(fabric.configRead(0, address, 0, 4), fabric.arena.name(one)).toBe(fabric.arena.u32(one, 0));
      fabric.configWrite(0, address, 0x3c, 1, 0x5a);
      expect(fabric.arena.u8(one, 0x3c), fabric.arena.name(one)).toBe(0x5a);
    }
  });

  it('is Type 1 on the way and Type 0 on the last bus', () => {
    const { fabric } = machine();
    const hops: Hop[] = [];
    fabric.send(tlpHeader('CfgRd1', { destinationId: id(5, 1, 0), lengthDw: 1, firstBe: 15 }), HOST, { trace: hops });
    expect(hops.map(({ fn, action }) => [fabric.arena.name(fn), action])).toEqual([
      ['00:1c.0', 'forward down'],
      ['01:00.0', 'forward down'],
      ['02:01.0', 'forward down'],
      ['05:01.0', 'deliver'],
    ]);
    expect(hops[3]!.rule).toContain('Type 0 on the secondary bus');
  });

  it.each<[string, number, Name | 'root complex', boolean]>([
    ['no device on the root bus', id(0, 5, 0), 'root complex', false],
    ['no bridge leads there', id(0x40, 0, 0), 'root complex', false],
    ['no such device inside the switch', id(2, 5, 0), 'up', true],
    ['no such function of the device on the link', id(3, 0, 3), 'ep', true],
    ['device 1 on a link: the port itself ends it', id(3, 1, 0), 'downA', true],
    ['device 1 on a link of the root port: no completion comes in', id(6, 1, 0), '1d', false],
    ['nothing attached', id(7, 0, 0), '1e', false],
  ])('of what is absent gives all ones: %s', (_, address, refusedBy, leavesRma) => {
    const { fabric, fn } = machine();
    const at = refusedBy === 'root complex' ? NONE : fn[refusedBy];
    const header = tlpHeader('CfgRd1', { destinationId: address, lengthDw: 1, firstBe: 15 });
    expect(fabric.send(header, HOST)).toMatchObject({ outcome: 'unsupported-request', at });
    expect(fabric.configRead(0, address, 0, 4)).toBe(ABSENT);
    expect([fabric.configRead(0, address, 2, 2), fabric.configRead(0, address, 3, 1)]).toEqual([0xffff, 0xff]);
    expect((['1c', '1d', '1e'] as const).some((name) => rma(fabric, fn[name]))).toBe(leavesRma);
  });

  // Bus 9 lies in the range of all ports above the one that is named, and of none below it.
  it.each<[string, Partial<Record<Name, number>>, Name, string]>([
    ['the upstream port at the far end of the link', { '1c': 9 }, 'up', 'unsupported-request'],
    ['the bus inside the switch', { '1c': 9, up: 9 }, 'up', 'unsupported-request'],
    ['the endpoint at the far end of the link', { '1c': 9, up: 9, downA: 9 }, 'ep', 'unsupported-request'],
    ['the bridge for its PCI bus', { '1c': 9, up: 9, downB: 9, bridge: 9 }, 'bridge', 'master-abort'],
    ['the port of an empty slot', { '1e': 9 }, '1e', 'unsupported-request'],
  ])('of a bus that no bridge below leads to ends at %s', (_, subordinates, name, outcome) => {
    const { fabric, fn } = machine();
    for (const [port, bus] of Object.entries(subordinates)) fabric.arena.poke(fn[port as Name], 0x1a, 1, bus);
    const header = tlpHeader('CfgRd1', { destinationId: id(9, 0, 0), lengthDw: 1, firstBe: 15 });
    expect(fabric.send(header, HOST)).toMatchObject({ outcome, at: fn[name] });
  });

  it('ends in Master-Abort on a PCI bus', () => {
    const { fabric, fn } = machine();
    const header = tlpHeader('CfgRd1', { destinationId: id(5, 9, 0), lengthDw: 1, firstBe: 15 });
    expect(fabric.send(header, HOST)).toMatchObject({ outcome: 'master-abort', at: fn.bridge });
    expect(fabric.configRead(0, id(5, 9, 0), 0, 4)).toBe(ABSENT);
  });

  it('leaves the word of an absent function lost', () => {
    const { fabric } = machine();
    const before = fabric.checkpoint();
    fabric.configWrite(0, id(0, 5, 0), 4, 2, 0x0007);
    expect(fabric.arena.bytes).toEqual(before.bytes);
  });

  it.each([
    ['on the secondary bus of the port above it, as Type 0', 'ep2', 'CfgRd0', 0x04000001],
    ['behind a switch as well', 'ep', 'CfgRd0', 0x04000001],
  ] as const)('is seen and logged %s', (_, name, type, first) => {
    const { fabric, fn } = machine({ [name]: { correctableMask: 0 } });
    const seen: string[] = [];
    fabric.answer(fn[name], (request) => {
      seen.push(request.type);
      return 'UR';
    });
    fabric.configRead(0, fabric.arena.routingId[fn[name]]!, 0x40, 4);
    expect(seen).toEqual([type]);
    expect(fabric.arena.u32(fn[name], AER + 0x1c)).toBe(first);
  });

  it('for a function that the bus does not have is logged by the port as it came to it, as Type 1', () => {
    const { fabric, fn } = machine({ '1d': { correctableMask: 0 } });
    fabric.configRead(0, id(6, 5, 0), 0, 4);
    expect(fabric.arena.u32(fn['1d'], AER + 0x1c)).toBe(0x05000001);
  });

  it('reaches device 1 on a link with ARI Forwarding', () => {
    const build = (deviceControl2: number) =>
      new Fabric([
        port('00:01.0', 'Root Port', 1, 1, { deviceControl2 }),
        device('01:00.0', { multiFunction: true }),
        device('01:01.2'),
      ]);
    expect(build(0x20).configRead(0, id(1, 1, 2), 0, 4)).toBe(0x10d38086);
    expect(build(0x20).configRead(0, id(1, 2, 0), 0, 4)).toBe(ABSENT);
    expect(build(0x00).configRead(0, id(1, 2, 0), 0, 4)).toBe(ABSENT);
  });

  it('follows bus numbers as they are now', () => {
    const { fabric, fn } = machine();
    fabric.configWrite(0, id(0, 0x1d, 0), 0x19, 1, 0x20);
    fabric.configWrite(0, id(0, 0x1d, 0), 0x1a, 1, 0x20);
    expect([fabric.arena.u8(fn['1d'], 0x19), fabric.configRead(0, id(6, 0, 0), 0, 4)]).toEqual([0x20, ABSENT]);
    expect(fabric.configRead(0, id(0x20, 0, 0), 0, 4)).toBe(0x10d38086);
  });

  // The secondary bus of one bridge lies in the range of another, narrower or wider; and a bus in the ranges of two is no one's secondary.
  it.each([
    ['behind root ports', ''],
    ['behind switch ports', 'switch'],
  ])('and its completion find a function where ranges of bridges overlap, %s', (_, within) => {
    const [bus, first] = within === '' ? ['00', 0] : ['02', 2];
    const kind = within === '' ? 'Root Port' : 'Switch Downstream Port';
    const fabric = new Fabric([
      ...(within === ''
        ? []
        : [port('00:1c.0', 'Root Port', 1, 0x20), port('01:00.0', 'Switch Upstream Port', 2, 0x20)]),
      port(`${bus}:01.0`, kind, first + 1, first + 8),
      port(`${bus}:02.0`, kind, first + 3, first + 4),
      port(`${bus}:03.0`, kind, first + 5, first + 6),
      port(`${bus}:04.0`, kind, first + 6, first + 8),
      device(`0${first + 1}:00.0`),
      port(`0${first + 3}:00.0`, 'PCI Express to PCI/PCI-X Bridge', first + 4, first + 4),
      device(`0${first + 4}:00.0`),
      device(`0${first + 6}:00.0`),
    ]);
    const { arena } = fabric;
    const ids = [id(first + 1, 0, 0), id(first + 3, 0, 0), id(first + 4, 0, 0), id(first + 6, 0, 0)];
    for (const routingId of ids) {
      expect(fabric.configRead(0, routingId, 0, 4)).toBe(arena.u32(arena.find(0, routingId), 0));
      const completion = fabric.send(tlpHeader('Cpl', { requesterId: routingId }), HOST);
      // Behind the bridge to PCI the bridge itself is the requester.
      const requester = arena.find(0, routingId === ids[2] ? ids[1]! : routingId);
      expect(completion).toMatchObject({ outcome: 'unexpected-completion', at: requester });
    }
  });

  it('stays in its segment', () => {
    const fabric = new Fabric([
      device('0000:00:02.0'),
      port('0001:00:01.0', 'Root Port', 1, 1),
      device('0001:01:00.0'),
    ]);
    expect([fabric.configRead(1, id(1, 0, 0), 0, 4), fabric.configRead(0, id(1, 0, 0), 0, 4)]).toEqual([
      0x10d38086,
      ABSENT,
    ]);
    expect([fabric.configRead(0, id(0, 2, 0), 0, 4), fabric.configRead(1, id(0, 2, 0), 0, 4)]).toEqual([
      0x10d38086,
      ABSENT,
    ]);
  });

  it.each([
    [0x1000, 4],
    [-4, 4],
    [2, 4],
    [3, 2],
  ] as const)('throws for offset %i, %i bytes', (offset, size) => {
    const { fabric } = machine();
    expect(() => fabric.configRead(0, 0x00e0, offset, size)).toThrow(RangeError);
    expect(() => fabric.configWrite(0, 0x00e0, offset, size, 0)).toThrow(RangeError);
  });

  it('throws for three bytes, and for a sender that is not there', () => {
    const { fabric } = machine();
    expect(() => fabric.configRead(0, 0x00e0, 0, 3 as 4)).toThrow('expected 1, 2 or 4 bytes, got 3');
    const header = tlpHeader('MWr', { lengthDw: 1, firstBe: 15 });
    for (const act of [() => fabric.send(header, 99), () => fabric.router.route(header, 99)])
      expect(act).toThrow(new RangeError('expected a function index in [0, 12), got 99'));
  });

  it('is not for functions to send', () => {
    const { fabric, fn } = machine();
    const header = tlpHeader('CfgWr0', { destinationId: id(3, 0, 0), lengthDw: 1, firstBe: 15, requesterId: 0x0400 });
    expect(fabric.send(header, fn.bridge)).toMatchObject({ outcome: 'unsupported-request', at: fn.downB });
  });

  it('from an integrated endpoint is refused by the root complex', () => {
    const { fabric, fn } = machine();
    const header = tlpHeader('CfgRd0', { destinationId: id(3, 0, 0), lengthDw: 1, firstBe: 15 });
    expect(fabric.send(header, fn.rciep)).toMatchObject({ outcome: 'unsupported-request', at: NONE });
  });
});

describe('CF8h and CFCh', () => {
  it('reach the first 256 bytes, in any size', () => {
    const { fabric, fn } = machine();
    const ports = new ConfigAddressPorts(fabric);
    ports.write(0xcf8, 4, 0x80000000 | (id(3, 0, 0) << 8));
    expect(ports.read(0xcfc, 4)).toBe(0x10d38086);
    expect([ports.read(0xcfe, 2), ports.read(0xcff, 1), ports.read(0xcfd, 1)]).toEqual([0x10d3, 0x10, 0x80]);
    ports.write(0xcf8, 4, 0x80000000 | (id(3, 0, 0) << 8) | 0x04);
    ports.write(0xcfc, 2, 0x0006);
    expect(fabric.arena.command(fn.ep)).toBe(0x0006);
    // Status beside it has RW1C bits, which a write of the lower word must not touch.
    fabric.arena.poke(fn.ep, 6, 2, 0x2010);
    ports.write(0xcfd, 1, 0x01);
    expect([fabric.arena.command(fn.ep), fabric.arena.u16(fn.ep, 6)]).toEqual([0x0106, 0x2010]);
  });

  it('read all ones while disabled, and lose writes', () => {
    const { fabric, fn } = machine();
    const ports = new ConfigAddressPorts(fabric);
    ports.write(0xcf8, 4, (id(3, 0, 0) << 8) | 0x04);
    ports.write(0xcfc, 2, 0);
    expect([ports.read(0xcfc, 4), ports.read(0xcfc, 2), fabric.arena.command(fn.ep)]).toEqual([ABSENT, 0xffff, 0x0007]);
  });

  it('keep the address, without its reserved bits; take it as a DWORD only', () => {
    const ports = new ConfigAddressPorts(machine().fabric);
    ports.write(0xcf8, 4, 0xffffffff);
    expect(ports.read(0xcf8, 4)).toBe(0x80fffffc);
    ports.write(0xcf8, 1, 0);
    ports.write(0xcfb, 1, 0);
    expect(ports.read(0xcf8, 4)).toBe(0x80fffffc);
    expect(ports.read(0xcf8, 1)).toBe(0xff);
  });

  it('do not read past CFFh', () => {
    const ports = new ConfigAddressPorts(machine().fabric);
    ports.write(0xcf8, 4, 0x80000000);
    expect(ports.read(0xcfe, 4)).toBe(ABSENT);
  });
});

describe('ECAM', () => {
  it('reaches 4,096 bytes of each function', () => {
    const { fabric, fn } = machine();
    const window = new EcamWindow(fabric);
    expect(ecamOffset(id(3, 0, 0), 0x100)).toBe(0x300100);
    expect(ecamOffset(id(0xff, 0x1f, 7), 0xffc)).toBe(0xffffffc);
    expect(window.read(0x300000, 4)).toBe(0x10d38086);
    expect(window.read(0x300100, 2)).toBe(0x0001);
    window.write(0x300108, 4, 0x00100000);
    expect(fabric.arena.u32(fn.ep, 0x108)).toBe(0x00100000);
    expect(window.read(0x900000, 4)).toBe(ABSENT);
  });

  it.each([-4, 0x10000000, 2 ** 32 + 0x300000, 0.5, Number.NaN])('ECAM ends after 256 MiB: %d', (offset) => {
    const { fabric } = machine();
    const before = fabric.arena.bytes.slice();
    const window = new EcamWindow(fabric);
    const error = new RangeError(`ECAM: expected an offset in [0, 0x10000000), got ${offset}`);
    expect(() => window.read(offset, 1)).toThrow(error);
    expect(() => window.write(offset, 1, 0xff)).toThrow(error);
    expect(fabric.arena.bytes).toEqual(before);
    expect(window.read(0xffffffc, 4)).toBe(ABSENT);
  });
});

describe('completions', () => {
  const STRAY = 'unexpected-completion';
  const completion = (requesterId: number) =>
    tlpHeader('CplD', { requesterId, completerId: 0, lengthDw: 1, byteCount: 4 });
  const off: Partial<Record<Name, { command: number }>> = Object.fromEntries(
    (['1c', 'up', 'downA', 'downB', 'bridge', 'ep'] as const).map((name) => [name, { command: 0 }]),
  );

  it.each<[number, Name]>([
    [id(3, 0, 0), 'ep'],
    [id(2, 1, 0), 'downB'],
    [id(1, 0, 0), 'up'],
    [id(0, 0x1c, 0), '1c'],
    [id(6, 0, 0), 'ep2'],
  ])('go down by ID, with every Command register clear: %i to %s', (requester, target) => {
    const { fabric, fn } = machine(off);
    // Nobody has asked: that they arrive shows in who does not expect them.
    expect(fabric.send(completion(requester), HOST)).toMatchObject({ outcome: STRAY, at: fn[target] });
  });

  it('go up past ports without Bus Master Enable, and down to a neighbour', () => {
    const { fabric, fn } = machine(off);
    expect(fabric.send(completion(0), fn.ep)).toMatchObject({ outcome: STRAY, at: NONE });
    expect(fabric.send(completion(id(4, 0, 0)), fn.ep)).toMatchObject({ outcome: STRAY, at: fn.bridge });
  });

  it('for a requester that is not there end where a device, or the bus inside a switch, has no such function', () => {
    const { fabric, fn } = machine();
    expect(fabric.send(completion(id(3, 0, 5)), HOST)).toMatchObject({ outcome: STRAY, at: fn.ep });
    expect(fabric.send(completion(id(2, 7, 0)), HOST)).toMatchObject({ outcome: STRAY, at: fn.up });
    expect(fabric.send(completion(id(7, 0, 0)), HOST)).toMatchObject({ outcome: 'dropped', at: fn['1e'] });
  });

  it('of a refused read leave Received Master Abort at the requester', () => {
    const { fabric, fn } = machine({ up: { command: 0x0003 } });
    const delivery = fabric.send(
      tlpHeader('MRd', { requesterId: id(3, 0, 0), lengthDw: 1, firstBe: 15, addressLo: 0x1000000 }),
      fn.ep,
    );
    expect(delivery.completion).toMatchObject({
      type: 'Cpl',
      status: 1,
      completerId: id(1, 0, 0),
      requesterId: id(3, 0, 0),
    });
    expect(fabric.arena.u16(fn.ep, 6) & 0x2000).toBe(0x2000);
  });

  it('for a read from a PCI bus go to the bridge, which asked for its secondary bus', () => {
    // 05:00.0 has the routing ID that the bridge takes for its bus, and has asked for nothing.
    const { fabric, fn } = machine({ downB: { command: 0x0003 } });
    fabric.send(
      tlpHeader('MRd', { requesterId: id(5, 0, 0), lengthDw: 1, firstBe: 15, addressLo: 0x1000000 }),
      fn.pci1,
    );
    expect(fabric.arena.u16(fn.pci0, 6) & 0x2000).toBe(0);
    expect(fabric.arena.u16(fn.bridge, 6) & 0x2000).toBe(0x2000);
  });
});

describe('a checkpoint', () => {
  it('brings every byte back', () => {
    const { fabric, fn } = machine({ '1c': { command: 0x0003 } });
    const before = fabric.checkpoint();
    fabric.send(tlpHeader('MWr', { requesterId: id(3, 0, 0), lengthDw: 1, firstBe: 15, addressLo: 0x1000000 }), fn.ep);
    fabric.configWrite(0, id(3, 0, 0), 4, 2, 0);
    expect(fabric.arena.bytes).not.toEqual(before.bytes);
    fabric.restore(before);
    expect(fabric.arena.bytes).toEqual(before.bytes);
  });
});
