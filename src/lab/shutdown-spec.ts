/** A shutdown as plain data: what the command line, a worker and a scenario file have in common. */
import { formatBdf, parseBdf } from '../config/bdf.ts';
import type { Fabric } from '../fabric/fabric.ts';
import { type PlatformReaction, platformReactions } from '../fabric/platform-reaction.ts';
import { InputError } from '../formats/input-error.ts';
import type { Bindings, FunctionBinding } from '../linux/bindings.ts';
import { driverKey, type EndpointDriver } from '../linux/endpoint-drivers.ts';
import { kernelRules } from '../linux/kernel-rules.ts';
import { parseKernelVersion } from '../linux/kernel-version.ts';
import { expectNoContradiction, type Policy, policyNamed, shutdownPaths } from '../linux/policies/index.ts';
import { driverOf, type Machine } from './machine.ts';
import type { ShutdownOptions } from './shutdown-run.ts';

export interface ShutdownSpec {
  readonly kernel: string;
  readonly path: string;
  readonly policies: readonly string[];
  readonly bindings: Bindings;
  /** Drivers of the second kernel, beside pcieport; absent: all that the first kernel has. */
  readonly kdumpDrivers?: readonly string[] | undefined;
  readonly taughtDrivers: Readonly<Record<string, EndpointDriver>>;
  readonly reaction: string;
  readonly dma: 'all' | 'none' | readonly string[];
  /** Mean memory writes between two configuration writes, by BDF, or `*` for every function. */
  readonly rates: Readonly<Record<string, number>>;
  /** Functions that go on sending with their Bus Master Enable clear. */
  readonly ignoreBme: readonly string[];
  /** Functions that a live update carries across kexec; none where not given. */
  readonly preserve?: readonly string[];
}

/** What a machine does when nothing is said. */
export function defaultSpec(machine: Machine): ShutdownSpec {
  return {
    kernel: machine.kernel,
    path: machine.path,
    policies: ['baseline'],
    bindings: { osc: machine.osc },
    kdumpDrivers: machine.kdumpDrivers,
    taughtDrivers: {},
    reaction: machine.reaction,
    dma: 'all',
    rates: {},
    ignoreBme: [],
  };
}

/**
 * The spec's names turned into what the model takes.
 * @param seed of what rates draw
 * @throws InputError naming the option and the value, for a kernel, policy, path, reaction or function that is not there, and for
 * policies that contradict each other
 */
export function optionsOf(spec: ShutdownSpec, machine: Machine, fabric: Fabric, seed = 0): ShutdownOptions {
  const { arena } = fabric;
  const fn = (where: string, bdf: string) => functionNamed(fabric, where, bdf);
  const rates = new Map<number, number>();
  for (const [bdf, rate] of Object.entries(spec.rates))
    if (bdf === '*') for (let i = 0; i < arena.count; i++) rates.set(i, rates.get(i) ?? rate);
    else rates.set(fn('--rate', bdf), rate);
  const path = oneOf('--path', shutdownPaths, spec.path);
  const { dma, preserve = [] } = spec;
  const kernel = named('--kernel', () => parseKernelVersion(spec.kernel));
  const policies = [...new Set(spec.policies)].map(policyOf);
  named('--policy', () => expectNoContradiction(policies, kernelRules(kernel)));
  const preserving = policies.find(({ preserves }) => preserves);
  if (preserving !== undefined && preserve.length === 0)
    throw new InputError(`--policy: ${preserving.id} expects the functions of --preserve, got none`);
  if (preserving === undefined && preserve.length > 0)
    throw new InputError(`--preserve: expected a policy that preserves functions, got ${spec.policies.join(', ')}`);
  return {
    kernel,
    path,
    policies,
    preserve: new Set(preserve.map((bdf) => fn('--preserve', bdf))),
    bindings: {
      ...spec.bindings,
      ...(spec.bindings.first_kernel
        ? { first_kernel: spelled(fabric, 'first_kernel', spec.bindings.first_kernel) }
        : {}),
      ...(spec.bindings.second_kernel
        ? { second_kernel: spelled(fabric, 'second_kernel', spec.bindings.second_kernel) }
        : {}),
    },
    drivers: driverOf(machine),
    ...(spec.kdumpDrivers === undefined ? {} : { secondKernelDrivers: new Set(spec.kdumpDrivers) }),
    taughtDrivers: new Map(Object.entries(spec.taughtDrivers).map(([name, driver]) => [driverKey(name), driver])),
    platform: oneOf<PlatformReaction>('--reaction', platformReactions, spec.reaction),
    dma: typeof dma === 'string' ? dma : new Set(dma.map((bdf) => fn('--dma', bdf))),
    ...(rates.size === 0 ? {} : { rates, seed }),
    ignoreBusMasterEnable: new Set(spec.ignoreBme.map((bdf) => fn('--ignore-bme', bdf))),
  };
}

/** @throws InputError when there is no policy of that name */
export function policyOf(id: string): Policy {
  return named('--policy', () => policyNamed(id));
}

/** @throws InputError when the text is no BDF, or the function is not there */
export function functionNamed(fabric: Fabric, where: string, bdf: string): number {
  const address = parseBdf(bdf);
  if (address === undefined) throw new InputError(`${where}: expected a function such as 07:00.0, got "${bdf}"`);
  const fn = fabric.arena.find(address.segment, address.routingId);
  if (fn < 0)
    throw new InputError(
      `${where}: expected a function of the machine, got ${formatBdf(address.segment, address.routingId)}, which is not there`,
    );
  return fn;
}

/** The bindings with their functions spelled as the arena spells them. */
function spelled(fabric: Fabric, list: string, bindings: readonly FunctionBinding[]): FunctionBinding[] {
  return bindings.map((binding, i) => {
    const bdf = fabric.arena.name(functionNamed(fabric, `--bindings ${list}[${i}]`, binding.bdf));
    return { ...binding, bdf };
  });
}

function named<T>(where: string, find: () => T): T {
  try {
    return find();
  } catch (error) {
    throw new InputError(`${where}: ${(error as Error).message}`);
  }
}

function oneOf<T extends string>(where: string, choices: readonly T[], value: string): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new InputError(`${where}: expected one of ${choices.join(', ')}, got "${value}"`);
  return choice;
}
