/** A machine to work on: its functions, and what is known of its drivers; from a built-in platform or a dump. */

import { formatBdf } from '../config/bdf.ts';
import type { FunctionImage } from '../config/function-image.ts';
import { Fabric } from '../fabric/fabric.ts';
import type { PlatformReaction } from '../fabric/platform-reaction.ts';
import type { RoutingOptions } from '../fabric/routing-options.ts';
import { imagesOf, type LspciDump } from '../formats/lspci-text.ts';
import { defaultOsc, type Osc } from '../linux/bindings.ts';
import type { PciDev } from '../linux/pci-dev.ts';
import type { ShutdownPath } from '../linux/policies/index.ts';
import { PORT_DRIVER } from '../linux/portdrv.ts';
import type { Platform, PlatformScenario } from '../platforms/platform.ts';

/** Plain data: a worker thread can have a copy. */
export interface Machine {
  readonly name: string;
  readonly functions: readonly FunctionImage[];
  /** Drivers under the first kernel, by BDF as the arena spells it. */
  readonly drivers: Readonly<Record<string, string>>;
  /** pcieport binds every port that it matches, whatever `drivers` says. */
  readonly bindsPorts: boolean;
  readonly osc: Osc;
  readonly reaction: PlatformReaction;
  /** What is taken where nothing is asked for. */
  readonly kernel: string;
  readonly path: ShutdownPath;
  readonly kdumpDrivers: readonly string[] | undefined;
  /** What the reader should know, one line each. */
  readonly notes: readonly string[];
  /** What is taken for granted where nobody says who binds; absent where somebody does. */
  readonly bindingNote?: string;
}

const DEFAULT_KERNEL = '6.1';

/** @param scenario whose drivers the kdump kernel has; the first where none is given */
export function machineOfPlatform(platform: Platform, scenario?: PlatformScenario): Machine {
  return {
    name: platform.id,
    functions: platform.functions(),
    drivers: platform.drivers,
    bindsPorts: false,
    osc: { os_controls: platform.osControls },
    reaction: platform.reaction,
    kernel: platform.kernel,
    path: 'crash',
    kdumpDrivers: (scenario ?? platform.scenarios[0])?.kdumpDrivers,
    notes: [],
  };
}

/**
 * The dump's own `Kernel driver in use:` lines bind. A dump without any such line says nothing of drivers: then pcieport binds
 * what it matches, since it is built in, and nothing else is bound.
 */
export function machineOfDump(dump: LspciDump, name: string): Machine {
  const withSegment = dump.functions.some(({ segment }) => segment !== 0);
  const drivers = dump.functions.flatMap(({ segment, routingId, driver }) =>
    driver === undefined ? [] : [[formatBdf(segment, routingId, withSegment), driver] as const],
  );
  const notes = [...dump.warnings];
  const short = dump.functions.filter(({ bytes }) => bytes.length < 256).length;
  if (short > 0)
    notes.push(
      `${name}: ${short} functions have only their header in the dump (lspci without root?); a bridge among them counts as a PCI Express port without error registers`,
    );
  return {
    name,
    functions: imagesOf(dump),
    drivers: Object.fromEntries(drivers),
    bindsPorts: !dump.hasDrivers,
    osc: defaultOsc,
    reaction: 'native',
    kernel: DEFAULT_KERNEL,
    path: 'reboot',
    kdumpDrivers: undefined,
    notes,
    ...(dump.hasDrivers
      ? {}
      : {
          bindingNote: `${name}: no "Kernel driver in use:" line; pcieport is bound to every port, and nothing else is bound`,
        }),
  };
}

/** Driver of a function under the machine's first kernel, null for none. */
export function driverOf(machine: Machine): (dev: PciDev) => string | null {
  return (dev) => machine.drivers[dev.name] ?? (machine.bindsPorts && dev.isForPortDriver ? PORT_DRIVER : null);
}

/**
 * A fabric of the machine, and what its wiring and its capabilities have wrong, one line each.
 * @param options what no register says of the machine, such as where its memory is
 */
export function assemble(machine: Machine, options: RoutingOptions = {}): { fabric: Fabric; problems: string[] } {
  const fabric = new Fabric(machine.functions, options);
  const { arena, topology } = fabric;
  const line = (fn: number, text: string) => `${machine.name}: ${arena.name(fn)}: ${text}`;
  const ofCapabilities = arena.layout.flatMap(({ problems }, fn) =>
    problems.map(({ offset, text }) => line(fn, `at 0x${offset.toString(16)}: ${text}`)),
  );
  return { fabric, problems: [...topology.problems.map(({ fn, text }) => line(fn, text)), ...ofCapabilities] };
}
