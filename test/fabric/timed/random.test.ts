/** Random schedules of random traffic in random machines; and one TLP after the other, which is the functional fabric. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tlpTypes } from '../../../spec-tables/tlp-types.ts';
import { HOST } from '../../../src/fabric/exact-router.ts';
import { Fabric } from '../../../src/fabric/fabric.ts';
import { TimedFabric } from '../../../src/fabric/timed/timed-fabric.ts';
import { memoryRead, memoryWrite, type TlpHeader, tlpHeader } from '../../../src/tlp/header.ts';
import { plant, rootDevices } from '../../generators/trees.ts';
import { machine } from '../machine.ts';
import { broken, lost, outOfOrder } from './watch.ts';

const RUNS = 60;
const PAIRS = 40;

/** Numbers that choose, as many as are asked for. */
const choices = fc.infiniteStream(fc.nat(0xffff));

const request = fc.record({
  kind: fc.constantFrom('write', 'write', 'read', 'atomic', 'message', 'config read', 'config write', 'clear BME'),
  who: fc.nat(1000),
  target: fc.nat(1000),
  tc: fc.constantFrom(0, 0, 0, 1),
  attr: fc.constantFrom(0, 0, 2, 4, 6),
  lengthDw: fc.constantFrom(1, 4, 16),
  address: fc.constantFrom(0x100000, 0x200000),
  /** Hops before the next one is sent. */
  pause: fc.nat(3),
});

it('breaks no rule, stops nowhere and loses nothing', () => {
  fc.assert(
    fc.property(
      rootDevices,
      fc.array(request, { minLength: 1, maxLength: 25 }),
      fc.record({ header: fc.integer({ min: 1, max: 2 }), completions: fc.integer({ min: 1, max: 2 }) }),
      choices,
      (devices, traffic, { header: headers, completions }, choose) => {
        const fabric = new Fabric(plant(devices).functions);
        const { arena } = fabric;
        const credits = { ph: headers, pd: 4, nph: headers, npd: 4, cplh: headers, cpld: 4 };
        const timed = new TimedFabric(fabric, { credits, completions });
        const hop = (): boolean => {
          const moves = timed.moves();
          const move = moves[choose.next().value! % moves.length];
          if (move === undefined) return false;
          expect(broken(timed.waiting, move.tlp)).toEqual([]);
          timed.move(move);
          return true;
        };
        for (const [tag, { kind, who, target, tc, attr, lengthDw, address, pause }] of traffic.entries()) {
          const from = who % arena.count;
          const id = arena.idOf(from);
          const destinationId = arena.routingId[target % arena.count]!;
          const config = { destinationId, register: 0x3c, lengthDw: 1, firstBe: 1, tag };
          const header: Record<typeof kind, TlpHeader> = {
            write: memoryWrite(id, 0, address, lengthDw),
            read: memoryRead(id, 0, address, lengthDw, tag),
            atomic: tlpHeader('Swap', { requesterId: id, addressLo: address, lengthDw: 1, tag }),
            message: tlpHeader('Msg', { requesterId: id, messageCode: 0x04, tag }),
            'config read': tlpHeader('CfgRd1', config),
            'config write': tlpHeader('CfgWr1', config),
            'clear BME': tlpHeader('CfgWr1', { ...config, register: 4 }),
          };
          const isConfig = kind.startsWith('config') || kind === 'clear BME';
          timed.send({ ...header[kind], ...(isConfig ? {} : { tc, attr }) }, isConfig ? HOST : from, { data: 3 });
          for (let hops = 0; hops < pause; hops++) hop();
        }
        while (hop());
        expect(timed.isIdle).toBe(true);
        expect(outOfOrder(timed)).toEqual([]);
        expect(lost(timed, traffic.length)).toEqual([]);
      },
    ),
    { numRuns: RUNS },
  );
}, 60_000);

/** Registers of two machines that are not alike: function, offset, both bytes. */
function differing(one: Fabric, other: Fabric): string[] {
  const [a, b] = [one.arena, other.arena];
  // Quickly, where there are none.
  if (Buffer.compare(a.bytes, b.bytes) === 0) return [];
  return Array.from({ length: a.count }, (_, fn) => fn).flatMap((fn) =>
    Array.from({ length: a.base[fn + 1]! - a.base[fn]! }, (_, offset) => offset)
      .filter((offset) => a.u8(fn, offset) !== b.u8(fn, offset))
      .map((offset) => `${a.name(fn)} ${offset.toString(16)}h: ${a.u8(fn, offset)} and ${b.u8(fn, offset)}`),
  );
}

const u32 = fc.nat(0xffffffff);
const ids = [0, 0x00e0, 0x0100, 0x0200, 0x0208, 0x0300, 0x0400, 0x0500, 0x0600];
const id = fc.oneof(fc.constantFrom(...ids), fc.nat(0xffff));
const anyTlp = fc
  .record({
    type: fc.constantFrom(...tlpTypes.map(({ name }) => name)),
    requesterId: id,
    completerId: id,
    destinationId: id,
    addressHi: fc.oneof({ arbitrary: fc.constant(0), weight: 3 }, { arbitrary: u32, weight: 1 }),
    addressLo: fc.constantFrom(0xf0000000, 0xf0100000, 0xf1000000, 0xe0000000, 0x200000, 0x1000),
    lengthDw: fc.constantFrom(1, 2, 4),
    at: fc.nat(2),
    attr: fc.nat(7),
    ep: fc.constantFrom(false, false, false, true),
    routing: fc.nat(7),
    messageCode: fc.nat(0xff),
  })
  .map(({ type, ...fields }) => tlpHeader(type, { ...fields, firstBe: 0xf, byteCount: 4 }));

it('one TLP after the other, is the functional fabric', () => {
  const poke = fc.tuple(
    fc.nat(11),
    fc.constantFrom(0x04, 0x05, 0x18, 0x19, 0x1a, 0x20, 0x3e, 0x44, 0x78),
    fc.nat(0xff),
  );
  const acs = fc.option(
    fc.nat(0x7f).map((control) => ({ acs: { control } })),
    { nil: {} },
  );
  fc.assert(
    fc.property(
      fc.tuple(acs, acs, acs, acs),
      fc.boolean(),
      fc.array(poke, { maxLength: 8 }),
      fc.array(fc.tuple(anyTlp, fc.integer({ min: HOST, max: 11 })), { minLength: 1, maxLength: 20 }),
      ([rootPort, up, downA, downB], peerToPeer, pokes, tlps) => {
        const all = { command: 0x107, deviceControl: 0xf, bridgeControl: 2 };
        const make = () => {
          const { fabric } = machine(
            {
              '1c': { ...all, ...rootPort, rootErrorCommand: 7 },
              up: { ...all, ...up },
              downA: { ...all, ...downA },
              downB: { ...all, ...downB },
              ep: { command: 0x107, deviceControl: 0xf },
            },
            { peerToPeer },
          );
          // Not Secondary Bus Reset: error messages of the functional fabric know of no link.
          for (const [fn, offset, byte] of pokes)
            fabric.arena.poke(fn, offset, 1, offset === 0x3e ? byte & ~0x40 : byte);
          return fabric;
        };
        const functional = make();
        const timed = new TimedFabric(make());
        for (const [header, from] of tlps) {
          const expected = functional.send(header, from);
          const first = timed.deliveries.length;
          timed.send(header, from);
          timed.run();
          const { outcome, at, completion } = timed.deliveries[first]!;
          expect({ outcome, at, completion }).toEqual({
            outcome: expected.outcome,
            at: expected.at,
            completion: expected.completion,
          });
          // A completion that goes astray is missed here, and its requester gives up.
          const ends = timed.deliveries.slice(first);
          if (ends.some((end) => end.tlp.request !== undefined && end.outcome !== 'delivered')) return;
          // Two error messages of one TLP come to the root port in their own time.
          if (expected.errors.length > 1) return;
          expect(differing(timed.fabric, functional), header.type).toEqual([]);
        }
      },
    ),
    { numRuns: PAIRS },
  );
}, 60_000);
