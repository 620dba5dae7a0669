/** One running kernel: its devices, its rules, and the log of what it writes. */
import type { AccessSize } from '../config/registers.ts';
import { COMMAND, COMMAND_BUS_MASTER_ENABLE } from '../spec/constants.ts';
import { defaultOsc, type FunctionBinding, type Osc } from './bindings.ts';
import { moveBridges, moveProbed, scanFunctions } from './device-list.ts';
import type { EndpointDriver } from './endpoint-drivers.ts';
import type { PciHost } from './host.ts';
import type { KernelRules } from './kernel-rules.ts';
import { PCI_D0, PCI_D3COLD, PCI_UNKNOWN, type PciDev, powerStateNames } from './pci-dev.ts';
import { recordedServices, servicesOf } from './port-services.ts';
import { PORT_DRIVER } from './portdrv.ts';
import { powerStateOf, powerUp } from './power.ts';

/** A configuration write: function, offset, value, bytes. */
export interface ConfigWrite {
  readonly dev: PciDev;
  readonly offset: number;
  readonly value: number;
  readonly size: AccessSize;
  /** Command register before and after. */
  readonly commandBefore: number;
  readonly commandAfter: number;
}

export interface KernelHooks {
  /** After each configuration write. */
  onWrite?(write: ConfigWrite): void;
  /** Before a function's turn in device_shutdown. */
  onShutdown?(dev: PciDev): void;
  /** The driver's `.shutdown` has stopped the device's DMA. */
  onDmaStopped?(dev: PciDev): void;
  /** A driver is bound that no table knows. */
  onUnknownDriver?(dev: PciDev): void;
}

/** Step 3 of pci_device_shutdown(): whether Bus Master Enable is then cleared. */
export type ClearMasterRule = (kernel: Kernel, dev: PciDev) => boolean;

export class Kernel {
  readonly rules: KernelRules;
  readonly osc: Osc;
  /** In scan order. */
  readonly devices: readonly PciDev[];
  /** Others may take their place between two shutdowns. */
  hooks: KernelHooks;
  readonly taughtDrivers: ReadonlyMap<string, EndpointDriver>;
  kexecInProgress = false;
  /** `system_state == SYSTEM_POWER_OFF`. */
  poweringOff = false;
  isKdumpKernel = false;
  /** Functions that a live update carries across kexec, and the bridges above them. */
  preserved: ReadonlySet<PciDev> = new Set();
  clearMasterRule: ClearMasterRule;
  readonly #host: PciHost;

  constructor(
    host: PciHost,
    rules: KernelRules,
    options: {
      osc?: Osc | undefined;
      hooks?: KernelHooks;
      taughtDrivers?: ReadonlyMap<string, EndpointDriver>;
      clearMasterRule: ClearMasterRule;
    },
  ) {
    this.#host = host;
    this.rules = rules;
    this.osc = options.osc ?? defaultOsc;
    this.hooks = options.hooks ?? {};
    this.taughtDrivers = options.taughtDrivers ?? new Map();
    this.clearMasterRule = options.clearMasterRule;
    this.devices = scanFunctions(host, (dev, offset, size, value) => {
      // The log reads Command, which the kernel does not: nothing is read where nobody listens.
      const listens = this.hooks.onWrite !== undefined;
      const commandBefore = listens ? dev.read(COMMAND, 2) : 0;
      host.configWrite(dev.segment, dev.routingId, offset, size, value);
      if (!listens) return;
      const commandAfter = dev.read(COMMAND, 2);
      this.hooks.onWrite?.({ dev, offset, value, size, commandBefore, commandAfter });
    });
  }

  /** devices_kset, head first. */
  get devicesKset(): readonly PciDev[] {
    const { devicesKset } = this.rules;
    if (devicesKset === 'probe-moves') return moveProbed(this.devices, PORT_DRIVER);
    return devicesKset === 'bridges-last' ? moveBridges(this.devices) : this.devices;
  }

  /** Every function before the bridges above it: the order in which nothing is left open behind what is closed. */
  get leavesFirst(): readonly PciDev[] {
    return [...this.devices].reverse();
  }

  /** Tells the platform's host bridges to take no more requests from below, where the host has that. */
  blockInbound(): void {
    this.#host.blockInbound?.();
  }

  /**
   * Takes over what the bindings say of each function, with the defaults for what they don't.
   * @param drivers driver of a function that the bindings do not name
   */
  bind(bindings: readonly FunctionBinding[], drivers: (dev: PciDev) => string | null): void {
    const byName = new Map(bindings.map((binding) => [binding.bdf, binding]));
    for (const dev of this.devices) {
      const given = byName.get(dev.name);
      let driver = given?.driver === undefined ? drivers(dev) : given.driver;
      if (driver === PORT_DRIVER && !this.rules.portDriverBinds) driver = null;
      dev.driver = driver;
    }
    // Children first, because enabling one enables the bridges above it, bound or not: pci_enable_bridge(), drivers/pci/pci.c.
    for (const dev of [...this.devices].reverse()) this.#adopt(dev, byName.get(dev.name));
  }

  #adopt(dev: PciDev, given: FunctionBinding | undefined): void {
    const enabledBelow = dev.subordinate.some((child) => child.enableCnt > 0);
    // Without pcieport, a count that was recorded with it no longer holds.
    const recorded = dev.driver === null && given?.driver === PORT_DRIVER ? undefined : given;
    dev.enableCnt = recorded?.enable_count ?? (dev.driver !== null || enabledBelow ? 1 : 0);
    const state = powerStateNames.indexOf((recorded?.power_state ?? '') as (typeof powerStateNames)[number]);
    if (state >= 0) dev.currentState = state;
    else if (dev.read(0, 4) === 0xffffffff) dev.currentState = PCI_D3COLD;
    else dev.currentState = dev.enableCnt > 0 || this.rules.stateAtEnumeration === 'D0' ? PCI_D0 : PCI_UNKNOWN;
    dev.isBusmaster = dev.enableCnt > 0 && (dev.read(COMMAND, 2) & COMMAND_BUS_MASTER_ENABLE) !== 0;
    // Without a word on it: a bound function that sleeps was put to sleep by runtime PM.
    dev.runtimeSuspended =
      given?.runtime === undefined
        ? dev.driver !== null && powerStateOf(dev) !== PCI_D0
        : given.runtime === 'suspended';
    if (dev.driver === PORT_DRIVER)
      dev.services =
        recorded?.services === undefined
          ? servicesOf(dev, this.rules, this.osc)
          : recordedServices(dev, recorded.services, this.rules, this.osc);
  }

  /** pm_runtime_resume(): the bridges above first. */
  resume(dev: PciDev): void {
    if (!dev.runtimeSuspended) return;
    if (dev.bridge !== undefined) this.resume(dev.bridge);
    dev.runtimeSuspended = false;
    powerUp(dev);
  }
}
