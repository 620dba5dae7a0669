/** Random shutdowns of random machines, and what is looked at in each. */
import fc from 'fast-check';
import { Fabric } from '../../src/fabric/fabric.ts';
import { ancestors, hasConventionalSecondary, NONE } from '../../src/fabric/topology.ts';
import { Random } from '../../src/lab/random.ts';
import { runShutdown, type ShutdownOptions, type ShutdownResult } from '../../src/lab/shutdown-run.ts';
import { parseKernelVersion } from '../../src/linux/kernel-version.ts';
import type { PciDev } from '../../src/linux/pci-dev.ts';
import { allPromise, type Policy, type ShutdownPath, type Situation } from '../../src/linux/policies/index.ts';
import { memoryRead } from '../../src/tlp/header.ts';
import { AER, EXPRESS } from '../generators/functions.ts';
import { plant, type RootDevice, rootDevices, taughtDrivers } from '../generators/trees.ts';

export interface Case {
  readonly devices: readonly RootDevice[];
  readonly kernel: string;
  readonly path: ShutdownPath;
  readonly osOwnsAer: boolean;
  /** Drivers in the second kernel; undefined: all. */
  readonly kdump: readonly string[] | undefined;
  /** Mean writes of every function between two configuration writes; undefined: each tries each time. */
  readonly rate: number | undefined;
  readonly seed: number;
  readonly shuffled: boolean;
}

export const anyCase: fc.Arbitrary<Case> = fc.record({
  devices: rootDevices,
  kernel: fc.constantFrom('4.3', '4.17', '4.18', '5.5', '5.10', '6.1', '6.2', '6.3', '6.12', '6.15', '6.16', '7.3'),
  path: fc.constantFrom<ShutdownPath>('reboot', 'poweroff', 'kexec', 'crash'),
  osOwnsAer: fc.boolean(),
  kdump: fc.option(
    fc.subarray(['hpsa', 'ahci', 'e1000e', 'virtio-pci', 'clears_only', 'masters_off', 'nobody_knows_it']),
    {
      nil: undefined,
    },
  ),
  rate: fc.option(fc.constantFrom(0.1, 0.5, 2), { nil: undefined }),
  seed: fc.nat(),
  shuffled: fc.boolean(),
});

/** Another order that a kernel could make: every function before the bridges above it. */
function childrenFirst(order: readonly PciDev[], random: Random): PciDev[] {
  const left = new Set(order);
  const result: PciDev[] = [];
  while (left.size > 0) {
    const ready = [...left].filter((dev) => !dev.subordinate.some((child) => left.has(child)));
    const next = ready[random.below(ready.length)]!;
    left.delete(next);
    result.push(next);
  }
  return result;
}

/** Functions that show an Unsupported Request: in Device Status or AER. */
function showing({ arena }: Fabric): Set<string> {
  const result = new Set<string>();
  for (let fn = 0; fn < arena.count; fn++) {
    const { pciExpress, aer } = arena.layout[fn]!;
    if (pciExpress === EXPRESS && (arena.u16(fn, EXPRESS + 0x0a) & 0x8) !== 0)
      result.add(`${arena.name(fn)} Device Status`);
    if (aer === AER && (arena.u32(fn, AER + 0x04) & 0x0010_0000) !== 0) result.add(`${arena.name(fn)} AER`);
  }
  return result;
}

/**
 * Whether a port above a function with Bus Master Enable is closed already: the machine was broken before. A function that sleeps
 * counts too: its driver wakes it in the shutdown.
 */
function refusesAlready({ arena, topology }: Fabric): boolean {
  const open = (fn: number) => (arena.command(fn) & 4) !== 0;
  for (let fn = 0; fn < arena.count; fn++) {
    const closed = open(fn) ? ancestors(topology, fn).find((port) => !open(port)) : undefined;
    if (closed !== undefined && !hasConventionalSecondary(arena, closed)) return true;
  }
  return false;
}

export interface Seen {
  readonly fabric: Fabric;
  readonly result: ShutdownResult;
  readonly isSafe: boolean;
  readonly refusedBefore: boolean;
  /** From the beginning of the shutdown that counts on. */
  readonly refusals: readonly string[];
  /** Before: in the crashed kernel, and while the second one boots. */
  readonly earlierRefusals: readonly string[];
  /** A port refused at the very start. */
  readonly brokenAtStart: boolean;
  readonly completions: number;
  readonly newlyShowing: readonly string[];
}

/**
 * @param at called after each configuration write of the shutdown that counts
 * @param more options of the run
 */
export function shutDown(
  one: Case,
  policy: Policy | readonly Policy[],
  at: (fabric: Fabric) => void = () => {},
  more: (fabric: Fabric) => Partial<ShutdownOptions> = () => ({}),
): Seen {
  const policies = 'id' in policy ? [policy] : policy;
  const { functions, bindings } = plant(one.devices);
  const fabric = new Fabric(functions);
  const { arena } = fabric;
  const random = new Random(one.seed);
  let situation: Situation | undefined;
  let isSafe = false;
  let refusedBefore = false;
  let before = new Set<string>();
  const refusals: string[] = [];
  const earlierRefusals: string[] = [];
  const brokenAtStart = refusesAlready(fabric);
  let completions = 0;
  const every = Array.from({ length: arena.count }, (_, fn) => fn);
  const result = runShutdown(fabric, {
    kernel: parseKernelVersion(one.kernel),
    path: one.path,
    policies,
    bindings: {
      osc: { os_controls: one.osOwnsAer ? ['PME', 'AER', 'PCIeCapability'] : ['PME', 'PCIeCapability'] },
      first_kernel: bindings,
    },
    ...(one.kdump === undefined ? {} : { secondKernelDrivers: new Set(one.kdump) }),
    taughtDrivers,
    ...(one.rate === undefined ? {} : { rates: new Map(every.map((fn) => [fn, one.rate!])) }),
    seed: one.seed,
    ...(one.shuffled ? { order: (order: readonly PciDev[]) => inKernelOrder(order) } : {}),
    onSituation: (now) => {
      situation = now;
      isSafe = allPromise(policies, now);
      refusedBefore = refusesAlready(fabric);
      before = showing(fabric);
    },
    onAttempt: ({ fn, kind, header, delivery }) => {
      if (delivery.outcome === 'unsupported-request')
        (situation === undefined ? earlierRefusals : refusals).push(
          `${kind} of ${arena.name(fn)} at ${delivery.at === NONE ? 'the root complex' : arena.name(delivery.at)}`,
        );
      if (situation === undefined) return;
      // A posted write never has a completion, so the sender reads from the same place as well.
      const { addressHi, addressLo, requesterId } = header;
      const read = fabric.send(memoryRead(requesterId, addressHi, addressLo), fn);
      if (read.completion?.status === 1) completions++;
    },
    onWrite: () => {
      if (situation !== undefined) at(fabric);
    },
    ...more(fabric),
  });
  function inKernelOrder(order: readonly PciDev[]): readonly PciDev[] {
    return situation!.kernel.rules.devicesKset === 'registration'
      ? childrenFirst(order, random)
      : random.shuffled(order);
  }
  const newlyShowing = [...showing(fabric)].filter((name) => !before.has(name));
  return { fabric, result, isSafe, refusedBefore, refusals, earlierRefusals, brokenAtStart, completions, newlyShowing };
}
