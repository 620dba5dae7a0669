/** Any TLP in any machine, whatever its registers hold: it has an outcome, at a function that is there, and asking twice changes nothing. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tlpTypes } from '../../spec-tables/tlp-types.ts';
import { refusals } from '../../src/fabric/delivery.ts';
import { HOST } from '../../src/fabric/exact-router.ts';
import { NONE } from '../../src/fabric/topology.ts';
import { tlpHeader, tlpTypeNamed } from '../../src/tlp/header.ts';
import { machine, type Name } from './machine.ts';

/** Machines a run; a hundred TLPs each. */
const RUNS = 40;

const u32 = fc.nat(0xffffffff);
const ports: readonly Name[] = ['1c', 'up', 'downA', 'downB', '1d', '1e'];
const endpoints: readonly Name[] = ['ep', 'ep2', 'rciep', 'bridge'];

const accessControl = fc.record({ capability: fc.nat(0xffff), control: fc.nat(0x1fff) });
const multicast = fc.record({
  base: fc.constantFrom(0xe00, 0xf00, 0),
  groups: fc.integer({ min: 1, max: 64 }),
  receive: u32,
  blockAll: fc.constantFrom(0, 2),
});
const capabilities = fc.record({ acs: accessControl, multicast });
const portCapabilities = fc.record({
  acs: accessControl,
  multicast: fc.tuple(multicast, fc.nat(0xfff)).map(([most, overlay]) => ({ ...most, overlay })),
});

const addresses = [0xf0000000, 0xf0100000, 0xf1000000, 0xa0000, 0xe0000000, 0x1000, 0x2000, 0x3c0];
const ids = [0, 0x00e0, 0x0100, 0x0200, 0x0208, 0x0300, 0x0400, 0x0500, 0x0600];
const id = fc.oneof(fc.constantFrom(...ids), fc.nat(0xffff));
const header = fc
  .record({
    type: fc.constantFrom(...tlpTypes.map(({ name }) => name)),
    requesterId: id,
    completerId: id,
    destinationId: id,
    addressHi: fc.oneof(fc.constant(0), u32),
    addressLo: fc.oneof(
      fc.constantFrom(...addresses),
      u32.map((address) => (address & ~3) >>> 0),
    ),
    lengthDw: fc.constantFrom(1, 2, 4, 8),
    at: fc.nat(3),
    attr: fc.nat(7),
    routing: fc.nat(7),
    messageCode: fc.nat(0xff),
  })
  .map(({ type, ...fields }) => tlpHeader(type, { ...fields, firstBe: 0xf, byteCount: 4 }));

/** Registers that routing reads: a function, an offset in its header or capabilities, a byte. */
const poke = fc.tuple(
  fc.nat(11),
  fc.constantFrom(0x04, 0x09, 0x0a, 0x18, 0x19, 0x1a, 0x1c, 0x20, 0x24, 0x3e, 0x44, 0x78, 0x98),
  fc.nat(0xff),
);

it('has an outcome', () => {
  const given = (names: readonly Name[], one: fc.Arbitrary<object>) =>
    fc.tuple(...names.map((name) => fc.option(one).map((options) => [name, options ?? {}] as const)));
  fc.assert(
    fc.property(
      given(ports, portCapabilities),
      given(endpoints, capabilities),
      fc.record({
        peerToPeer: fc.boolean(),
        windowsOfDisabledSpace: fc.constantFrom('ignored' as const, 'kept' as const),
      }),
      fc.array(poke, { maxLength: 30 }),
      fc.array(fc.tuple(header, fc.integer({ min: HOST, max: 11 })), { minLength: 100, maxLength: 100 }),
      (ofPorts, ofEndpoints, routing, pokes, tlps) => {
        const { fabric } = machine(Object.fromEntries([...ofPorts, ...ofEndpoints]), routing);
        const { arena, router } = fabric;
        for (const [fn, offset, byte] of pokes) arena.poke(fn, offset, 1, byte);
        for (const [tlp, from] of tlps) {
          const before = arena.bytes.slice();
          const route = router.route(tlp, from);
          expect(router.route(tlp, from)).toEqual(route);
          // Not by `toEqual`, which takes a millisecond for the bytes of a machine.
          expect(Buffer.compare(arena.bytes, before)).toBe(0);
          const { outcome, at, completion } = fabric.send(tlp, from);
          expect(at === NONE || (at >= 0 && at < arena.count)).toBe(true);
          // What is posted has no answer, nor what is discarded.
          const refusal = refusals[outcome];
          if (tlpTypeNamed(tlp.type).posted) expect(completion).toBeUndefined();
          else if (refusal !== undefined) expect(completion !== undefined).toBe(refusal.status !== undefined);
          if (completion !== undefined && refusal !== undefined) expect(completion.status).toBeGreaterThan(0);
        }
      },
    ),
    { numRuns: RUNS },
  );
});
