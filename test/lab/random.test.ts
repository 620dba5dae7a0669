import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Random, shuffleInto } from '../../src/lab/random.ts';

it('shuffles in place as it shuffles a copy', () => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.nat(0xffffffff), fc.nat(40), (seed, stream, length) => {
      const items = Int32Array.from({ length }, (_, i) => i * i);
      const order = new Int32Array(length);
      shuffleInto(order, items, seed, stream);
      expect([...order]).toEqual(new Random(seed, stream).shuffled([...items]));
    }),
  );
});

it('draws what it always drew', () => {
  const random = new Random(1, 2);
  expect([random.below(1000), random.below(1000), random.below(1000)]).toEqual([897, 637, 535]);
});
