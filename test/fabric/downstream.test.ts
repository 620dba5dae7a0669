/** Requests from the CPU, down by BARs and windows. */
import { describe, expect, it } from 'vitest';
import { HOST } from '../../src/fabric/exact-router.ts';
import { NONE } from '../../src/fabric/topology.ts';
import { memoryRead, memoryWrite, tlpHeader } from '../../src/tlp/header.ts';
import { machine, type Name } from './machine.ts';

const EP_BAR = 0xf0000000;

function sent(options: Parameters<typeof machine>[0], hi: number, lo: number, write = true) {
  const { fabric, fn } = machine(options);
  const { outcome, at } = fabric.send(write ? memoryWrite(0, hi, lo) : memoryRead(0, hi, lo), HOST);
  return [outcome, at === NONE ? 'root complex' : (Object.keys(fn) as Name[]).find((name) => fn[name] === at)];
}

describe('memory from the CPU', () => {
  it.each([
    [EP_BAR, 'delivered', 'ep'],
    [0xf00ffffc, 'delivered', 'ep'],
    [0xf0100000, 'delivered', 'pci0'],
    [0xf1000000, 'delivered', 'ep2'],
    [0xf0200000, 'unsupported-request', 'root complex'],
    [0x10000000, 'unsupported-request', 'root complex'],
  ])('%i: %s, %s', (address, outcome, at) => {
    expect(sent({}, 0, address)).toEqual([outcome, at]);
  });

  it('reaches a 64-bit prefetchable BAR', () => {
    const bar = 0x38_0010_0000 / 0x100000;
    expect(sent({ ep2: { bar } }, 0x38, 0x00100000)).toEqual(['delivered', 'ep2']);
    expect(sent({ ep2: { bar } }, 0x38, 0x00000000)).toEqual(['unsupported-request', 'ep2']);
    expect(sent({ ep2: { bar } }, 0, 0x00100000)).toEqual(['unsupported-request', 'root complex']);
  });

  it('does not ask for Bus Master Enable anywhere', () => {
    const command = 0x0003;
    expect(sent({ '1c': { command }, up: { command }, downA: { command }, ep: { command } }, 0, EP_BAR)).toEqual([
      'delivered',
      'ep',
    ]);
  });

  it.each<[Name, Name | 'root complex']>([
    ['1c', 'root complex'],
    ['up', 'up'],
    ['downA', 'up'],
    ['ep', 'ep'],
  ])('Memory Space off at %s: refused by %s', (off, at) => {
    expect(sent({ [off]: { command: 0x0005 } }, 0, EP_BAR)).toEqual(['unsupported-request', at]);
  });

  it('is not claimed on a PCI bus: Master-Abort, and the bridge keeps the mark', () => {
    const { fabric, fn } = machine({ pci0: { command: 0x0005 } });
    const delivery = fabric.send(memoryRead(0, 0, 0xf0100000), HOST);
    expect([delivery.outcome, delivery.at]).toEqual(['master-abort', fn.bridge]);
    expect(fabric.arena.u16(fn.bridge, 0x1e) & 0x2000).toBe(0x2000);
    expect(delivery.completion).toMatchObject({ status: 1, completerId: 0x0400 });
  });

  it('towards nothing: a posted request is dropped, a read refused by the port', () => {
    expect(sent({}, 0, 0xf2000000, true)).toEqual(['dropped', '1e']);
    expect(sent({}, 0, 0xf2000000, false)).toEqual(['unsupported-request', '1e']);
  });

  it.each<Name>(['1c', 'up', 'downA', 'ep'])('is refused by %s where it is in D3hot', (name) => {
    expect(sent({ [name]: { powerState: 3 } }, 0, EP_BAR)).toEqual(['unsupported-request', name]);
  });

  it('leaves Received Master Abort at the root port only where a completion comes in', () => {
    const read = (address: number, options: Parameters<typeof machine>[0] = {}) => {
      const { fabric, fn } = machine(options);
      fabric.send(memoryRead(0, 0, address), HOST);
      return ['1c', '1d', '1e'].filter((name) => (fabric.arena.u16(fn[name as Name], 0x1e) & 0x2000) !== 0);
    };
    expect(read(EP_BAR, { ep: { command: 0x0005 } })).toEqual(['1c']);
    expect(read(EP_BAR)).toEqual([]);
    // The port answers for what is not attached.
    expect(read(0xf2000000)).toEqual([]);
  });
});

describe('I/O from the CPU', () => {
  it('goes by I/O windows and I/O Space', () => {
    const send = (options: Parameters<typeof machine>[0], address: number) => {
      const { fabric, fn } = machine(options);
      const { outcome, at } = fabric.send(tlpHeader('IORd', { lengthDw: 1, firstBe: 1, addressLo: address }), HOST);
      return [outcome, at === NONE ? 'root complex' : (Object.keys(fn) as Name[]).find((name) => fn[name] === at)];
    };
    expect(send({}, 0x101c)).toEqual(['delivered', 'ep']);
    expect(send({}, 0x1020)).toEqual(['unsupported-request', 'ep']);
    expect(send({}, 0x3000)).toEqual(['unsupported-request', 'root complex']);
    expect(send({ downA: { command: 0x0006 } }, 0x1000)).toEqual(['unsupported-request', 'up']);
    expect(send({ '1c': { command: 0x0006 } }, 0x1000)).toEqual(['unsupported-request', 'root complex']);
  });
});
