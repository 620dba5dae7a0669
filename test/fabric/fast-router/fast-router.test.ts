/** The fast router is the exact one, only quicker: every outcome, count and register, on any machine, under any change. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fabric } from '../../../src/fabric/fabric.ts';
import { FastRouter } from '../../../src/fabric/fast-router/fast-router.ts';
import { functionOf, outcomeOf, ringOutcomes } from '../../../src/fabric/fast-router/results.ts';
import { NONE } from '../../../src/fabric/topology.ts';
import { decodeTlpHeader, encodeTlpHeader } from '../../../src/tlp/codec.ts';
import type { TlpHeader } from '../../../src/tlp/header.ts';
import { Changer, changes, machines } from '../../generators/fabrics.ts';
import { PATIENCE, runs } from '../../generators/runs.ts';
import { aimed, shots } from '../../generators/traffic.ts';

/** Who sends a TLP of a ring: looked for in the arena. */
function senderOf({ arena }: Fabric, header: TlpHeader): number {
  const id = header.type.startsWith('Cpl') ? header.completerId : header.requesterId;
  for (let fn = 0; fn < arena.count; fn++) if (arena.segment[fn] === 0 && arena.idOf(fn) === id) return fn;
  return NONE;
}

/** As a receiver has it: without the fields that its type lacks. */
function onWire(header: TlpHeader): TlpHeader {
  const bytes = new Uint8Array(16);
  encodeTlpHeader(header, bytes);
  return decodeTlpHeader(bytes);
}

const options = fc.record({
  peerToPeer: fc.boolean(),
  windowsOfDisabledSpace: fc.constantFrom('ignored' as const, 'kept' as const),
});

describe.each(['typescript', 'wasm'] as const)('the fast router, %s looking first', (accelerator) => {
  it(
    'has the outcomes and leaves the registers of the exact one',
    () => {
      const seen = new Map<string, number>();
      fc.assert(
        fc.property(
          machines,
          options,
          fc.array(fc.tuple(fc.array(shots, { maxLength: 40, size: 'max' }), changes), { maxLength: 30, size: 'max' }),
          fc.boolean(),
          (images, routing, rounds, expectsCompletions) => {
            const fabric = new Fabric(images, routing);
            const exact = new Fabric(images, routing);
            const router = new FastRouter(fabric, { slots: 32, accelerator, expectsCompletions });
            const changers = [new Changer(fabric), new Changer(exact)];
            const counts = new Array<number>(ringOutcomes.length).fill(0);
            for (const [volley, change] of rounds) {
              for (let first = 0; first < volley.length; first += 32) {
                const headers = volley.slice(first, first + 32).map((shot) => onWire(aimed(exact, shot)));
                const slots = headers.map((header) => router.push(header));
                expect(router.run()).toBe(headers.length);
                headers.forEach((header, i) => {
                  const { outcome, at } = exact.send(header, senderOf(exact, header), {
                    segment: 0,
                    isExpected: expectsCompletions,
                  });
                  const result = router.tables.results[slots[i]!]!;
                  expect([outcomeOf(result), functionOf(result)], JSON.stringify(header)).toEqual([outcome, at]);
                  counts[ringOutcomes.indexOf(outcome)]!++;
                  seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
                });
                expect(Buffer.compare(fabric.arena.bytes, exact.arena.bytes)).toBe(0);
                expect(fabric.signaling.headerLogs.checkpoint()).toEqual(exact.signaling.headerLogs.checkpoint());
              }
              for (const changer of changers) changer.do(change);
            }
            expect([...router.counts]).toEqual(counts);
          },
        ),
        runs(20),
      );
      for (const outcome of [
        'delivered',
        'not-sent',
        'unsupported-request',
        'acs-violation',
        'malformed',
        'unexpected-completion',
      ])
        expect(seen.get(outcome), outcome).toBeGreaterThan(0);
    },
    PATIENCE,
  );
});
