/** A remedy: what it changes in the kernels that run, and what it promises. One small file each; `index.ts` lists them. */

import type { AccessSize } from '../../config/registers.ts';
import { COMMAND, COMMAND_BUS_MASTER_ENABLE } from '../../spec/constants.ts';
import type { FunctionBinding } from '../bindings.ts';
import { type EndpointDriver, endpointDriver } from '../endpoint-drivers.ts';
import type { ClearMasterRule, Kernel } from '../kernel.ts';
import type { KernelRules } from '../kernel-rules.ts';
import { PCI_D0, PCI_D3HOT, type PciDev } from '../pci-dev.ts';
import { PORT_DRIVER } from '../portdrv.ts';
import { powerStateOf } from '../power.ts';

export const shutdownPaths = ['reboot', 'poweroff', 'kexec', 'crash'] as const;
export type ShutdownPath = (typeof shutdownPaths)[number];

/** What a kdump kernel does with an IOMMU that it finds on: as Linux does, as with `intel_iommu=off`, or as if it were a first kernel. */
export type KdumpIommu = 'copies' | 'switches off' | 'starts anew';

/** What a promise may look at: the kernel that shuts down, before it does. */
export interface Situation {
  readonly kernel: Kernel;
  readonly path: ShutdownPath;
  /** The functions that may still send a memory write, an MSI among them, when the shutdown begins. */
  readonly senders: readonly PciDev[];
}

/**
 * When a remedy acts: a setting of hardware or firmware, before anything else; a person, before the crash; the crashed kernel, before
 * the jump; the kdump kernel's boot; a shutdown.
 */
export type PolicyPhase = 'hardware' | 'user' | 'crash' | 'boot' | 'shutdown';

/** A configuration write that is worked out before it is made. */
export interface TableWrite {
  readonly dev: PciDev;
  readonly offset: number;
  readonly size: AccessSize;
  readonly value: number;
}

export interface Policy {
  readonly id: string;
  readonly phase: PolicyPhase;
  readonly does: string;
  readonly promises: string;
  /**
   * True where the promise covers the situation: then no order that the kernel itself makes gives an Unsupported Request from there on. No remedy
   * promises anything for a machine that refuses already: see `bridgesForward`.
   */
  readonly isSafe: (situation: Situation) => boolean;
  readonly source: string;
  readonly status: string;
  /** Instead of the path that was asked for. */
  readonly path?: ShutdownPath;
  /** It stands for a release: its rules come before those of all others. */
  readonly isRelease?: boolean;
  /** Other rules than the release's for the kernel that shuts down. */
  readonly rules?: (rules: KernelRules) => KernelRules;
  /** Instead of the kernel's own condition for clearing Bus Master Enable. */
  readonly clearMasterRule?: ClearMasterRule;
  /** What it does with the IOMMU, on a machine that has one; `copies` where not given. */
  readonly kdumpIommu?: KdumpIommu;
  /** Changes a function's binding under the second kernel, given the one under the first. */
  readonly secondBinding?: (second: FunctionBinding, first: FunctionBinding) => FunctionBinding;
  /** Works for nobody without functions that a live update preserves. */
  readonly preserves?: boolean;
  /** Its outcome depends on an IOMMU. */
  readonly needsIommu?: boolean;
  /** Settings that hold before anything else happens. */
  readonly setUp?: (first: Kernel) => void;
  /** In the first kernel, before it crashes; `leftOut`: functions that the second kernel has no driver for. */
  readonly beforeCrash?: (first: Kernel, leftOut: ReadonlySet<string>) => void;
  /** Worked out when the crash kernel is loaded; written after the panic, before the jump, without a read. */
  readonly crashTable?: (first: Kernel) => readonly TableWrite[];
  /** In the crashed kernel, after the panic and before the jump. */
  readonly atCrash?: (first: Kernel) => void;
  /** In the kdump kernel, before it enumerates. */
  readonly atBoot?: (second: Kernel) => void;
  /** In the kernel that shuts down, once drivers have probed: at the end of a second kernel's boot, else just before the shutdown. */
  readonly whenProbed?: (kernel: Kernel) => void;
  /** At the end of the second kernel's boot. */
  readonly afterBoot?: (second: Kernel) => void;
}

/** pci_device_shutdown()'s own condition: `kexec_in_progress && current_state <= PCI_D3hot`. */
export const kexecOnly: ClearMasterRule = (kernel, dev) => kernel.kexecInProgress && dev.currentState <= PCI_D3HOT;

/**
 * Every bridge above a function that may send, now or once its driver has woken it, forwards requests: Bus Master Enable is set, and
 * it is in D0. Where one does not, the machine refuses already.
 */
export function bridgesForward(situation: Situation): boolean {
  return sendersAndSleepers(situation).every((dev) => {
    for (let bridge = dev.bridge; bridge !== undefined; bridge = bridge.bridge)
      if ((bridge.read(COMMAND, 2) & COMMAND_BUS_MASTER_ENABLE) === 0 || powerStateOf(bridge) !== PCI_D0) return false;
    return true;
  });
}

/** A function that sleeps sends nothing when the shutdown begins, and may once its turn has come: its driver wakes it first. */
function sendersAndSleepers({ kernel, senders }: Situation): readonly PciDev[] {
  return [...senders, ...kernel.devices.filter((dev) => dev.runtimeSuspended)];
}

/** Bridges keep Bus Master Enable: no driver disables one, and no sweep runs. */
export function bridgesAreKept({ kernel, path }: Situation): boolean {
  return path !== 'kexec' && !kernel.devices.some((dev) => dev.isBridge && clearsBme(kernel, dev));
}

/** Bridges keep Bus Master Enable, but for those whose port driver disables them. */
export function onlyPortDriverCloses({ kernel, path }: Situation): boolean {
  return (
    path !== 'kexec' &&
    !kernel.devices.some((dev) => dev.isBridge && dev.driver !== PORT_DRIVER && clearsBme(kernel, dev))
  );
}

/** Every sender is stopped by its own driver, which has its turn before the bridges above have theirs. */
export function driversStopAll(situation: Situation): boolean {
  const { kernel } = situation;
  return childrenFirst(kernel) && sendersAndSleepers(situation).every((dev) => isStoppedByDriver(kernel, dev));
}

/** The list runs from leaves to root: true for registration order. */
export function childrenFirst(kernel: Kernel): boolean {
  return kernel.rules.devicesKset === 'registration';
}

/** A sweep under `current_state <= PCI_D3hot` reaches the sender, or its driver stops it. */
export function sweepReaches({ kernel }: Situation, dev: PciDev): boolean {
  return dev.currentState <= PCI_D3HOT || isStoppedByDriver(kernel, dev);
}

function isStoppedByDriver(kernel: Kernel, dev: PciDev): boolean {
  return clearsBme(kernel, dev) || (driverOf(kernel, dev)?.stopsDma ?? false);
}

/** The driver's shutdown clears the function's own Bus Master Enable: pci_disable_device() does so on the count's way to 0 only. */
function clearsBme(kernel: Kernel, dev: PciDev): boolean {
  if (dev.driver === PORT_DRIVER) return kernel.rules.portShutdown === 'remove' && dev.enableCnt === 1;
  const how = driverOf(kernel, dev)?.clearsBme ?? 'no';
  return how === 'clear-master' || (how === 'disable' && dev.enableCnt === 1);
}

function driverOf(kernel: Kernel, dev: PciDev): EndpointDriver | undefined {
  return dev.driver === null || dev.driver === PORT_DRIVER
    ? undefined
    : endpointDriver(dev.driver, kernel.taughtDrivers);
}
