/** AtomicOps and deferrable memory writes: who routes them, who lets none out, who completes which. PCIe 5.0 §6.15, PCIe 6.0 §6.32. */
import { describe, expect, it } from 'vitest';
import type { TlpTypeName } from '../../spec-tables/tlp-types.ts';
import { HOST } from '../../src/fabric/exact-router.ts';
import { NONE } from '../../src/fabric/topology.ts';
import { memoryWrite, tlpHeader } from '../../src/tlp/header.ts';
import { machine, type Name } from './machine.ts';

type Options = Parameters<typeof machine>[0];

const RAM = 0x01000000;
const EP = 0xf0000000;
const EP2 = 0xf1000000;

const ALL_ATOMICS = 0x3c0;
const EGRESS_BLOCKING = 0x0080;

function outcomeOf(type: TlpTypeName, from: Name | 'host', address: number, options: Options = {}, lengthDw = 1) {
  const { fabric, fn } = machine(options, { peerToPeer: true });
  const requesterId = from === 'host' ? 0 : fabric.arena.idOf(fn[from]);
  const header = tlpHeader(type, { requesterId, addressLo: address, lengthDw });
  const { outcome, at, completion } = fabric.send(header, from === 'host' ? HOST : fn[from]);
  const name = at === NONE ? 'root complex' : (Object.keys(fn) as Name[]).find((one) => fn[one] === at);
  return { outcome, at: name, status: completion?.status };
}

/** What makes a port one that does not route the request, or that lets none out. */
const kinds = {
  FetchAdd: {
    blocked: 'atomicop-egress-blocked',
    blocking: { deviceControl2: EGRESS_BLOCKING },
    unaware: { deviceCapabilities2: 0x10000020 },
    incapable: { deviceCapabilities2: 0x10000060 },
  },
  DMWr: {
    blocked: 'dmwr-egress-blocked',
    blocking: { device3: { capabilities: 1, control: 2 } },
    unaware: { device3: { capabilities: 0 } },
    incapable: { deviceCapabilities2: 0x20 | ALL_ATOMICS },
  },
} as const;

describe.each(['FetchAdd', 'DMWr'] as const)('%s', (type) => {
  const { blocked, blocking, unaware, incapable } = kinds[type];

  it('goes where all on the way know it', () => {
    expect(outcomeOf(type, 'ep', RAM)).toEqual({ outcome: 'delivered', at: 'root complex', status: 0 });
    expect(outcomeOf(type, 'host', EP)).toEqual({ outcome: 'delivered', at: 'ep', status: 0 });
    expect(outcomeOf(type, 'ep', EP2)).toEqual({ outcome: 'delivered', at: 'ep2', status: 0 });
  });

  it('egress blocking stops it on its way out by the port: up at an upstream port, down at the others', () => {
    const stops = (from: Name | 'host', address: number, at: Name) =>
      outcomeOf(type, from, address, { [at]: blocking });
    expect(stops('ep', RAM, 'up')).toEqual({ outcome: blocked, at: 'up', status: 1 });
    expect(stops('ep', RAM, 'downA').outcome).toBe('delivered');
    expect(stops('ep', RAM, '1c').outcome).toBe('delivered');
    expect(stops('host', EP, '1c')).toEqual({ outcome: blocked, at: '1c', status: 1 });
    expect(stops('host', EP, 'downA')).toEqual({ outcome: blocked, at: 'downA', status: 1 });
    expect(stops('host', EP, 'up').outcome).toBe('delivered');
    expect(stops('ep', EP2, '1d')).toEqual({ outcome: blocked, at: '1d', status: 1 });
    expect(stops('ep', 0xf0100000, 'downB')).toEqual({ outcome: blocked, at: 'downB', status: 1 });
  });

  it('is malformed to a switch port that does not route it, and is not answered', () => {
    for (const at of ['downA', 'up'] as const)
      expect(outcomeOf(type, 'ep', RAM, { [at]: unaware })).toEqual({ outcome: 'malformed', at, status: undefined });
    expect(outcomeOf(type, 'host', EP, { up: unaware })).toMatchObject({ outcome: 'malformed', at: 'up' });
  });

  it('is unsupported at a completer that does not have it: an endpoint, a root port for host memory', () => {
    expect(outcomeOf(type, 'host', EP, { ep: incapable })).toEqual({
      outcome: 'unsupported-request',
      at: 'ep',
      status: 1,
    });
    expect(outcomeOf(type, 'ep', RAM, { '1c': incapable })).toMatchObject({ outcome: 'unsupported-request', at: '1c' });
    // What a root port can not complete it may route to another.
    expect(outcomeOf(type, 'ep', EP2, { '1c': incapable })).toMatchObject({ outcome: 'delivered', at: 'ep2' });
  });

  it('a bridge to conventional PCI has no such cycle', () => {
    expect(outcomeOf(type, 'host', 0xf0100000)).toMatchObject({ outcome: 'unsupported-request', at: 'bridge' });
  });

  it('a plain write is not concerned', () => {
    const { fabric, fn } = machine({ up: { ...blocking, ...unaware }, '1c': incapable });
    expect(fabric.send(memoryWrite(0x0300, 0, RAM), fn.ep).outcome).toBe('delivered');
  });

  it('needs Bus Master Enable of each port as every request does', () => {
    expect(outcomeOf(type, 'ep', RAM, { up: { command: 0x3 } })).toMatchObject({
      outcome: 'unsupported-request',
      at: 'up',
    });
  });
});

it.each<[TlpTypeName, number, number, boolean]>([
  ['FetchAdd', 1, 0x080, true],
  ['FetchAdd', 1, 0x300, false],
  ['FetchAdd', 2, 0x100, true],
  ['FetchAdd', 2, 0x280, false],
  ['Swap', 2, 0x100, true],
  ['CAS', 2, 0x080, true],
  ['CAS', 4, 0x100, true],
  ['CAS', 8, 0x200, true],
  ['CAS', 8, 0x180, false],
])('%s of %i DW by a completer with Device Capabilities 2 %i: %s', (type, lengthDw, deviceCapabilities2, taken) => {
  expect(outcomeOf(type, 'host', EP, { ep: { deviceCapabilities2 } }, lengthDw).outcome).toBe(
    taken ? 'delivered' : 'unsupported-request',
  );
});

it('a FetchAdd of 128 bits is malformed: those are for Compare and Swap alone', () => {
  const { outcome } = outcomeOf('FetchAdd', 'host', EP, { ep: { deviceCapabilities2: 0x380 } }, 4);
  expect(outcome).toBe('malformed');
});
