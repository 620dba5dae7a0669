/** Random machines: root ports, switches, bridges to PCI, endpoints; and what a kernel knows of each function. */
import fc from 'fast-check';
import type { FunctionImage } from '../../src/config/function-image.ts';
import type { FunctionBinding } from '../../src/linux/bindings.ts';
import type { EndpointDriver } from '../../src/linux/endpoint-drivers.ts';
import { conventional, device, type FunctionOptions, port } from './functions.ts';

/** What is random of a function beside its place. */
export interface Traits {
  readonly bme: boolean;
  readonly serr: boolean;
  readonly aer: boolean;
  readonly pm: boolean;
  readonly asleep: boolean;
  readonly armed: 'none' | 'msi' | 'msi-x';
  readonly driver: string | null;
  readonly enableCount: number | undefined;
  readonly powerState: 'unknown' | 'D0' | undefined;
}

type Leaves = readonly Traits[];
/** What is behind a port. Every kind has all parts, so that a counterexample shrinks from one kind to a simpler one. */
export interface Node {
  readonly kind: 'endpoint' | 'bridge' | 'switch';
  /** Functions of the endpoint, or devices behind the bridge to PCI. */
  readonly functions: Leaves;
  /** The bridge, or the upstream port. */
  readonly port: Traits;
  readonly downs: readonly { readonly port: Traits; readonly below: Node }[];
}
/** One device of the root bus: a root port with what is behind it, or an integrated endpoint. */
export interface RootDevice {
  readonly integrated: boolean;
  readonly self: Traits;
  readonly below: Node;
}

export interface Tree {
  readonly functions: readonly FunctionImage[];
  readonly bindings: readonly FunctionBinding[];
}

/** Drivers of the random bindings; those that no table of the sources knows are taught, or stay unknown. */
export const taughtDrivers: ReadonlyMap<string, EndpointDriver> = new Map([
  ['clears_only', { stopsDma: false, clearsBme: 'disable', freesVectors: false }],
  ['masters_off', { stopsDma: false, clearsBme: 'clear-master', freesVectors: false }],
]);
const endpointDrivers = [
  null,
  null,
  'hpsa',
  'ahci',
  'e1000e',
  'virtio-pci',
  'clears_only',
  'masters_off',
  'nobody_knows_it',
];

function traits(drivers: readonly (string | null)[], bmeWeight: number): fc.Arbitrary<Traits> {
  return fc.record({
    bme: fc.oneof({ arbitrary: fc.constant(true), weight: bmeWeight }, { arbitrary: fc.constant(false), weight: 1 }),
    serr: fc.boolean(),
    aer: fc.boolean(),
    pm: fc.boolean(),
    asleep: fc.oneof({ arbitrary: fc.constant(false), weight: 6 }, { arbitrary: fc.constant(true), weight: 1 }),
    armed: fc.constantFrom('none', 'msi', 'msi-x'),
    driver: fc.constantFrom(...drivers),
    enableCount: fc.constantFrom(undefined, undefined, 0, 1, 2),
    powerState: fc.constantFrom(undefined, undefined, 'unknown', 'D0'),
  });
}

const leaf = traits(endpointDrivers, 3);
/** Ports do not sleep: what lies behind one that does could send nothing from the start. */
const portTraits = traits([null, 'pcieport', 'pcieport'], 12).map((one): Traits => ({ ...one, asleep: false }));
/** One to three, each of which a counterexample may do without. */
function some<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  const maybe = fc.option(arbitrary, { freq: 2 });
  return fc
    .tuple(maybe, maybe, maybe)
    .map((all) => all.filter((one) => one !== null))
    .filter((all) => all.length > 0);
}

const leaves = some(leaf);

function node(depth: number): fc.Arbitrary<Node> {
  if (depth === 0)
    return fc.record({
      kind: fc.constantFrom('endpoint', 'bridge'),
      functions: leaves,
      port: portTraits,
      downs: fc.constant([]),
    });
  return fc.record({
    kind: fc.constantFrom('endpoint', 'bridge', 'switch'),
    functions: leaves,
    port: portTraits,
    downs: some(fc.record({ port: portTraits, below: node(depth - 1) })),
  });
}

const rootDevice: fc.Arbitrary<RootDevice> = fc.record({
  integrated: fc.constantFrom(false, false, false, true),
  self: portTraits,
  below: node(2),
});

export const rootDevices: fc.Arbitrary<readonly RootDevice[]> = some(rootDevice);

function optionsOf(one: Traits): FunctionOptions {
  return {
    command: 0x0003 | (one.bme ? 4 : 0) | (one.serr ? 0x100 : 0),
    aer: one.aer,
    pm: one.pm,
    powerState: one.asleep ? 3 : 0,
    ...(one.armed === 'none' ? {} : { armed: one.armed }),
  };
}

/** Lays the devices out on bus 0 and numbers the buses below in order of the scan. */
export function plant(devices: readonly RootDevice[]): Tree {
  const functions: FunctionImage[] = [];
  const bindings: FunctionBinding[] = [];
  let lastBus = 0;
  const bdf = (bus: number, dev: number, fn: number) =>
    `${bus.toString(16).padStart(2, '0')}:${dev.toString(16).padStart(2, '0')}.${fn}`;
  const bind = (name: string, { driver, enableCount, powerState }: Traits) => {
    bindings.push({
      bdf: name,
      driver,
      ...(enableCount === undefined ? {} : { enable_count: enableCount }),
      ...(powerState === undefined ? {} : { power_state: powerState }),
    });
  };
  const addPort = (name: string, type: Parameters<typeof port>[1], one: Traits, below: (bus: number) => void) => {
    const at = functions.length;
    const secondary = ++lastBus;
    bind(name, one);
    below(secondary);
    functions.splice(at, 0, port(name, type, secondary, lastBus, optionsOf(one)));
  };
  const addNode = (bus: number, dev: number, below: Node): void => {
    switch (below.kind) {
      case 'endpoint':
        below.functions.forEach((one, fn) => {
          const name = bdf(bus, dev, fn);
          bind(name, one);
          functions.push(device(name, { ...optionsOf(one), multiFunction: below.functions.length > 1 }));
        });
        return;
      case 'bridge':
        addPort(bdf(bus, dev, 0), 'PCI Express to PCI/PCI-X Bridge', { ...below.port, driver: null }, (secondary) => {
          below.functions.forEach((one, i) => {
            const name = bdf(secondary, i, 0);
            bind(name, one);
            functions.push(conventional(name, optionsOf(one)));
          });
        });
        return;
      case 'switch':
        addPort(bdf(bus, dev, 0), 'Switch Upstream Port', below.port, (secondary) => {
          below.downs.forEach((down, i) => {
            addPort(bdf(secondary, i, 0), 'Switch Downstream Port', down.port, (link) => addNode(link, 0, down.below));
          });
        });
    }
  };
  devices.forEach((one, i) => {
    const name = bdf(0, i + 1, 0);
    if (one.integrated) {
      const self = { ...one.self, driver: one.below.functions[0]!.driver };
      bind(name, self);
      functions.push(device(name, optionsOf(self), 'Root Complex Integrated Endpoint'));
    } else addPort(name, 'Root Port', one.self, (link) => addNode(link, 0, one.below));
  });
  return { functions, bindings };
}
