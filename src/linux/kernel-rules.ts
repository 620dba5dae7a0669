/** What differs between kernel releases in a shutdown's way through PCI, one switch a behaviour. */
import { expectKernelVersion, isBefore, type KernelVersion } from './kernel-version.ts';

export interface KernelRules {
  /** pcieport's `.shutdown`: none; the same as `.remove`, which disables the port; or its own, which leaves the port enabled. */
  readonly portShutdown: 'none' | 'remove' | 'services-only';
  /** devices_kset: registration order; each probe moves the probed device alone to the tail; or so, with bridges probed last. */
  readonly devicesKset: 'registration' | 'probe-moves' | 'bridges-last';
  /** `current_state` of a function that no driver ever enabled. */
  readonly stateAtEnumeration: 'unknown' | 'D0';
  /** AER's removal also clears Device Control's reporting enables of the root port and every port below it. */
  readonly aerRemovalClearsReporting: boolean;
  /** The AER service (and with it an interrupt vector) is offered on every port with the capability, or on root ports only. */
  readonly aerServiceOn: 'every port' | 'root ports';
  /** The bandwidth controller is a port service. */
  readonly bandwidthControl: boolean;
  /** pcieport binds; `pcie_ports=compat` says no. */
  readonly portDriverBinds: boolean;
  /** pcieport's `.shutdown` first clears Bus Master Enable of all that lies below the port: no release does, a remedy may. */
  readonly portShutdownClearsBelow: boolean;
  /** `pci_aer_available()`; `pci=noaer` says no. */
  readonly aerAvailable: boolean;
  /** The parameter `reset_devices`. */
  readonly resetDevices: boolean;
}

interface Change {
  readonly from: KernelVersion;
  readonly rules: Partial<KernelRules>;
  readonly source: string;
}

const first: KernelRules = {
  portShutdown: 'none',
  devicesKset: 'probe-moves',
  stateAtEnumeration: 'unknown',
  aerRemovalClearsReporting: true,
  aerServiceOn: 'every port',
  bandwidthControl: false,
  portDriverBinds: true,
  portShutdownClearsBelow: false,
  aerAvailable: true,
  resetDevices: false,
};

/** In order of release; each holds until a later one says otherwise. */
export const kernelChanges: readonly Change[] = [
  {
    from: { major: 4, minor: 18 },
    rules: { portShutdown: 'remove', devicesKset: 'registration' },
    source: 'cc27b735ad3a (portdrv), 722e5f2b1eec (devices_kset)',
  },
  {
    from: { major: 6, minor: 3 },
    rules: { portShutdown: 'services-only', aerRemovalClearsReporting: false, aerServiceOn: 'root ports' },
    source: '62b6dee1b44a (portdrv); AER read in 6.1 and 6.12',
  },
  {
    from: { major: 6, minor: 13 },
    rules: { bandwidthControl: true },
    source: 'drivers/pci/pcie/bwctrl.c, seen in 7.3',
  },
  // Between 6.12 (unknown) and 7.2 (D0) by reading; 6.16 is where it is said to have changed.
  { from: { major: 6, minor: 16 }, rules: { stateAtEnumeration: 'D0' }, source: 'pci_pm_init(), read in 7.2' },
];

/** @throws RangeError when the release is none that the model knows */
export function kernelRules(version: KernelVersion): KernelRules {
  expectKernelVersion(version);
  const changes = kernelChanges.filter((change) => !isBefore(version, change.from));
  return Object.assign({}, first, ...changes.map(({ rules }) => rules));
}
