/** Random orders of a kind are all equally likely. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fabric } from '../../../src/fabric/fabric.ts';
import { ancestors, subtree } from '../../../src/fabric/topology.ts';
import { OrderSettler, orderSetOf } from '../../../src/lab/orders/order-kinds.ts';
import { kernelRules } from '../../../src/linux/kernel-rules.ts';
import { parseKernelVersion } from '../../../src/linux/kernel-version.ts';
import { runs } from '../../generators/runs.ts';
import { plant, rootDevices } from '../../generators/trees.ts';
import { permutations } from './cases.ts';

it('each asynchronous order comes of equally many permutations, and there is no other', () => {
  fc.assert(
    fc.property(rootDevices, (devices) => {
      const { functions } = plant(devices);
      fc.pre(functions.length <= 6);
      const { topology } = new Fabric(functions);
      const every = functions.map((_, fn) => fn);
      const isAsync = (order: readonly number[]) =>
        order.every((fn, i) => ancestors(topology, fn).every((up) => order.indexOf(up) > i));
      const settler = new OrderSettler(topology, 'async');
      const counts = new Map<string, number>();
      let all = 0;
      let asynchronous = 0;
      for (const permutation of permutations(every)) {
        all++;
        if (isAsync(permutation)) asynchronous++;
        const order = Int32Array.from(permutation);
        settler.settle(order);
        expect(isAsync([...order])).toBe(true);
        counts.set(order.join(), (counts.get(order.join()) ?? 0) + 1);
      }
      expect(counts.size).toBe(asynchronous);
      expect(new Set(counts.values())).toEqual(new Set([all / asynchronous]));
    }),
    runs(30),
  );
});

describe('what moves can make of the device list', () => {
  /** Every list that comes of the first by moving functions to its tail, alone or with all behind them. */
  function reachable(first: readonly number[], moved: (fn: number) => ReadonlySet<number>): Set<string> {
    const found = new Map([[first.join(), first]]);
    for (const list of found.values())
      for (const fn of first) {
        const moves = moved(fn);
        const next = [...list.filter((one) => !moves.has(one)), ...first.filter((one) => moves.has(one))];
        found.set(next.join(), next);
      }
    return new Set([...found.values()].map((list) => [...list].reverse().join()));
  }

  it.each([
    ['4.17', 'alone'],
    ['4.18', 'with all behind it'],
  ])('%s: a function moves %s', (kernel) => {
    fc.assert(
      fc.property(rootDevices, (devices) => {
        const { functions } = plant(devices);
        fc.pre(functions.length <= 5);
        const { topology } = new Fabric(functions);
        const every = functions.map((_, fn) => fn);
        const orders = reachable(every, (fn) => new Set(kernel === '4.17' ? [fn] : subtree(topology, fn)));
        const settler = new OrderSettler(topology, orderSetOf('kset', kernelRules(parseKernelVersion(kernel))));
        const settled = [...permutations(every)].map((permutation) => {
          const order = Int32Array.from(permutation);
          settler.settle(order);
          return order.join();
        });
        expect(new Set(settled)).toEqual(orders);
      }),
      runs(15),
    );
  });
});
