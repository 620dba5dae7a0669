/** The truth table of requests that go up: TLP type by Bus Master Enable of each function on the way. PCIe 5.0 §7.5.1.1.3. */
import { describe, expect, it } from 'vitest';
import { type TlpTypeName, tlpTypes } from '../../spec-tables/tlp-types.ts';
import type { Hop } from '../../src/fabric/hop.ts';
import { NONE } from '../../src/fabric/topology.ts';
import { memoryWrite, type TlpHeader, tlpHeader } from '../../src/tlp/header.ts';
import { machine, type Name, type TestMachine } from './machine.ts';

const BME = 0x0004;
const RAM = 0x01000000;

function clear({ fabric, fn }: TestMachine, names: readonly Name[]): void {
  for (const name of names) fabric.arena.poke(fn[name], 4, 2, fabric.arena.command(fn[name]) & ~BME);
}

/** A request or completion of the type, to host memory or for a requester at the root. */
function tlp(type: TlpTypeName, requesterId: number): TlpHeader {
  const is64 = tlpTypes.find(({ name }) => name === type)!.fmt & 1;
  // A Compare and Swap carries two operands.
  const common = { requesterId, lengthDw: type.startsWith('CAS') ? 2 : 1, firstBe: 0xf };
  if (type.startsWith('Cpl')) return tlpHeader(type, { completerId: requesterId, requesterId: 0, byteCount: 4 });
  if (type.startsWith('Msg')) return tlpHeader(type, { requesterId, messageCode: 0x18 });
  if (type.startsWith('Cfg')) return tlpHeader(type, { ...common, destinationId: 0 });
  return tlpHeader(type, { ...common, addressHi: is64 ? 1 : 0, addressLo: type.startsWith('IO') ? 0x3f8 : RAM });
}

function subsets<T>(items: readonly T[]): T[][] {
  return Array.from({ length: 2 ** items.length }, (_, mask) => items.filter((_item, i) => ((mask >> i) & 1) === 1));
}

const chain = ['downA', 'up', '1c'] as const;

describe.each(tlpTypes)('$name from 03:00.0', ({ name: type, kind, posted }) => {
  it.each(subsets(['ep', ...chain] as const).map((cleared) => ({ cleared })))(
    'with Bus Master Enable clear at $cleared',
    ({ cleared }) => {
      const it = machine();
      clear(it, cleared);
      const { fabric, fn } = it;
      const { outcome, at, completion, report } = fabric.send(tlp(type, 0x0300), fn.ep);
      if (kind === 'message' || kind === 'completion') {
        // The root complex has asked for nothing: a completion goes all the way to it, and there is one that it does not expect.
        expect([outcome, at]).toEqual([kind === 'message' ? 'delivered' : 'unexpected-completion', NONE]);
        return;
      }
      if (kind === 'configuration') {
        // Never legal upstream, whatever Bus Master Enable says.
        expect([outcome, at]).toEqual(['unsupported-request', fn.downA]);
        return;
      }
      const first = chain.find((name) => cleared.includes(name));
      const expected = cleared.includes('ep')
        ? ['not-sent', fn.ep]
        : first !== undefined
          ? ['unsupported-request', fn[first]]
          : kind === 'io'
            ? ['unsupported-request', NONE]
            : ['delivered', NONE];
      expect([outcome, at]).toEqual(expected);
      expect(report?.reporter).toBe(outcome === 'unsupported-request' && at !== NONE ? at : undefined);
      // One completion for a non-posted request, none for a posted one or one that was never sent.
      if (posted || outcome === 'not-sent') expect(completion).toBeUndefined();
      else expect(completion).toMatchObject({ status: outcome === 'delivered' ? 0 : 1, requesterId: 0x0300 });
    },
  );
});

describe('depth', () => {
  it.each<[Name, Name[]]>([
    ['rciep', []],
    ['ep2', ['1d']],
    ['ep', ['downA', 'up', '1c']],
    ['bridge', ['downB', 'up', '1c']],
  ])('%s: the lowest port with Bus Master Enable clear refuses, and it alone', (from, ports) => {
    for (const cleared of subsets(ports)) {
      const it = machine();
      clear(it, cleared);
      const { fabric, fn } = it;
      const before = fabric.arena.bytes.slice();
      const { outcome, at } = fabric.send(memoryWrite(0, 0, RAM), fn[from]);
      const first = ports.find((name) => cleared.includes(name));
      expect([outcome, at]).toEqual(first === undefined ? ['delivered', NONE] : ['unsupported-request', fn[first]]);
      for (const other of Object.values(fn)) {
        const base = fabric.arena.base[other]!;
        const unchanged = fabric.arena.space(other).every((byte, i) => byte === before[base + i]);
        expect(unchanged, fabric.arena.name(other)).toBe(other !== at);
      }
    }
  });

  it.each<[Name[], 'delivered' | 'master-abort' | 'unsupported-request', Name | undefined]>([
    [[], 'delivered', undefined],
    [['bridge'], 'master-abort', 'bridge'],
    [['bridge', 'downB'], 'master-abort', 'bridge'],
    [['downB'], 'unsupported-request', 'downB'],
    [['up', '1c'], 'unsupported-request', 'up'],
    [['1c'], 'unsupported-request', '1c'],
    [['downA'], 'delivered', undefined],
  ])('conventional device: Bus Master Enable clear at %j', (cleared, outcome, at) => {
    const it = machine();
    clear(it, cleared);
    const { fabric, fn } = it;
    const delivery = fabric.send(memoryWrite(0x0500, 0, RAM), fn.pci1);
    expect([delivery.outcome, delivery.at]).toEqual([outcome, at === undefined ? NONE : fn[at]]);
    // On a PCI bus nothing reports: the initiator keeps Received Master Abort.
    const aborted = (fabric.arena.u16(fn.pci1, 6) & 0x2000) !== 0;
    expect(aborted).toBe(outcome === 'master-abort');
    if (outcome === 'master-abort') expect(fabric.arena.u16(fn.bridge, 0x7a) & 0xf).toBe(0);
  });
});

describe('who may send', () => {
  it('a faulty function sends with Bus Master Enable clear', () => {
    const it = machine();
    clear(it, ['ep']);
    expect(it.fabric.send(memoryWrite(0x0300, 0, RAM), it.fn.ep, { ignoresBusMasterEnable: true }).outcome).toBe(
      'delivered',
    );
  });

  it.each([1, 2, 3])('nobody below D0: D%i', (powerState) => {
    const { fabric, fn } = machine({ ep: { powerState } });
    expect(fabric.send(memoryWrite(0x0300, 0, RAM), fn.ep)).toMatchObject({ outcome: 'not-sent', at: fn.ep });
  });

  it.each(['downA', 'up', '1c'] as const)('nor through a port below D0: %s in D3hot', (name) => {
    const { fabric, fn } = machine({ [name]: { powerState: 3 } });
    expect(fabric.send(memoryWrite(0x0300, 0, RAM), fn.ep)).toMatchObject({
      outcome: 'unsupported-request',
      at: fn[name],
    });
  });

  it('nobody that does not answer', () => {
    const { fabric, fn } = machine();
    fabric.arena.space(fn.ep).fill(0xff);
    expect(fabric.send(memoryWrite(0x0300, 0, RAM), fn.ep).outcome).toBe('not-sent');
  });
});

describe('inverse decode', () => {
  const windowAddress = 0xf0000000;

  it("an address in the port's own window would go back where it came from", () => {
    const { fabric, fn } = machine();
    expect(fabric.send(memoryWrite(0x0300, 0, windowAddress), fn.ep)).toMatchObject({
      outcome: 'unsupported-request',
      at: fn.downA,
    });
  });

  it.each([
    [0xefffffff, 'delivered'],
    [0xf0000000, 'unsupported-request'],
    [0xf01fffff, 'unsupported-request'],
    [0xf0200000, 'delivered'],
  ])('edge of the window of 00:1c.0: %i is %s', (address, outcome) => {
    // The switch has no windows, so that only the root port's counts.
    const none = { memory: [0xfff, 0] as const };
    const { fabric, fn } = machine({ up: none, downA: none, downB: none });
    const delivery = fabric.send(memoryWrite(0x0300, 0, address & ~3), fn.ep);
    expect([delivery.outcome, delivery.at]).toEqual([outcome, outcome === 'delivered' ? NONE : fn['1c']]);
  });

  it.each([
    [0x37, 0xfffffffc, 'delivered'],
    [0x38, 0, 'unsupported-request'],
    [0x38, 0x1ffffc, 'unsupported-request'],
    [0x38, 0x200000, 'delivered'],
    [0x39, 0, 'delivered'],
    [0, 0, 'delivered'],
  ])('64-bit prefetchable window: %i:%i is %s', (hi, lo, outcome) => {
    const { fabric, fn } = machine();
    expect(fabric.send(memoryWrite(0x0600, hi, lo), fn.ep2).outcome).toBe(outcome);
  });

  it('with Memory Space off, windows are ignored: all memory goes up', () => {
    const { fabric, fn } = machine({ downA: { command: 0x0004 }, up: { command: 0x0004 }, '1c': { command: 0x0004 } });
    expect(fabric.send(memoryWrite(0x0300, 0, windowAddress), fn.ep)).toMatchObject({ outcome: 'delivered', at: NONE });
  });

  it("a port's own BAR is the port's, from below too; behind Bus Master Enable as all else", () => {
    const { fabric, fn } = machine({ '1d': { portBar: 0xe00 } });
    expect(fabric.send(memoryWrite(0x0600, 0, 0xe0000000), fn.ep2)).toMatchObject({
      outcome: 'delivered',
      at: fn['1d'],
    });
    expect(fabric.send(memoryWrite(0x0600, 0, 0xe0100000), fn.ep2)).toMatchObject({ outcome: 'delivered', at: NONE });
    fabric.arena.poke(fn['1d'], 4, 2, 0x0003);
    expect(fabric.send(memoryWrite(0x0600, 0, 0xe0000000), fn.ep2).outcome).toBe('unsupported-request');
  });

  it('an empty window (base above limit) holds nothing; all zeros hold the first MiB', () => {
    const { fabric, fn } = machine({ '1d': { memory: [0, 0] } });
    expect(fabric.send(memoryWrite(0x0600, 0, 0x1000), fn.ep2)).toMatchObject({
      outcome: 'unsupported-request',
      at: fn['1d'],
    });
    expect(fabric.send(memoryWrite(0x0600, 0, 0x100000), fn.ep2).outcome).toBe('delivered');
    expect(machine().fabric.send(memoryWrite(0x0600, 0, 0x1000), fn.ep2).outcome).toBe('delivered');
  });
});

describe('peer to peer', () => {
  const toPci0 = memoryWrite(0x0300, 0, 0xf0100000);

  it('under a switch: the upstream port and the root port have no say', () => {
    const it = machine();
    clear(it, ['up', '1c', 'downB', 'bridge']);
    const hops: Hop[] = [];
    expect(it.fabric.send(toPci0, it.fn.ep, { trace: hops })).toMatchObject({ outcome: 'delivered', at: it.fn.pci0 });
    expect(hops.map(({ fn, action }) => [it.fabric.arena.name(fn), action])).toEqual([
      ['03:00.0', 'send'],
      ['02:00.0', 'forward up'],
      ['02:01.0', 'peer to peer'],
      ['02:01.0', 'forward down'],
      ['04:00.0', 'forward down'],
      ['05:00.0', 'deliver'],
    ]);
  });

  it("needs the first port's Bus Master Enable", () => {
    const it = machine();
    clear(it, ['downA']);
    expect(it.fabric.send(toPci0, it.fn.ep)).toMatchObject({ outcome: 'unsupported-request', at: it.fn.downA });
  });

  it("needs the other port's Memory Space: without, it is nobody's, inside the upstream port's window", () => {
    const { fabric, fn } = machine({ downB: { command: 0x0004 } });
    expect(fabric.send(toPci0, fn.ep)).toMatchObject({ outcome: 'unsupported-request', at: fn.up });
  });

  it('on one conventional bus: the bridge is not involved', () => {
    const it = machine();
    clear(it, ['bridge', 'downB']);
    expect(it.fabric.send(memoryWrite(0x0500, 0, 0xf0100000), it.fn.pci1)).toMatchObject({
      outcome: 'delivered',
      at: it.fn.pci0,
    });
  });

  it('across the root complex is off', () => {
    const { fabric, fn } = machine();
    expect(fabric.send(memoryWrite(0x0300, 0, 0xf1000000), fn.ep)).toMatchObject({
      outcome: 'unsupported-request',
      at: NONE,
    });
  });
});
