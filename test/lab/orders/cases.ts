/** A random case as the options of a shutdown, and an order of functions as a shutdown takes it. */
import type { Fabric } from '../../../src/fabric/fabric.ts';
import type { ShutdownOptions } from '../../../src/lab/shutdown-run.ts';
import { parseKernelVersion } from '../../../src/linux/kernel-version.ts';
import type { Policy } from '../../../src/linux/policies/index.ts';
import { plant, taughtDrivers } from '../../generators/trees.ts';
import type { Case } from '../shutdowns.ts';

export function ordered(fabric: Fabric, order: readonly number[]): NonNullable<ShutdownOptions['order']> {
  const { arena } = fabric;
  return (devices) => order.map((fn) => devices.find((dev) => arena.find(dev.segment, dev.routingId) === fn)!);
}

export function optionsOf(one: Case, policy: Policy): ShutdownOptions {
  return {
    kernel: parseKernelVersion(one.kernel),
    path: one.path,
    policies: [policy],
    bindings: {
      osc: { os_controls: one.osOwnsAer ? ['PME', 'AER', 'PCIeCapability'] : ['PME', 'PCIeCapability'] },
      first_kernel: plant(one.devices).bindings,
    },
    ...(one.kdump === undefined ? {} : { secondKernelDrivers: new Set(one.kdump) }),
    taughtDrivers,
  };
}

export function* permutations(items: readonly number[]): Generator<number[]> {
  if (items.length === 0) yield [];
  for (const item of items)
    for (const rest of permutations(items.filter((other) => other !== item))) yield [item, ...rest];
}
