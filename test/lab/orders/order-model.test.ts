/** A walk over steps says what a whole shutdown says, on any machine, in any order: whether a request is refused, and the first one. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FunctionImage } from '../../../src/config/function-image.ts';
import { Fabric } from '../../../src/fabric/fabric.ts';
import { OrderModel } from '../../../src/lab/orders/order-model.ts';
import { NotDecomposable } from '../../../src/lab/orders/watch.ts';
import { Random } from '../../../src/lab/random.ts';
import { runShutdown, type ShutdownOptions } from '../../../src/lab/shutdown-run.ts';
import { policies } from '../../../src/linux/policies/index.ts';
import { runs } from '../../generators/runs.ts';
import { plant } from '../../generators/trees.ts';
import { isLong } from '../../seed.ts';
import { anyCase, type Case } from '../shutdowns.ts';
import { optionsOf, ordered } from './cases.ts';

const PM = 0x40;
const NO_SOFT_RESET = 0x08;

const anyPolicy = fc.constantFrom(...policies);

/** Ports sleep too, and some functions lose their registers when they wake. */
function sleepier(devices: Case['devices'], random: Random): Case['devices'] {
  return JSON.parse(JSON.stringify(devices), (key, value) =>
    key === 'asleep' ? random.below(3) === 0 : value,
  ) as Case['devices'];
}

function forgetful(functions: readonly FunctionImage[], random: Random): FunctionImage[] {
  return functions.map((image) => {
    const bytes = image.bytes.slice();
    if (bytes[PM] === 0x01 && random.below(2) === 0) bytes[PM + 4]! &= ~NO_SOFT_RESET;
    return { ...image, bytes };
  });
}

const seen = { cases: 0, notDecomposable: 0, failed: 0, clean: 0, context: 0, late: 0 };

function compare(model: OrderModel, functions: readonly FunctionImage[], options: ShutdownOptions, seed: number): void {
  for (let run = 0; run < 5; run++) {
    const order = run === 0 ? [...model.order] : new Random(seed, run).shuffled(model.order);
    // Not all shut down, now and then.
    if (run === 4) order.length = Math.ceil(order.length / 2);
    const fabric = new Fabric(functions);
    const { unsupportedRequests } = runShutdown(fabric, {
      ...options,
      order: ordered(fabric, order),
    });
    const [first] = unsupportedRequests;
    expect(model.fails(order)).toBe(first !== undefined);
    expect(model.failure(order)).toEqual(
      first && { step: first.step, requester: first.requester, reporter: first.reporter, kind: first.kind },
    );
    if (first === undefined) seen.clean++;
    else seen.failed++;
    if (first !== undefined && first.step > 0) seen.late++;
    if (model.hasContext) seen.context++;
  }
}

it('for random machines, bindings, kernels, policies and orders', { timeout: isLong() ? 600_000 : 60_000 }, () => {
  fc.assert(
    fc.property(anyCase, anyPolicy, fc.nat(), (one, policy, seed) => {
      seen.cases++;
      const random = new Random(seed, 0);
      const kind = [0, 1, 1, 1, 2, 3][random.below(6)];
      const machine = kind === 1 ? { ...one, devices: sleepier(one.devices, random) } : one;
      const planted = plant(machine.devices).functions;
      const functions = kind === 1 ? forgetful(planted, random) : planted;
      const some = () => new Set(functions.map((_, fn) => fn).filter(() => random.below(3) === 0));
      const options = {
        ...optionsOf(machine, policy),
        ...(kind === 2 ? { ignoreBusMasterEnable: some() } : {}),
        ...(kind === 3 ? { dma: some() } : {}),
      };
      try {
        compare(new OrderModel(new Fabric(functions), options), functions, options, seed);
      } catch (error) {
        if (!(error instanceof NotDecomposable)) throw error;
        seen.notDecomposable++;
      }
    }),
    runs(80),
  );
  if (isLong()) console.log(seen);
  expect(seen.notDecomposable).toBeLessThan(seen.cases / 5);
  for (const count of [seen.failed, seen.clean, seen.context, seen.late]) expect(count).toBeGreaterThan(5);
});
