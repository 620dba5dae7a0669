/** Multicast: the window, the groups of ports and endpoints, blocks, the overlay. PCIe 5.0 §6.14. */
import { describe, expect, it } from 'vitest';
import { HOST } from '../../src/fabric/exact-router.ts';
import type { Hop } from '../../src/fabric/hop.ts';
import { NONE } from '../../src/fabric/topology.ts';
import { memoryRead, memoryWrite, type TlpHeader } from '../../src/tlp/header.ts';
import { machine, type Name } from './machine.ts';

type Options = Parameters<typeof machine>[0];

/** Window of four groups of 1 MiB each, at E00h MiB. */
const BASE = 0xe00;
const MIB = 0x100000;
const group = (number: number, requesterId = 0x0300) => memoryWrite(requesterId, 0, (BASE + number) * MIB);
const mc = (receive: number, more: object = {}) => ({ multicast: { base: BASE, receive, ...more } });

/** Everybody takes group 1; the bridge to PCI has no multicast. */
const all: Options = Object.fromEntries(
  (['1c', 'up', 'downA', 'downB', 'ep', '1d', 'ep2'] as const).map((name) => [name, mc(0b10)]),
);

function sent(header: TlpHeader, from: Name | 'host', options: Options = all) {
  const { fabric, fn } = machine(options);
  const { outcome, at, copies } = fabric.send(header, from === 'host' ? HOST : fn[from]);
  const nameOf = (index: number) =>
    index === NONE ? 'root complex' : (Object.keys(fn) as Name[]).find((one) => fn[one] === index);
  return { outcome, at: nameOf(at), copies: copies?.map(nameOf) };
}

describe('copies', () => {
  it('go to all that receive the group, and not back to the one that sends', () => {
    expect(sent(group(1), 'ep')).toEqual({ outcome: 'delivered', at: 'downA', copies: ['ep2'] });
    expect(sent(group(1, 0x0600), 'ep2')).toEqual({ outcome: 'delivered', at: '1d', copies: ['ep'] });
    expect(sent(group(1, 0), 'host')).toEqual({ outcome: 'delivered', at: 'root complex', copies: ['ep', 'ep2'] });
  });

  it('to nobody: dropped, and no error', () => {
    expect(sent(group(2), 'ep')).toEqual({ outcome: 'dropped', at: 'downA', copies: undefined });
  });

  it.each<[Name, number, number]>([
    // MC_Receive of a port, of the upstream port on the way up, of an endpoint.
    ['1d', 0, 0],
    ['ep2', 0, 0],
    ['up', 0, 0],
    ['1c', 0, 1],
    ['1d', 0b10, 1],
  ])('from 03:00.0, with MC_Receive %s %i: %i', (name, receive, copies) => {
    expect(sent(group(1), 'ep', { ...all, [name]: mc(receive) }).copies ?? []).toHaveLength(copies);
  });

  it('need MC_Enable at the port that the write comes in by; without, the write is a plain one', () => {
    const off = mc(0b10, { off: true });
    expect(sent(group(1), 'ep', { ...all, downA: off })).toMatchObject({ at: '1c', copies: ['ep2'] });
    expect(sent(group(1), 'ep', { ...all, downA: off, '1c': off })).toEqual({
      outcome: 'delivered',
      at: 'root complex',
      copies: undefined,
    });
    // Nor does a read go to many.
    expect(sent(memoryRead(0x0300, 0, (BASE + 1) * MIB), 'ep')).toMatchObject({ at: 'root complex' });
  });

  it.each([
    [BASE * MIB - 4, false],
    [BASE * MIB, true],
    [(BASE + 4) * MIB - 4, true],
    [(BASE + 4) * MIB, false],
  ])('the window: %i is %s', (address, inside) => {
    expect(sent(memoryWrite(0x0300, 0, address), 'ep').at).toBe(inside ? 'downA' : 'root complex');
  });

  it('to a peer under the same switch, past ACS Request Redirect', () => {
    const overlay = 0xf01;
    const options: Options = { ...all, downA: { ...mc(0b10), acs: { control: 4 } }, downB: mc(0b10, { overlay }) };
    expect(sent(group(1), 'ep', options).copies).toEqual(['pci0', 'ep2']);
  });

  it('to an endpoint that is integrated in the root complex', () => {
    const options: Options = { ...all, rciep: { bar: 0xd00, ...mc(0b10) } };
    expect(sent(group(1), 'ep', options).copies).toEqual(['ep2', 'rciep']);
    expect(sent(group(1, 0), 'host', options).copies).toEqual(['ep', 'ep2', 'rciep']);
    expect(sent(group(1), 'ep', { ...options, rciep: { bar: 0xd00, ...mc(0) } }).copies).toEqual(['ep2']);
  });

  it('where the next port up has no multicast, the copy is a plain write', () => {
    expect(sent(group(1), 'ep', { ...all, '1c': {} }).copies).toEqual(['root complex']);
  });
});

describe('Bus Master Enable', () => {
  it('of the first port: the write is unsupported', () => {
    expect(sent(group(1), 'ep', { ...all, downA: { ...mc(0b10), command: 0x3 } })).toMatchObject({
      outcome: 'unsupported-request',
      at: 'downA',
    });
  });

  it.each<Name>(['up', '1c'])('of %s: no copy goes further up', (name) => {
    expect(sent(group(1), 'ep', { ...all, [name]: { ...mc(0b10), command: 0x3 } }).copies ?? []).toEqual([]);
  });
});

describe('blocked', () => {
  it('by MC_Block_All, and by MC_Block_Untranslated unless translated', () => {
    const blockAll: Options = { ...all, downA: mc(0b10, { blockAll: 0b10 }) };
    const untranslated: Options = { ...all, downA: mc(0b10, { blockUntranslated: 0b10 }) };
    expect(sent(group(1), 'ep', blockAll)).toMatchObject({ outcome: 'mc-blocked', at: 'downA' });
    expect(sent(group(0), 'ep', blockAll)).toMatchObject({ outcome: 'dropped' });
    expect(sent(group(1), 'ep', untranslated)).toMatchObject({ outcome: 'mc-blocked', at: 'downA' });
    expect(sent({ ...group(1), at: 2 }, 'ep', untranslated)).toMatchObject({ outcome: 'delivered', copies: ['ep2'] });
  });

  it('further on: that copy alone', () => {
    const { fabric, fn } = machine({ ...all, '1c': mc(0b10, { blockAll: 0b10 }) });
    const hops: Hop[] = [];
    expect(fabric.send(group(1), fn.ep, { trace: hops }).outcome).toBe('dropped');
    expect(hops.some(({ fn: at, action }) => at === fn['1c'] && action === 'refuse')).toBe(true);
  });
});

it('the overlay of the egress port brings it into a BAR of a device without multicast', () => {
  const plain: Options = { ...all, ep2: {}, '1d': mc(0b10, { overlay: 0xf10 }) };
  expect(sent(group(1), 'ep', plain)).toMatchObject({ copies: ['ep2'] });
  // Without the overlay its address is in none.
  expect(sent(group(1), 'ep', { ...plain, '1d': mc(0b10) }).copies ?? []).toEqual([]);
});
