/** Random orders of a kind are all equally likely. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fabric } from '../../../src/fabric/fabric.ts';
import { ancestors } from '../../../src/fabric/topology.ts';
import { OrderSettler } from '../../../src/lab/orders/order-kinds.ts';
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
