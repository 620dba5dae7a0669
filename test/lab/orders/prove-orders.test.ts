/** What is proved of all orders, against all orders. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FunctionImage } from '../../../src/config/function-image.ts';
import { Fabric } from '../../../src/fabric/fabric.ts';
import { subtree } from '../../../src/fabric/topology.ts';
import type { OrderSet } from '../../../src/lab/orders/order-kinds.ts';
import { OrderModel } from '../../../src/lab/orders/order-model.ts';
import { countOrders, proveOrders } from '../../../src/lab/orders/prove-orders.ts';
import { NotDecomposable } from '../../../src/lab/orders/watch.ts';
import { shuffleInto } from '../../../src/lab/random.ts';
import { runShutdown, type ShutdownOptions } from '../../../src/lab/shutdown-run.ts';
import { parseKernelVersion } from '../../../src/linux/kernel-version.ts';
import { policies, policyNamed } from '../../../src/linux/policies/index.ts';
import { device, port } from '../../generators/functions.ts';
import { runs } from '../../generators/runs.ts';
import { plant, type RootDevice, rootDevices } from '../../generators/trees.ts';
import { isLong } from '../../seed.ts';
import { anyCase } from '../shutdowns.ts';
import { optionsOf, ordered, permutations } from './cases.ts';

const MOST = isLong() ? 8 : 7;

/** All orders of some of the functions, as many as are asked for. */
function* arrangements(items: readonly number[], length: number): Generator<number[]> {
  if (length === 0) yield [];
  else
    for (const item of items)
      for (const rest of arrangements(
        items.filter((other) => other !== item),
        length - 1,
      ))
        yield [item, ...rest];
}

function isAsync(model: OrderModel, order: readonly number[]): boolean {
  return order.every((fn, i) => order.slice(i + 1).every((later) => !model.behind(fn).includes(later)));
}

/** The order on the fabric, where nothing of the model has a say. */
function isRefused(functions: readonly FunctionImage[], options: ShutdownOptions, order: readonly number[]): boolean {
  const fabric = new Fabric(functions);
  const { unsupportedRequests } = runShutdown(fabric, {
    ...options,
    order: ordered(fabric, order),
  });
  return unsupportedRequests.length > 0;
}

/** Nothing where the shutdown can't be taken apart. */
function proofOf(functions: readonly FunctionImage[], options: ShutdownOptions, kind: OrderSet) {
  try {
    const model = new OrderModel(new Fabric(functions), options);
    return { model, ...proveOrders(model, kind) };
  } catch (error) {
    if (error instanceof NotDecomposable) return undefined;
    throw error;
  }
}

it.each<[OrderSet]>([['any'], ['async']])(
  `a proof equals brute force over all orders of up to ${MOST} functions: %s`,
  (kind) => {
    const seen = { safe: 0, unsafe: 0, exact: 0 };
    fc.assert(
      fc.property(anyCase, fc.constantFrom(...policies), (one, policy) => {
        const { functions } = plant(one.devices);
        fc.pre(functions.length <= MOST);
        const options = optionsOf(one, policy);
        const proved = proofOf(functions, options, kind);
        if (proved === undefined) return;
        const { model, safe, orders, counterexample } = proved;
        const all = [...permutations(model.order)].filter((order) => kind === 'any' || isAsync(model, order));
        expect(orders).toBe(BigInt(all.length));
        expect(safe).toBe(!all.some((order) => model.fails(order)));
        seen[safe ? 'safe' : 'unsafe']++;
        if (functions.length <= 4) {
          expect(safe).toBe(!all.some((order) => isRefused(functions, options, order)));
          seen.exact++;
        }
        if (counterexample === undefined) return;
        expect(isRefused(functions, options, counterexample)).toBe(true);
        // Nothing shorter fails.
        if (kind === 'async' || counterexample.length === 0) return;
        for (const shorter of arrangements(model.order, counterexample.length - 1))
          expect(model.fails(shorter)).toBe(false);
      }),
      runs(80),
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5);
  },
  isLong() ? 600_000 : 60_000,
);

/** Every function sends, to the root port's: nobody is asleep, nobody has a driver, no bus is conventional. */
function busy(devices: readonly RootDevice[]): readonly RootDevice[] {
  return JSON.parse(JSON.stringify(devices), (key, value) => {
    if (key === 'bme') return true;
    if (key === 'asleep') return false;
    if (key === 'driver') return null;
    if (key === 'kind') return value === 'bridge' ? 'endpoint' : value;
    return value;
  }) as readonly RootDevice[];
}

it(
  'clearing Bus Master Enable everywhere is safe in a share of orders that is the product of 1 / (size of its subtree) over all functions',
  () => {
    const ORDERS = 20_000;
    let told = 0;
    fc.assert(
      fc.property(rootDevices, fc.nat(0xffffffff), (devices, seed) => {
        const { functions } = plant(busy(devices));
        const fabric = new Fabric(functions);
        const every = functions.map((_, fn) => fn);
        const share = every.reduce((product, fn) => product / subtree(fabric.topology, fn).length, 1);
        const model = new OrderModel(fabric, {
          kernel: parseKernelVersion('6.12'),
          path: 'reboot',
          policies: [policyNamed('bme-all-always')],
          drivers: () => null,
          dma: new Set(every),
        });
        const own = Int32Array.from(model.order);
        const order = own.slice();
        let safe = 0;
        for (let run = 0; run < ORDERS; run++) {
          shuffleInto(order, own, seed, run);
          if (!model.fails(order)) safe++;
        }
        // Five standard deviations, and one order.
        const slack = 5 * Math.sqrt((share * (1 - share)) / ORDERS) + 1 / ORDERS;
        expect(Math.abs(safe / ORDERS - share)).toBeLessThanOrEqual(slack);
        expect(proveOrders(model).safe).toBe(share === 1);
        if (share > 0.001 && share < 1) told++;
        // Those that are safe are those that the asynchronous shutdown makes.
        expect(Number(countOrders(model, 'async')) / Number(countOrders(model, 'any'))).toBeCloseTo(share, 10);
        expect(proveOrders(model, 'async').safe).toBe(true);
      }),
      runs(30),
    );
    expect(told).toBeGreaterThan(5);
  },
  isLong() ? 600_000 : 60_000,
);

describe('256 functions', () => {
  /** Fifteen root ports, each with a switch of three ports, four functions behind each; and one function alone. */
  function large() {
    const functions = [device('00:1f.0', {}, 'Root Complex Integrated Endpoint')];
    let bus = 0;
    const hex = (value: number) => value.toString(16).padStart(2, '0');
    for (let root = 1; root <= 15; root++) {
      const up = ++bus;
      const inside = ++bus;
      const last = bus + 3;
      functions.push(port(`00:${hex(root)}.0`, 'Root Port', up, last));
      functions.push(port(`${hex(up)}:00.0`, 'Switch Upstream Port', inside, last, { primary: up }));
      for (let down = 0; down < 3; down++) {
        const link = ++bus;
        functions.push(port(`${hex(inside)}:0${down}.0`, 'Switch Downstream Port', link, link, { primary: inside }));
        for (let fn = 0; fn < 4; fn++) functions.push(device(`${hex(link)}:00.${fn}`, { multiFunction: true }));
      }
    }
    return functions;
  }

  const modelUnder = (policy: string, kernel: string) =>
    new OrderModel(new Fabric(large()), {
      kernel: parseKernelVersion(kernel),
      path: 'reboot',
      policies: [policyNamed(policy)],
      drivers: (dev) => (dev.isForPortDriver ? 'pcieport' : null),
    });

  it('safe in every order where bridges keep Bus Master Enable', () => {
    const { safe, orders } = proveOrders(modelUnder('bme-leaf-only', '6.1'));
    expect(safe).toBe(true);
    expect(`${orders}`).toHaveLength(507);
  }, 60_000);

  it('one port is enough where it is disabled', () => {
    const { counterexample } = proveOrders(modelUnder('baseline', '6.1'));
    expect(counterexample).toHaveLength(1);
  }, 60_000);
});

it('a device that sleeps behind a port that sleeps is woken, and wakes the port, by its driver', () => {
  const functions = [port('00:01.0', 'Root Port', 1, 1, { powerState: 3 }), device('01:00.0', { powerState: 3 })];
  const options: ShutdownOptions = {
    kernel: parseKernelVersion('6.1'),
    path: 'reboot',
    drivers: (dev) => (dev.isBridge ? 'pcieport' : 'virtio-pci'),
  };
  const model = new OrderModel(new Fabric(functions), options);
  expect(model.hasContext).toBe(true);
  for (const order of [[0, 1], [1, 0], [0], [1]]) {
    const fabric = new Fabric(functions);
    const [first] = runShutdown(fabric, {
      ...options,
      order: ordered(fabric, order),
    }).unsupportedRequests;
    expect([order, model.failure(order)?.step]).toEqual([order, first?.step]);
  }
  expect(proveOrders(model)).toMatchObject({ safe: false, orders: 2n });
});
