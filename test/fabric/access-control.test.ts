/** Access Control Services: each control on and off, by the capability that it needs, with the port that answers. PCIe 5.0 §6.12. */
import { describe, expect, it } from 'vitest';
import type { Hop } from '../../src/fabric/hop.ts';
import { NONE } from '../../src/fabric/topology.ts';
import { memoryRead, memoryWrite, type TlpHeader, tlpHeader } from '../../src/tlp/header.ts';
import { machine, type Name } from './machine.ts';

type Options = Parameters<typeof machine>[0];
type Routing = Parameters<typeof machine>[1];

const SV = 0x01;
const TB = 0x02;
const RR = 0x04;
const CR = 0x08;
const UF = 0x10;
const EC = 0x20;
const DT = 0x40;
const IO_BLOCKING = 0x80;
const ENHANCED_CAPABILITY = 0x80;
const RELAXED = 0b010;

const RAM = 0x01000000;
const PEER = 0xf0100000;

function outcomeOf(header: TlpHeader, from: Name, options: Options = {}, routing: Routing = {}) {
  const { fabric, fn } = machine(options, routing);
  const { outcome, at, completion } = fabric.send(header, fn[from]);
  const name = at === NONE ? 'root complex' : (Object.keys(fn) as Name[]).find((one) => fn[one] === at);
  return { outcome, at: name, status: completion?.status };
}

const acs = (control: number, capability?: number, vector?: number) => ({
  acs: { control, ...(capability === undefined ? {} : { capability }), ...(vector === undefined ? {} : { vector }) },
});

describe.each<[string, number, number, TlpHeader, TlpHeader]>([
  ['Source Validation', SV, SV, memoryWrite(0x0400, 0, RAM), memoryWrite(0x0300, 0, RAM)],
  ['Translation Blocking', TB, TB, { ...memoryWrite(0x0300, 0, RAM), at: 2 }, memoryWrite(0x0300, 0, RAM)],
  [
    'I/O Request Blocking',
    IO_BLOCKING,
    ENHANCED_CAPABILITY,
    tlpHeader('IOWr', { requesterId: 0x0300, lengthDw: 1, firstBe: 1, addressLo: 0x2000 }),
    memoryWrite(0x0300, 0, RAM),
  ],
])('%s', (_name, control, capability, bad, good) => {
  it('blocks at the port that the request comes in by', () => {
    for (const at of ['downA', '1c'] as const) {
      // A root port does not see what the switch has taken peer to peer, and the switch has no I/O windows here.
      const options: Options = { downB: { io: [0xf, 0] } };
      const ids: Options = { [at]: { ...options[at], ...acs(control, capability) } };
      const from = at === '1c' ? { ...bad, requesterId: bad.requesterId === 0x0400 ? 0x0600 : 0x0300 } : bad;
      const both = { ...options, up: { io: [0xf, 0] as const }, ...ids };
      expect(outcomeOf(from, 'ep', both)).toMatchObject({ outcome: 'acs-violation', at });
      expect(outcomeOf(good, 'ep', both)).toMatchObject({ outcome: 'delivered', at: 'root complex' });
    }
  });

  it('does nothing where it is off, and nothing where the port can not', () => {
    const off: Options = { downA: acs(0x1fff & ~control, 0x20ff) };
    expect(outcomeOf(bad, 'ep', off).outcome).not.toBe('acs-violation');
    expect(outcomeOf(bad, 'ep', { downA: acs(control, 0xff & ~capability) }).outcome).not.toBe('acs-violation');
  });

  it('is not for upstream ports', () => {
    expect(outcomeOf(bad, 'ep', { up: acs(control, capability) }).outcome).not.toBe('acs-violation');
  });

  it('comes before Bus Master Enable of the same port', () => {
    const options: Options = { downA: { command: 0x3, ...acs(control, capability) } };
    expect(outcomeOf(bad, 'ep', options).outcome).toBe('acs-violation');
    expect(outcomeOf(good, 'ep', options).outcome).toBe('unsupported-request');
  });
});

it('a non-posted request that is blocked is completed with CA by the port', () => {
  const { fabric, fn } = machine({ downA: acs(SV) });
  expect(fabric.send(memoryRead(0x0400, 0, RAM), fn.ep).completion).toMatchObject({ status: 4, completerId: 0x0200 });
  expect(fabric.send(memoryWrite(0x0400, 0, RAM), fn.ep).completion).toBeUndefined();
});

it('Source Validation goes by the bus that the function has captured', () => {
  const { fabric, fn } = machine({ '1d': acs(SV) });
  expect(fabric.send(memoryWrite(fabric.arena.idOf(fn.ep2), 0, RAM), fn.ep2).outcome).toBe('delivered');
  // Secondary Bus Reset.
  fabric.arena.write(fn['1d'], 0x3e, 2, 0x40);
  fabric.arena.write(fn['1d'], 0x3e, 2, 0);
  fabric.arena.write(fn.ep2, 4, 2, 0x7);
  // After a reset the bus number is 0 until the first configuration write.
  expect(fabric.send(memoryWrite(fabric.arena.idOf(fn.ep2), 0, RAM), fn.ep2).outcome).toBe('acs-violation');
});

describe('a request to a peer', () => {
  const toPeer = memoryWrite(0x0300, 0, PEER);
  const port1: Options = { downB: { portNumber: 1 } };

  /** Tables 6-10 and 6-11: Request Redirect, Egress Control, the egress port's bit. */
  it.each([
    [0, 0, 0, 'direct'],
    [0, 0, 1, 'direct'],
    [0, 1, 0, 'direct'],
    [0, 1, 1, 'violation'],
    [1, 0, 0, 'redirected'],
    [1, 0, 1, 'redirected'],
    [1, 1, 0, 'direct'],
    [1, 1, 1, 'redirected'],
  ])('Request Redirect %i, Egress Control %i, bit %i: %s', (redirect, control, bit, way) => {
    const options: Options = { ...port1, downA: acs((redirect ? RR : 0) | (control ? EC : 0), 0x20ff, bit << 1) };
    const expected = {
      direct: { outcome: 'delivered', at: 'pci0' },
      violation: { outcome: 'acs-violation', at: 'downA' },
      // The root port has it in its window, and no Upstream Forwarding.
      redirected: { outcome: 'unsupported-request', at: '1c' },
    }[way];
    expect(outcomeOf(toPeer, 'ep', options)).toMatchObject(expected!);
  });

  it('an egress port beyond the vector is not controlled', () => {
    const beyond: Options = { downB: { portNumber: 9 }, downA: acs(EC, 0x08ff, 0xffffffff) };
    expect(outcomeOf(toPeer, 'ep', beyond)).toMatchObject({ outcome: 'delivered', at: 'pci0' });
    const within: Options = { downB: { portNumber: 7 }, downA: acs(EC, 0x08ff, 0xffffffff) };
    expect(outcomeOf(toPeer, 'ep', within)).toMatchObject({ outcome: 'acs-violation', at: 'downA' });
  });

  it('redirected: Bus Master Enable of the upstream port and the root port count then', () => {
    const redirecting: Options = { downA: acs(RR), '1c': acs(UF) };
    expect(outcomeOf(toPeer, 'ep', { downA: acs(RR), up: { command: 0x3 } })).toMatchObject({ at: 'up' });
    expect(outcomeOf(toPeer, 'ep', { ...redirecting, '1c': { command: 0x3, ...acs(UF) } })).toMatchObject({
      outcome: 'unsupported-request',
      at: '1c',
    });
    expect(outcomeOf(toPeer, 'ep', { up: { command: 0x3 } })).toMatchObject({ outcome: 'delivered', at: 'pci0' });
  });

  it('redirected to a root port with Upstream Forwarding: the root complex judges it', () => {
    const options: Options = { downA: acs(RR), '1c': acs(UF) };
    expect(outcomeOf(toPeer, 'ep', options)).toMatchObject({ outcome: 'unsupported-request', at: 'root complex' });
    const { fabric, fn } = machine(options, { peerToPeer: true });
    const hops: Hop[] = [];
    expect(fabric.send(toPeer, fn.ep, { trace: hops })).toMatchObject({ outcome: 'delivered', at: fn.pci0 });
    expect(hops.map(({ fn: at, action, register }) => [fabric.arena.name(at), action, register])).toEqual([
      ['03:00.0', 'send', 'Command'],
      ['02:00.0', 'forward up', 'Command'],
      ['02:00.0', 'redirect', 'ACS Control'],
      ['01:00.0', 'forward up', 'Command'],
      ['00:1c.0', 'redirect', 'ACS Control'],
      ['00:1c.0', 'forward up', 'Command'],
      ['00:1c.0', 'peer to peer', undefined],
      ['00:1c.0', 'forward down', 'Memory Base, Limit'],
      ['01:00.0', 'forward down', 'Memory Base, Limit'],
      ['02:01.0', 'forward down', 'Memory Base, Limit'],
      ['04:00.0', 'forward down', 'Memory Base, Limit'],
      ['05:00.0', 'deliver', 'BAR 0'],
    ]);
  });

  it('Direct Translated P2P: a translated one goes there, whatever redirects it', () => {
    const translated = { ...toPeer, at: 2 };
    const controls: Options = { ...port1, downA: acs(RR | EC | DT, 0x20ff, 0b10) };
    expect(outcomeOf(translated, 'ep', controls)).toMatchObject({ outcome: 'delivered', at: 'pci0' });
    expect(outcomeOf(toPeer, 'ep', controls)).toMatchObject({ at: '1c' });
    expect(outcomeOf(translated, 'ep', { ...port1, downA: acs(RR | EC, 0x20ff, 0b10) })).toMatchObject({ at: '1c' });
    // Translation Blocking has the first word.
    expect(outcomeOf(translated, 'ep', { downA: acs(RR | DT | TB) }).outcome).toBe('acs-violation');
  });

  it('of a root port: its own Egress Control', () => {
    const to2 = memoryWrite(0x0300, 0, 0xf1000000);
    const options: Options = { '1d': { portNumber: 2 }, '1c': acs(EC, 0x20ff, 0b100) };
    expect(outcomeOf(to2, 'ep', options, { peerToPeer: true })).toMatchObject({ outcome: 'acs-violation', at: '1c' });
    expect(outcomeOf(to2, 'ep', { ...options, '1c': acs(EC, 0x20ff, 0b010) }, { peerToPeer: true })).toMatchObject({
      at: 'ep2',
    });
  });

  it('on a conventional bus nobody asks', () => {
    expect(outcomeOf(memoryWrite(0x0500, 0, PEER), 'pci1', { downB: acs(RR | EC, 0x20ff, 0xffffffff) })).toMatchObject({
      at: 'pci0',
    });
  });
});

describe('enhanced controls', () => {
  const portBar = 0xe80;
  const toPort = memoryWrite(0x0300, 0, portBar * 0x100000);
  const outside: Options = { '1c': acs(UF) };

  it.each([
    ['downB', 8],
    ['downA', 8],
    ['up', 10],
  ] as const)('memory of %s: direct, blocked, redirected', (name, shift) => {
    const way = (value: number, capability = 0x20ff) => {
      const control = acs(value << shift, capability);
      return outcomeOf(toPort, 'ep', {
        ...outside,
        [name]: { portBar },
        downA: { ...(name === 'downA' ? { portBar } : {}), ...control },
      });
    };
    expect(way(0)).toMatchObject({ outcome: 'delivered', at: name });
    expect(way(1)).toMatchObject({ outcome: 'acs-violation', at: 'downA' });
    expect(way(2)).toMatchObject({ outcome: 'delivered', at: 'root complex' });
    // Without ACS Enhanced Capability the bits are reserved.
    expect(way(1, 0x207f)).toMatchObject({ outcome: 'delivered', at: name });
  });

  it('Unclaimed Request Redirect: what no downstream port claims goes up', () => {
    const unclaimed = memoryWrite(0x0300, 0, PEER);
    const nobody: Options = { downB: { memory: [0xfff, 0] }, ...outside };
    expect(outcomeOf(unclaimed, 'ep', nobody)).toMatchObject({ outcome: 'unsupported-request', at: 'up' });
    expect(outcomeOf(unclaimed, 'ep', { ...nobody, downA: acs(0x1000) })).toMatchObject({ at: 'root complex' });
    expect(outcomeOf(unclaimed, 'ep', { ...nobody, downA: acs(0x1000, 0x7f) })).toMatchObject({ at: 'up' });
  });
});

it('Upstream Forwarding: what would go back down the link goes up', () => {
  const own = memoryWrite(0x0300, 0, 0xf0000000);
  expect(outcomeOf(own, 'ep')).toMatchObject({ outcome: 'unsupported-request', at: 'downA' });
  // Inside the switch it may not be claimed again.
  expect(outcomeOf(own, 'ep', { downA: acs(UF) })).toMatchObject({ outcome: 'unsupported-request', at: '1c' });
  expect(outcomeOf(own, 'ep', { downA: acs(UF), '1c': acs(UF) })).toMatchObject({ at: 'root complex' });
  expect(outcomeOf(own, 'ep', { downA: acs(UF), '1c': acs(UF) }, { peerToPeer: true })).toMatchObject({
    outcome: 'delivered',
    at: 'ep',
  });
});

describe('P2P Completion Redirect', () => {
  const completion = (attr = 0) => tlpHeader('Cpl', { completerId: 0x0400, requesterId: 0x0300, byteCount: 4, attr });

  it('sends a completion for a peer up, and down again where the root complex routes peer to peer', () => {
    // Nobody has asked: where it ends shows in who does not expect it.
    const outcome = 'unexpected-completion';
    expect(outcomeOf(completion(), 'bridge')).toMatchObject({ outcome, at: 'ep' });
    expect(outcomeOf(completion(), 'bridge', { downB: acs(CR) })).toMatchObject({ outcome, at: '1c' });
    const both: Options = { downB: acs(CR), '1c': acs(UF) };
    expect(outcomeOf(completion(), 'bridge', both)).toMatchObject({ outcome, at: 'root complex' });
    expect(outcomeOf(completion(), 'bridge', both, { peerToPeer: true })).toMatchObject({
      outcome,
      at: 'ep',
    });
  });

  it('not one with Relaxed Ordering', () => {
    expect(outcomeOf(completion(RELAXED), 'bridge', { downB: acs(CR) })).toMatchObject({ at: 'ep' });
  });
});
