/** The flags of a shutdown, shared by the verbs that run one. */
import type { Command } from 'commander';
import { platformReactions } from '../fabric/platform-reaction.ts';
import { readBindings } from '../formats/bindings-json.ts';
import { InputError } from '../formats/input-error.ts';
import type { Machine } from '../lab/machine.ts';
import { type OrderKind, orderKinds } from '../lab/orders/order-kinds.ts';
import { defaultSpec, type ShutdownSpec } from '../lab/shutdown-spec.ts';
import type { EndpointDriver } from '../linux/endpoint-drivers.ts';
import { shutdownPaths } from '../linux/policies/index.ts';
import { loadText } from './load-dump.ts';

export interface ShutdownFlags {
  readonly kernel?: string;
  readonly path?: string;
  readonly bindings?: string;
  readonly policy?: string;
  readonly kdumpDrivers?: string;
  readonly driver: readonly string[];
  readonly dma?: string;
  readonly rate?: string;
  readonly ignoreBme?: string;
  readonly preserve?: string;
  readonly reaction?: string;
  readonly seed: string;
}

const collect = (value: string, before: readonly string[]) => [...before, value];

export function addShutdownFlags(command: Command): Command {
  return command
    .option('--kernel <release>', 'kernel release, 4.3 to 7.3, such as 6.1 or 6.1.192')
    .option('--path <path>', `one of ${shutdownPaths.join(', ')}`)
    .option(
      '--bindings <file>',
      'JSON: osc, first_kernel, second_kernel; else the dump’s "Kernel driver in use:" lines',
    )
    .option('--policy <ids>', 'remedies, comma-separated; see `rootport policies`')
    .option(
      '--kdump-drivers <names>',
      'drivers that the second kernel has, comma-separated, beside pcieport; default: all',
    )
    .option('--driver <name=what>', 'teach a driver: NAME=stops,clears,frees or NAME=none (repeatable)', collect, [])
    .option('--dma <who>', 'who sends: all, none, or functions, comma-separated')
    .option('--rate <rates>', 'mean memory writes between two config writes: N, or BDF=N,…; default: always tries')
    .option('--ignore-bme <bdfs>', 'functions that go on sending with their Bus Master Enable clear (a fault)')
    .option('--preserve <bdfs>', 'functions that a live update carries across kexec, for live-update-preserve')
    .option('--reaction <platform>', `what firmware does: ${platformReactions.join(', ')}`)
    .option('--seed <number>', 'seed of what is random', '1');
}

const list = (text: string) => text.split(',').filter((item) => item !== '');

/** @throws InputError naming the flag, what was expected and what was given */
export async function specFromFlags(flags: ShutdownFlags, machine: Machine): Promise<ShutdownSpec> {
  const defaults = defaultSpec(machine);
  const bindings =
    flags.bindings === undefined
      ? undefined
      : readBindings(await loadText(flags.bindings, 'a bindings file'), flags.bindings);
  return {
    kernel: flags.kernel ?? defaults.kernel,
    path: flags.path ?? defaults.path,
    policies: flags.policy === undefined ? defaults.policies : nonEmpty('--policy', list(flags.policy)),
    bindings: { ...defaults.bindings, ...bindings },
    kdumpDrivers: flags.kdumpDrivers === undefined ? defaults.kdumpDrivers : list(flags.kdumpDrivers),
    taughtDrivers: Object.fromEntries(flags.driver.map(taughtDriver)),
    reaction: flags.reaction ?? defaults.reaction,
    dma:
      flags.dma === undefined || flags.dma === 'all'
        ? 'all'
        : flags.dma === 'none'
          ? 'none'
          : nonEmpty('--dma', list(flags.dma)),
    rates: flags.rate === undefined ? {} : rates(flags.rate),
    ignoreBme: flags.ignoreBme === undefined ? [] : list(flags.ignoreBme),
    ...(flags.preserve === undefined ? {} : { preserve: nonEmpty('--preserve', list(flags.preserve)) }),
  };
}

/** The `--orders` flag, of the verbs that go over orders. */
export function addOrdersFlag(command: Command): Command {
  return command.option(
    '--orders <kind>',
    'any; async: what is behind a bridge before the bridge; kset: what probes can make of the device list',
    'any',
  );
}

/** @throws InputError when there is no such kind */
export function orderKind(text: string): OrderKind {
  const kind = orderKinds.find((one) => one === text);
  if (kind === undefined) throw new InputError(`--orders: expected one of ${orderKinds.join(', ')}, got "${text}"`);
  return kind;
}

/** What the machine's reader should know before a shutdown on it. */
export function machineNotes(machine: Machine, spec: ShutdownSpec): string[] {
  const assumed = machine.bindingNote !== undefined && spec.bindings.first_kernel === undefined;
  return assumed ? [...machine.notes, machine.bindingNote] : [...machine.notes];
}

export function wholeNumber(flag: string, text: string, from: number, to = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= from && value <= to)) {
    const range = to === Number.MAX_SAFE_INTEGER ? `from ${from} on` : `from ${from} to ${to}`;
    throw new InputError(`${flag}: expected a whole number ${range}, got "${text}"`);
  }
  return value;
}

function nonEmpty(flag: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) throw new InputError(`${flag}: expected at least one name, got none`);
  return items;
}

function taughtDriver(text: string): [string, EndpointDriver] {
  const match = /^([^=]+)=(.+)$/.exec(text);
  const words = match === null ? [] : list(match[2]!);
  const known = ['stops', 'clears', 'frees', 'none'];
  if (match === null || words.length === 0 || words.some((word) => !known.includes(word)))
    throw new InputError(`--driver: expected NAME=stops,clears,frees or NAME=none, got "${text}"`);
  return [
    match[1]!,
    {
      stopsDma: words.includes('stops'),
      clearsBme: words.includes('clears') ? 'disable' : 'no',
      freesVectors: words.includes('frees'),
    },
  ];
}

function rates(text: string): Record<string, number> {
  const result = new Map<string, number>();
  for (const item of nonEmpty('--rate', list(text))) {
    const parts = item.split('=');
    const [bdf, value] = parts.length === 1 ? ['*', item] : (parts as [string, string]);
    const rate = parts.length > 2 || value.trim() === '' ? Number.NaN : Number(value);
    if (!(rate >= 0 && rate < Number.POSITIVE_INFINITY))
      throw new InputError(`--rate: expected a number from 0 on, or BDF=number, got "${item}"`);
    result.set(bdf, rate);
  }
  // Not by assignment, which would set the object's prototype for a BDF given as __proto__, and lose that there is no such function.
  return Object.fromEntries(result);
}
