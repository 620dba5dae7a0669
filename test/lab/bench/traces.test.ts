/** The traffic that the benches measure is what they say it is, and the fast router settles it as the exact one does. */
import { describe, expect, it } from 'vitest';
import { FastRouter } from '../../../src/fabric/fast-router/fast-router.ts';
import { functionOf, outcomeOf, ringOutcomes } from '../../../src/fabric/fast-router/results.ts';
import { isBridge } from '../../../src/fabric/topology.ts';
import { chain, standardMachine, wideMachine } from '../../../src/lab/bench/machines.ts';
import { fillTrace } from '../../../src/lab/bench/traces.ts';
import { decodeTlpHeader } from '../../../src/tlp/codec.ts';

const SLOTS = 4096;
const share = (router: FastRouter, outcome: (typeof ringOutcomes)[number]) =>
  router.counts[ringOutcomes.indexOf(outcome)]! / SLOTS;

describe('the standard machine', () => {
  it('has 58 endpoints behind 82 bridges, 1, 3 or 5 deep, and no problem', () => {
    const { arena, topology } = standardMachine();
    const depthOf = (fn: number): number => (topology.parent[fn]! < 0 ? 0 : 1 + depthOf(topology.parent[fn]!));
    const endpoints = Array.from({ length: arena.count }, (_, fn) => fn).filter((fn) => !isBridge(arena, fn));
    expect([arena.count, endpoints.length]).toEqual([140, 58]);
    expect(new Set(endpoints.map(depthOf))).toEqual(new Set([1, 3, 5]));
    expect(topology.problems).toEqual([]);
  });
});

describe('a trace', () => {
  it('std delivers 95 % and has 5 % refused', () => {
    const router = new FastRouter(standardMachine(), { slots: SLOTS });
    fillTrace(router, 'std');
    router.route(0, SLOTS);
    expect(share(router, 'delivered')).toBeCloseTo(0.95, 1);
    expect(share(router, 'unsupported-request')).toBeCloseTo(0.05, 1);
    expect(
      [...router.tables.results].filter((result) => outcomeOf(result) === 'delivered' && functionOf(result) >= 0)
        .length / SLOTS,
    ).toBeCloseTo(0.05, 1);
  });

  it.each([1, 2, 5, 8])('up64 is delivered whole, %i deep', (depth) => {
    const router = new FastRouter(chain(depth).fabric, { slots: SLOTS });
    fillTrace(router, 'up64');
    router.route(0, SLOTS);
    expect(share(router, 'delivered')).toBe(1);
  });

  it.each([
    ['mixed', standardMachine],
    ['std', standardMachine],
    ['std', () => wideMachine(300)],
  ] as const)('%s is settled as by the exact router', (mix, machine) => {
    const router = new FastRouter(machine(), { slots: SLOTS, expectsCompletions: true });
    fillTrace(router, mix);
    const exact = machine();
    fillTrace(new FastRouter(exact, { slots: SLOTS }), mix);
    router.route(0, SLOTS);
    const { headerBytes, results } = router.tables;
    for (let slot = 0; slot < SLOTS; slot++) {
      const header = decodeTlpHeader(headerBytes, slot * 16);
      const id = header.type.startsWith('Cpl') ? header.completerId : header.requesterId;
      const { outcome, at } = exact.send(header, exact.arena.find(0, id), { isExpected: true });
      expect([outcomeOf(results[slot]!), functionOf(results[slot]!)]).toEqual([outcome, at]);
    }
    expect(Buffer.compare(router.fabric.arena.bytes, exact.arena.bytes)).toBe(0);
  });
});
