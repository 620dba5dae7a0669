/** Every schedule of small fabrics: the table holds, nothing stops for ever, nothing is lost. And what it is like without the table. */
import { describe, expect, it } from 'vitest';
import { HOST } from '../../../src/fabric/exact-router.ts';
import { Fabric } from '../../../src/fabric/fabric.ts';
import { explore } from '../../../src/fabric/timed/explore.ts';
import { TimedFabric, type TimedOptions } from '../../../src/fabric/timed/timed-fabric.ts';
import { COMMAND } from '../../../src/spec/constants.ts';
import { memoryRead, memoryWrite, type TlpHeader, tlpHeader } from '../../../src/tlp/header.ts';
import { device, port } from '../../generators/functions.ts';
import { broken, expectSound, outOfOrder } from './watch.ts';

const RELAXED = 2;
const ID_BASED = 4;

/** A root port and an endpoint, BAR at F00h MiB. */
const link = () =>
  new Fabric([
    port('00:1c.0', 'Root Port', 1, 1, { memory: [0xf00, 0xf00], aer: false, deviceCapabilities2: 0x3e0 }),
    device('01:00.0', { bar: 0xf00, aer: false, deviceCapabilities2: 0x3e0 }),
  ]);
const [ROOT_PORT, ENDPOINT] = [0, 1];

/** A switch with two endpoints, BARs at F00h and F01h MiB. */
const twoBehindSwitch = () =>
  new Fabric([
    port('00:1c.0', 'Root Port', 1, 4, { memory: [0xf00, 0xf01], aer: false, deviceCapabilities2: 0x3e0 }),
    port('01:00.0', 'Switch Upstream Port', 2, 4, { memory: [0xf00, 0xf01], aer: false, deviceCapabilities2: 0x3e0 }),
    port('02:00.0', 'Switch Downstream Port', 3, 3, { memory: [0xf00, 0xf00], aer: false, deviceCapabilities2: 0x3e0 }),
    device('03:00.0', { bar: 0xf00, aer: false, deviceCapabilities2: 0x3e0 }),
    port('02:01.0', 'Switch Downstream Port', 4, 4, { memory: [0xf01, 0xf01], aer: false, deviceCapabilities2: 0x3e0 }),
    device('04:00.0', { bar: 0xf01, aer: false, deviceCapabilities2: 0x3e0 }),
  ]);
const [LEFT, RIGHT] = [3, 5];

type Sent = readonly [header: TlpHeader, from: number];

const least = { ph: 1, pd: 1, nph: 1, npd: 1, cplh: 1, cpld: 1 };
const toHost = 0x200000;
const toLeft = 0xf0000000;
const toRight = 0xf0100000;

function timedWith(fabric: Fabric, traffic: readonly Sent[], options: TimedOptions): TimedFabric {
  const timed = new TimedFabric(fabric, options);
  for (const [header, from] of traffic) timed.send(header, from);
  return timed;
}

const write = (id: number, address: number, fields: Partial<TlpHeader> = {}) => ({
  ...memoryWrite(id, 0, address),
  ...fields,
});
const read = (id: number, address: number, tag: number) => memoryRead(id, 0, address, 1, tag);
const atomic = (id: number, address: number, tag: number) =>
  tlpHeader('FetchAdd', { requesterId: id, addressLo: address, lengthDw: 1, tag });
const config = (type: 'CfgRd1' | 'CfgWr1', id: number, tag: number) =>
  tlpHeader(type, { destinationId: id, register: 0x3c, lengthDw: 1, firstBe: 1, tag });

/** So that no order of arrival is taken for another. */
const arrivals = (timed: TimedFabric) => timed.deliveries.map(({ tlp }) => tlp.name).join();

const scenarios: Record<string, readonly [() => Fabric, readonly Sent[]]> = {
  'writes, relaxed or by ID, and reads on one link': [
    link,
    [
      [write(0x0100, toHost), ENDPOINT],
      [write(0x0100, toHost, { attr: RELAXED }), ENDPOINT],
      [read(0x0100, toHost, 1), ENDPOINT],
      [write(0x0101, toHost, { attr: ID_BASED }), ENDPOINT],
    ],
  ],
  'requests both ways on one link': [
    link,
    [
      [read(0x0100, toHost, 1), ENDPOINT],
      [write(0x0100, toHost), ENDPOINT],
      [read(0, toLeft, 1), HOST],
      [config('CfgWr1', 0x0100, 2), HOST],
    ],
  ],
  'two Traffic Classes': [
    link,
    [
      [write(0x0100, toHost), ENDPOINT],
      [write(0x0100, toHost, { tc: 1 }), ENDPOINT],
      [write(0x0100, toHost), ENDPOINT],
      [write(0x0100, toHost, { tc: 1 }), ENDPOINT],
    ],
  ],
  'two endpoints that read each other': [
    twoBehindSwitch,
    [
      [write(0x0300, toRight), LEFT],
      [read(0x0300, toRight, 1), LEFT],
      [write(0x0400, toLeft), RIGHT],
      [read(0x0400, toLeft, 1), RIGHT],
    ],
  ],
  'configuration and memory requests to two endpoints': [
    twoBehindSwitch,
    [
      [config('CfgRd1', 0x0300, 1), HOST],
      [write(0, toLeft), HOST],
      [atomic(0x0400, toHost, 1), RIGHT],
    ],
  ],
};

describe('every schedule', () => {
  it.each(Object.entries(scenarios))('of %s is sound', (_, [fabric, traffic]) => {
    for (const options of [{}, { credits: least, completions: 1 }]) {
      const { states } = expectSound(timedWith(fabric(), traffic, options), traffic.length);
      expect(states).toBeGreaterThan(10);
    }
  });

  it('of a fabric is tried without a trace', () => {
    const [fabric, traffic] = scenarios['requests both ways on one link']!;
    const timed = timedWith(fabric(), traffic, {});
    const before = timed.checkpoint();
    explore(timed);
    const { fabric: registers, ...rest } = timed.checkpoint();
    expect({ ...rest, bytes: registers.bytes }).toEqual({ ...before, fabric: undefined, bytes: before.fabric.bytes });
  });
});

describe('what the checks are good for', () => {
  const integrated = () =>
    new Fabric([device('00:04.0', { bar: 0xf00, aer: false }, 'Root Complex Integrated Endpoint')]);
  const bothWays: readonly Sent[] = [
    [read(0x0020, toHost, 1), 0],
    [read(0x0020, toHost, 2), 0],
    [read(0, toLeft, 1), HOST],
    [read(0, toLeft, 2), HOST],
  ];

  it('one FIFO each way stops for ever, where the table lets completions pass', () => {
    const options = { credits: least, completions: 1 };
    const fifo = timedWith(integrated(), bothWays, { ...options, mayPass: () => false });
    expect(explore(fifo).deadlocks.length).toBeGreaterThan(0);
    expectSound(timedWith(integrated(), bothWays, options), bothWays.length);
  });

  it('without the table, writes and reads overtake writes', () => {
    const [fabric, traffic] = scenarios['writes, relaxed or by ID, and reads on one link']!;
    const seen = new Set<string>();
    const ended = new Set<string>();
    explore(timedWith(fabric(), traffic, { mayPass: () => true }), {
      hop: (before, tlp) => {
        for (const one of broken(before, tlp)) seen.add(one);
      },
      end: (timed) => {
        for (const one of outOfOrder(timed)) ended.add(one);
      },
      key: arrivals,
    });
    // Number 1 is relaxed, number 3 is of another requester.
    for (const at of [0, 1]) {
      expect(seen).toContain(`2 passed ${at}`);
      expect(ended).toContain(`2 came before ${at}`);
    }
  });
});

describe('races', () => {
  /** What became of the TLPs of these names, schedule by schedule. */
  const outcomes = (timed: TimedFabric, tell: (timed: TimedFabric) => string): string[] => {
    const all = new Set<string>();
    explore(timed, { end: (at) => all.add(tell(at)), key: arrivals });
    return [...all].sort();
  };
  const outcomeOf = (name: string) => (timed: TimedFabric) => {
    const delivery = timed.deliveries.find(({ tlp }) => tlp.name === name)!;
    return delivery.outcome + (delivery.at < 0 ? '' : ` at ${timed.fabric.arena.name(delivery.at)}`);
  };
  const cameFirst = (a: string, b: string) => (timed: TimedFabric) => {
    const index = (name: string) => timed.deliveries.findIndex(({ tlp }) => tlp.name === name);
    return index(a) < index(b) ? a : b;
  };

  it("a write in flight and the configuration write that clears the root port's Bus Master Enable", () => {
    const timed = new TimedFabric(link());
    timed.send(write(0x0100, toHost), ENDPOINT);
    timed.configWrite(0, 0x00e0, COMMAND, 2, 0x0003);
    expect(outcomes(timed, outcomeOf('0'))).toEqual(['delivered', 'unsupported-request at 00:1c.0']);
  });

  it('a write that has passed the port is not stopped any more', () => {
    const timed = new TimedFabric(twoBehindSwitch());
    timed.send(write(0x0300, toHost), LEFT);
    for (const at of [2, 1]) {
      timed.move(timed.moves()[0]!);
      expect(timed.waiting[0]![0]!.position.at).toBe(at);
    }
    // The upstream port has judged it.
    timed.configWrite(0, 0x0100, COMMAND, 2, 0x0003);
    expect(outcomes(timed, outcomeOf('0'))).toEqual(['delivered']);
    timed.configWrite(0, 0x00e0, COMMAND, 2, 0x0003);
    expect(outcomes(timed, outcomeOf('0'))).toEqual(['delivered', 'unsupported-request at 00:1c.0']);
  });

  it('the completion of a read pushes writes ahead of it, that of a configuration write need not', () => {
    const race = (request: TlpHeader) => {
      const timed = new TimedFabric(link());
      timed.send(write(0x0100, toHost), ENDPOINT);
      timed.send(request, HOST);
      return outcomes(timed, cameFirst('0', '1.completion'));
    };
    expect(race(read(0, toLeft, 1))).toEqual(['0']);
    expect(race(config('CfgRd1', 0x0100, 1))).toEqual(['0']);
    expect(race(config('CfgWr1', 0x0100, 1))).toEqual(['0', '1.completion']);
  });

  it('so does one that is for the root complex, where a function has the ID that it asks with', () => {
    const fabric = new Fabric([
      device('00:00.0', {}, 'Root Complex Integrated Endpoint'),
      port('00:1c.0', 'Root Port', 1, 1, { memory: [0xf00, 0xf00] }),
      device('01:00.0', { bar: 0xf00 }),
    ]);
    const timed = new TimedFabric(fabric);
    timed.send(write(0x0100, toHost), 2);
    timed.send(read(0, toLeft, 1), HOST);
    expect(outcomes(timed, cameFirst('0', '1.completion'))).toEqual(['0']);
  });

  it("an error message waits behind its port's writes", () => {
    const fabric = new Fabric([
      port('00:1c.0', 'Root Port', 1, 3, { bridgeControl: 2, command: 0x107 }),
      port('01:00.0', 'Switch Upstream Port', 2, 3, { command: 0x103, bridgeControl: 2 }),
      port('02:00.0', 'Switch Downstream Port', 3, 3),
      device('03:00.0'),
    ]);
    const timed = new TimedFabric(fabric);
    timed.send(write(0x0300, toHost), 3);
    timed.run();
    expect(timed.deliveries.map(({ tlp, outcome, tick }) => `${tick}: ${tlp.name} ${outcome}`)).toEqual([
      '2: 0 unsupported-request',
      '3: 0.ERR_NONFATAL@01:00.0 delivered',
    ]);
    expect(timed.deliveries[1]!.errorMessage).toMatchObject({ message: 'ERR_NONFATAL', rootPort: ROOT_PORT });
  });
});
