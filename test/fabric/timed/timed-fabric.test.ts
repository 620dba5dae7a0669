import { describe, expect, it } from 'vitest';
import { HOST } from '../../../src/fabric/exact-router.ts';
import { defaultCredits, hasRoom } from '../../../src/fabric/timed/credits.ts';
import { TimedFabric } from '../../../src/fabric/timed/timed-fabric.ts';
import { memoryRead, memoryWrite, type TlpHeader, tlpHeader } from '../../../src/tlp/header.ts';
import { id, machine } from '../machine.ts';

const write = (requester: number, address: number, lengthDw = 1): TlpHeader =>
  memoryWrite(requester, 0, address, lengthDw);
const EP = id(3, 0, 0);
const EP2 = id(6, 0, 0);
const toHost = 0x200000;
const toEp = 0xf0000000;

const names = (timed: TimedFabric) =>
  timed.deliveries.map(({ tick, tlp, outcome }) => `${tick}: ${tlp.name} ${outcome}`);

describe('ticks', () => {
  it('take a TLP one hop each: three ports and the memory behind them', () => {
    const { fabric, fn } = machine();
    const timed = new TimedFabric(fabric);
    timed.send(memoryRead(EP, 0, toHost), fn.ep);
    const places: (number | undefined)[] = [];
    for (let tick = 0; tick < 8; tick++) {
      places.push(timed.waiting[0]?.[0]?.position.at);
      timed.tick();
    }
    expect(places).toEqual([fn.ep, fn.downA, fn.up, fn['1c'], HOST, fn['1c'], fn.up, fn.downA]);
    expect(names(timed)).toEqual(['4: 0 delivered', '8: 0.completion delivered']);
    expect(timed.isIdle).toBe(true);
  });

  it('let one TLP out of a queue each', () => {
    const { fabric, fn } = machine();
    const timed = new TimedFabric(fabric);
    for (let i = 0; i < 3; i++) timed.send(write(EP2, toHost), fn.ep2);
    timed.send(write(EP, toHost), fn.ep);
    timed.run();
    expect(names(timed)).toEqual(['2: 0 delivered', '3: 1 delivered', '4: 2 delivered', '4: 3 delivered']);
  });

  it('go by what `choose` says', () => {
    const { fabric, fn } = machine();
    const timed = new TimedFabric(fabric, { choose: (moves) => moves.length - 1 });
    timed.send(write(EP2, toHost), fn.ep2);
    timed.send(memoryRead(EP2, 0, 0xf1000000), HOST);
    timed.run(1);
    expect(() => new TimedFabric(fabric, { choose: () => 7 }).tick()).not.toThrow();
    const wrong = new TimedFabric(fabric, { choose: () => 7 });
    wrong.send(write(EP2, toHost), fn.ep2);
    expect(() => wrong.tick()).toThrow('choose: expected an index below 1');
  });
});

describe('credits', () => {
  it('are one of headers, and one of data for four DWORDs begun', () => {
    const held = [write(0, 0, 5)];
    expect(hasRoom({ ...defaultCredits, ph: 1 }, held, write(0, 0))).toBe(false);
    expect(hasRoom({ ...defaultCredits, pd: 3 }, held, write(0, 0, 4))).toBe(true);
    expect(hasRoom({ ...defaultCredits, pd: 3 }, held, write(0, 0, 5))).toBe(false);
    // A message without data takes none, a read none either: it has its own.
    expect(hasRoom({ ...defaultCredits, pd: 2 }, held, tlpHeader('Msg'))).toBe(true);
    expect(hasRoom({ ...defaultCredits, ph: 1, npd: 1 }, held, memoryRead(0, 0, 0, 1024))).toBe(true);
    expect(hasRoom({ ...defaultCredits, cpld: 1 }, held, tlpHeader('CplD', { lengthDw: 4 }))).toBe(true);
  });

  it('that never suffice are a mistake of the host', () => {
    expect(() => hasRoom({ ...defaultCredits, pd: 1 }, [], write(0, 0, 5))).toThrow(
      'credits: expected ph of 1 and pd of 2 or more for MWr of 5 DW, got 8 and 1',
    );
    const { fabric } = machine();
    expect(() => new TimedFabric(fabric, { credits: { nph: 0 } })).toThrow(
      'credits, nph: expected a whole number of credits above 0, or Infinity, got 0',
    );
    expect(() => new TimedFabric(fabric, { completions: 0 })).toThrow('completions: expected 1 or more, got 0');
  });

  it('hold a TLP back until the receiver has handed on what it has', () => {
    const { fabric, fn } = machine();
    const timed = new TimedFabric(fabric, { creditsOf: (at) => (at === fn['1d'] ? { ph: 1 } : undefined) });
    timed.send(write(EP2, toHost), fn.ep2);
    timed.send(write(EP2, toHost), fn.ep2);
    timed.move(timed.moves()[0]!);
    // The second waits for the first to leave the root port.
    expect(timed.moves().map(({ tlp, to }) => [tlp.name, to])).toEqual([['0', HOST]]);
    timed.move(timed.moves()[0]!);
    expect(timed.moves().map(({ tlp, to }) => [tlp.name, to])).toEqual([['1', fn['1d']]]);
  });

  it('of one type hold back no other: a write goes before a read that waits', () => {
    const { fabric, fn } = machine();
    const timed = new TimedFabric(fabric, { creditsOf: (at) => (at === fn['1d'] ? { nph: 1 } : undefined) });
    timed.send(memoryRead(EP2, 0, toHost, 1, 1), fn.ep2);
    timed.send(memoryRead(EP2, 0, toHost, 1, 2), fn.ep2);
    timed.send(write(EP2, toHost), fn.ep2);
    timed.move(timed.moves()[0]!);
    expect(timed.moves().map(({ tlp }) => tlp.name)).toEqual(['2', '0']);
  });

  it('a completer takes no request while its completions wait', () => {
    const { fabric, fn } = machine();
    const timed = new TimedFabric(fabric, { completions: 1 });
    timed.send(memoryRead(id(0, 31, 0), 0, toHost, 1, 1), fn.rciep);
    timed.send(memoryRead(id(0, 31, 0), 0, toHost, 1, 2), fn.rciep);
    timed.move(timed.moves()[0]!);
    expect(timed.moves().map(({ tlp }) => tlp.name)).toEqual(['0.completion']);
  });
});

describe('what comes of a TLP', () => {
  it('a configuration read brings the DWORD as it was when it was read', () => {
    const { fabric } = machine();
    const timed = new TimedFabric(fabric);
    timed.configWrite(0, EP, 0x3c, 1, 0x5a);
    timed.run();
    timed.configRead(0, EP, 0x3c, 1);
    timed.run();
    expect(timed.deliveries.at(-1)!.tlp).toMatchObject({ name: '1.completion', header: { type: 'CplD' } });
    expect(timed.deliveries.at(-1)!.tlp.data! & 0xff).toBe(0x5a);
    expect(fabric.arena.capturedBus[fabric.arena.find(0, EP)]).toBe(3);
  });

  it('an MSI waits in its queue like any write, and behind those before it', () => {
    const { fabric, fn } = machine({ ep2: { armed: 'msi' } });
    const timed = new TimedFabric(fabric);
    timed.send(write(EP2, toHost), fn.ep2);
    expect(timed.interrupt(fn.ep2, 0)).toMatchObject({ kind: 'sent', delivery: { outcome: 'in-flight', at: fn.ep2 } });
    timed.run();
    expect(names(timed)).toEqual(['2: 0 delivered', '3: 1.MSI@06:00.0 delivered']);
    // The functional fabric goes on without time.
    expect(fabric.interrupts.signal(fn.ep2, 0)).toMatchObject({ delivery: { outcome: 'delivered' } });
  });

  it('a UR completion leaves its mark where it arrives, and not before', () => {
    const { fabric, fn } = machine({ '1d': { command: 0x0003 } });
    const status = () => fabric.arena.u16(fn.ep2, 0x06) & 0x2000;
    const timed = new TimedFabric(fabric);
    timed.send(memoryRead(EP2, 0, toHost), fn.ep2);
    timed.tick();
    expect([names(timed), status()]).toEqual([['1: 0 unsupported-request'], 0]);
    timed.tick();
    expect([names(timed).length, status()]).toEqual([2, 0x2000]);
  });

  it('a link that goes down loses what was on its way below', () => {
    const { fabric, fn } = machine();
    const timed = new TimedFabric(fabric);
    timed.send(write(EP, toHost), fn.ep);
    timed.tick();
    fabric.surpriseDown(fn['1c']);
    timed.run();
    expect(names(timed)).toEqual(['2: 0 lost']);
    timed.send(write(EP, toHost), fn.ep);
    expect(timed.deliveries.at(-1)!.outcome).toBe('not-sent');
  });

  it('a malformed TLP ends at its first receiver', () => {
    const { fabric, fn } = machine();
    const timed = new TimedFabric(fabric);
    timed.send({ ...memoryRead(EP, 0, toHost, 2), lastBe: 0 }, fn.ep);
    timed.run();
    expect(timed.deliveries[0]).toMatchObject({ tick: 1, outcome: 'malformed', at: fn.downA });
    expect(timed.isIdle).toBe(true);
  });

  it('a poisoned TLP ends at the port that lets no poison out', () => {
    const blocking = { 'DPC Capability': 0x0040, 'DPC Control': 0x0020 };
    const { fabric, fn } = machine({ '1c': { dpc: blocking } });
    const timed = new TimedFabric(fabric);
    timed.send({ ...write(0, toEp), ep: true }, HOST);
    timed.run();
    expect(timed.deliveries[0]).toMatchObject({ tick: 1, outcome: 'poisoned-egress-blocked', at: fn['1c'] });
  });

  it('what `trace` keeps is what the router tells', () => {
    const { fabric, fn } = machine();
    const timed = new TimedFabric(fabric, { trace: true });
    const tlp = timed.send(write(EP, toHost), fn.ep);
    timed.run();
    const trace: never[] = [];
    fabric.send(tlp.header, fn.ep, { trace });
    expect(timed.deliveries[0]!.tlp.hops).toEqual(trace);
  });

  it('a move that is none any more is a mistake of the host', () => {
    const { fabric, fn } = machine();
    const timed = new TimedFabric(fabric);
    timed.send(write(EP, toHost), fn.ep);
    const [move] = timed.moves();
    timed.move(move!);
    expect(() => timed.move(move!)).toThrow("0: expected a TLP that can move, got one that can't");
    expect(() => timed.send(write(EP, toEp), 99)).toThrow(RangeError);
  });
});
