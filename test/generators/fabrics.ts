/**
 * Random machines whose windows and BARs fit each other, with all that has a say in where requests go (ACS, DPC, multicast, VFs,
 * Enhanced Allocation, bridges to PCI); and random changes of them, after which nothing need fit any more.
 */
import fc from 'fast-check';
import { capability, type0Function } from '../../src/config/builder.ts';
import type { FunctionImage } from '../../src/config/function-image.ts';
import { resetKinds } from '../../src/config/reset.ts';
import type { Checkpoint, Fabric } from '../../src/fabric/fabric.ts';
import { leadsToLink } from '../../src/fabric/topology.ts';
import {
  AdvancedErrorReporting,
  EnhancedAllocationCapability,
  PciExpressCapability,
  SingleRootIoVirtualization,
} from '../../src/spec/index.ts';
import { AER, conventional, device, type EndpointOptions, type PortOptions, port } from './functions.ts';

const traits = fc.record({
  bme: fc.oneof({ arbitrary: fc.constant(true), weight: 5 }, { arbitrary: fc.constant(false), weight: 1 }),
  serr: fc.boolean(),
  aer: fc.oneof({ arbitrary: fc.constant(true), weight: 3 }, { arbitrary: fc.constant(false), weight: 1 }),
  deviceControl: fc.constantFrom(0, 0x0a, 0x0f),
  bridgeControl: fc.constantFrom(0, 2, 2),
  masks: fc.constantFrom(undefined, undefined, 0x00100000, 0),
  severity: fc.constantFrom(undefined, undefined, 0x00100000),
  acs: fc.option(fc.constantFrom(0, 1, 0x1d, 0x5f), { freq: 4 }),
  dpc: fc.option(fc.constantFrom(0, 1, 2), { freq: 4 }),
  multicast: fc.option(fc.constantFrom(true, false), { freq: 8 }),
  portBar: fc.option(fc.constant(true), { freq: 8 }),
  is64: fc.boolean(),
  leaf: fc.constantFrom('plain', 'plain', 'plain', 'physical', 'allocated', 'none'),
});
type Traits = typeof traits extends fc.Arbitrary<infer T> ? T : never;

interface Node {
  readonly kind: 'endpoint' | 'bridge' | 'switch' | 'empty';
  readonly port: Traits;
  readonly functions: readonly Traits[];
  readonly downs: readonly { readonly port: Traits; readonly below: Node }[];
}

function node(depth: number): fc.Arbitrary<Node> {
  const downs =
    depth === 0
      ? fc.constant([])
      : fc.array(fc.record({ port: traits, below: node(depth - 1) }), { minLength: 1, maxLength: 3 });
  return fc.record({
    kind:
      depth === 0
        ? fc.constantFrom('endpoint', 'endpoint', 'endpoint', 'bridge', 'empty')
        : fc.constantFrom('switch', 'switch', 'endpoint'),
    port: traits,
    functions: fc.array(traits, { minLength: 1, maxLength: 2 }),
    downs,
  });
}

/** A machine's functions, to make as many equal fabrics of as are wanted. */
export const machines: fc.Arbitrary<readonly FunctionImage[]> = fc
  .array(fc.record({ isIntegrated: fc.constantFrom(false, false, false, true), self: traits, below: node(2) }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((roots) => {
    const functions = lay(roots);
    // A counterexample names them: their bytes fill pages.
    const told = () => functions.map(({ routingId }) => routingId.toString(16)).join(' ');
    return Object.assign(functions, { [fc.toStringMethod]: told });
  });

const HIGH_MIB = 0x380_0000;

function lay(roots: readonly { readonly isIntegrated: boolean; readonly self: Traits; readonly below: Node }[]) {
  const functions: FunctionImage[] = [];
  let bus = 0;
  let low = 0xe00;
  let high = HIGH_MIB;
  const name = (onBus: number, dev: number, fn = 0) => `${hex(onBus)}:${hex(dev)}.${fn}`;
  const common = (one: Traits) => ({
    command: 0x0003 | (one.bme ? 4 : 0) | (one.serr ? 0x100 : 0),
    aer: one.aer,
    deviceControl: one.deviceControl,
    ...(one.masks === undefined ? {} : { uncorrectableMask: one.masks, correctableMask: one.masks === 0 ? 0 : 0x2000 }),
    ...(one.severity === undefined ? {} : { uncorrectableSeverity: one.severity }),
    ...(one.multicast === null ? {} : { multicast: { base: low - 1, receive: 1, off: !one.multicast } }),
  });
  const leaf = (bdf: string, one: Traits, isMultiFunction: boolean): FunctionImage => {
    const command = common(one).command;
    if (one.leaf === 'physical') return physical(bdf, command, low++);
    if (one.leaf === 'allocated') return allocated(bdf, command, low++);
    const options: EndpointOptions = { ...common(one), multiFunction: isMultiFunction };
    if (one.leaf === 'none') return device(bdf, options);
    return device(bdf, { ...options, bar: one.is64 ? high++ : low++ });
  };
  const bridge = (bdf: string, type: Parameters<typeof port>[1], one: Traits, below: (secondary: number) => void) => {
    const at = functions.length;
    const secondary = ++bus;
    const [firstLow, firstHigh] = [low, high];
    const portBar = one.portBar === true ? low++ : undefined;
    below(secondary);
    const options: PortOptions = {
      ...common(one),
      bridgeControl: one.bridgeControl,
      rootErrorCommand: 7,
      ...(low > firstLow ? { memory: [firstLow, low - 1] as const } : {}),
      ...(high > firstHigh ? { prefetchable: [firstHigh, high - 1] as const } : {}),
      ...(one.acs === null ? {} : { acs: { control: one.acs } }),
      ...(one.dpc === null ? {} : { dpc: { 'DPC Control': one.dpc } }),
      // A port's own memory is not behind it.
      ...(portBar === undefined ? {} : { portBar: 0xd00 + at }),
    };
    functions.splice(at, 0, port(bdf, type, secondary, bus, options));
  };
  const addNode = (onBus: number, below: Node): void => {
    if (below.kind === 'endpoint')
      below.functions.forEach((one, fn) => {
        functions.push(leaf(name(onBus, 0, fn), one, below.functions.length > 1));
      });
    if (below.kind === 'bridge')
      bridge(name(onBus, 0), 'PCI Express to PCI/PCI-X Bridge', below.port, (secondary) => {
        below.functions.forEach((one, dev) => {
          functions.push(conventional(name(secondary, dev), { command: common(one).command, bar: low++ }));
        });
      });
    if (below.kind === 'switch')
      bridge(name(onBus, 0), 'Switch Upstream Port', below.port, (inside) => {
        below.downs.forEach((down, dev) => {
          bridge(name(inside, dev), 'Switch Downstream Port', down.port, (link) => addNode(link, down.below));
        });
      });
  };
  roots.forEach((one, dev) => {
    if (one.isIntegrated)
      functions.push(device(name(0, dev + 1), common(one.self), 'Root Complex Integrated Endpoint'));
    else bridge(name(0, dev + 1), 'Root Port', one.self, (link) => addNode(link, one.below));
  });
  return functions;
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}

/** A PF with four VFs of a 16 KiB BAR each. */
function physical(bdf: string, command: number, mebibyte: number): FunctionImage {
  return type0Function({
    bdf,
    header: { 'Vendor ID': 0x8086, 'Device ID': 0x10c9, 'Class Code': 0x0200, Command: command },
    barSizes: { 7: 0x4000 },
    capabilities: [
      capability(PciExpressCapability, 0x70, { 'PCI Express Capabilities': 2, 'Device Capabilities': 0x10008000 }),
      capability(AdvancedErrorReporting, AER, {}),
      capability(SingleRootIoVirtualization, 0x160, {
        TotalVFs: 4,
        InitialVFs: 4,
        'First VF Offset': 4,
        'VF Stride': 1,
        'Supported Page Sizes': 0x553,
        'VF BAR 0': mebibyte * 0x100000,
      }),
    ],
  });
}

/** One MiB by an Enhanced Allocation entry. */
function allocated(bdf: string, command: number, mebibyte: number): FunctionImage {
  return type0Function({
    bdf,
    header: { 'Vendor ID': 0x177d, 'Device ID': 0xa001, Command: command },
    capabilities: [
      capability(EnhancedAllocationCapability, 0x40, {
        'EA Capability': 1,
        'EA Entry 0': 0x80000002,
        'EA Entry 0 Base': mebibyte * 0x100000,
        'EA Entry 0 MaxOffset': 0xffffc,
      }),
      capability(PciExpressCapability, 0x70, { 'PCI Express Capabilities': 2, 'Device Capabilities': 0x8000 }),
    ],
  });
}

/** Registers that decide where requests go, in headers of both types and in the structures of `functions.ts`. */
const offsets = [
  0x00, 0x04, 0x04, 0x04, 0x04, 0x04, 0x06, 0x0a, 0x10, 0x14, 0x18, 0x19, 0x1a, 0x1e, 0x20, 0x22, 0x24, 0x26, 0x28,
  0x2c, 0x30, 0x3e, 0x44, 0x48, 0x4c, 0x78, 0x7a, 0x80, 0x88, 0x8c, 0x104, 0x108, 0x10c, 0x118, 0x12c, 0x130, 0x168,
  0x170, 0x184, 0x186, 0x188, 0x206, 0x304, 0x306,
];
const values = fc.oneof(
  fc.constantFrom(0, 1, 2, 4, 6, 7, 0x106, 0x107, 0x107, 0xffff, 0xffffffff, 0xe000e00, 0xe010e00, 0x60501, 0x9),
  fc.nat(0xffffffff),
);
const fraction = fc.nat(0xffff);

/** A change of a machine by any door. `fraction`s choose among the functions that there are. */
export const changes = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('write'),
      at: fraction,
      offset: fc.constantFrom(...offsets),
      value: values,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('toggle'), at: fraction, bits: fc.constantFrom(2, 4, 4, 4, 6, 0x100) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('request'),
      at: fraction,
      bus: fc.nat(8),
      offset: fc.constantFrom(...offsets),
      value: values,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('poke'), at: fraction, offset: fc.constantFrom(...offsets), value: values }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reset'), at: fraction, kind: fc.constantFrom(...resetKinds) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('link'), at: fraction, isUp: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('enable VFs'),
      at: fraction,
      count: fc.nat(5),
      control: fc.constantFrom(0, 1, 9, 9),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('error'), at: fraction }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('mark') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('return') }) },
) as fc.Arbitrary<Change>;

export type Change =
  | { readonly do: 'write' | 'poke'; readonly at: number; readonly offset: number; readonly value: number }
  | { readonly do: 'toggle'; readonly at: number; readonly bits: number }
  | {
      readonly do: 'request';
      readonly at: number;
      readonly bus: number;
      readonly offset: number;
      readonly value: number;
    }
  | { readonly do: 'reset'; readonly at: number; readonly kind: (typeof resetKinds)[number] }
  | { readonly do: 'link'; readonly at: number; readonly isUp: boolean }
  | { readonly do: 'enable VFs'; readonly at: number; readonly count: number; readonly control: number }
  | { readonly do: 'error'; readonly at: number }
  | { readonly do: 'mark' | 'return' };

/** Does changes to one fabric; `mark` takes a checkpoint, to which `return` goes back. */
export class Changer {
  readonly #fabric: Fabric;
  #checkpoint: Checkpoint;

  constructor(fabric: Fabric) {
    this.#fabric = fabric;
    this.#checkpoint = fabric.checkpoint();
  }

  do(change: Change): void {
    const fabric = this.#fabric;
    const { arena } = fabric;
    const fn = 'at' in change ? change.at % arena.count : 0;
    switch (change.do) {
      case 'write':
        if (change.offset >= arena.layout[fn]!.size) break;
        if ((change.offset & 3) === 0) arena.write(fn, change.offset, 4, change.value);
        else arena.write(fn, change.offset, (change.offset & 1) === 0 ? 2 : 1, change.value);
        break;
      case 'poke':
        if (change.offset < arena.layout[fn]!.size) arena.poke(fn, change.offset, 1, change.value & 0xff);
        break;
      case 'toggle':
        arena.write(fn, 4, 2, arena.command(fn) ^ change.bits);
        break;
      case 'request': {
        const id = (change.at & 1) === 0 ? arena.routingId[fn]! : (change.bus << 8) | (arena.routingId[fn]! & 0xff);
        fabric.configWrite(arena.segment[fn]!, id, change.offset & ~1, 2, change.value & 0xffff);
        break;
      }
      case 'reset':
        arena.reset(fn, change.kind);
        break;
      case 'link':
        if (!leadsToLink(arena, fn)) break;
        if (change.isUp) fabric.restoreLink(fn);
        else fabric.surpriseDown(fn);
        break;
      case 'enable VFs': {
        const physical = arena.layout.flatMap(({ sriov }, i) => (sriov === 0 ? [] : [i]));
        if (physical.length === 0) break;
        const pf = physical[change.at % physical.length]!;
        const { sriov } = arena.layout[pf]!;
        arena.write(pf, sriov + 0x10, 2, change.count);
        arena.write(pf, sriov + 0x08, 2, change.control);
        // What VFs send is theirs to enable.
        for (const [fn, { physical }] of arena.virtualFunctions) if (physical === pf) arena.write(fn, 4, 2, 6);
        break;
      }
      case 'error':
        fabric.injectError(fn, { error: 'Unsupported Request Error' });
        break;
      case 'mark':
        this.#checkpoint = fabric.checkpoint();
        break;
      case 'return':
        fabric.restore(this.#checkpoint);
    }
  }
}
