/** What endpoint drivers' `.shutdown` does, as far as the fabric can see it. Read in 6.12; hpsa, ahci, e1000e, nvme, be2net in 5.10 too. */
import { freeHandledVectors } from './msi.ts';
import { pciClearMaster, pciDisableDevice } from './pci-command.ts';
import type { PciDev } from './pci-dev.ts';
import { enterD3hot } from './power.ts';

export interface EndpointDriver {
  /** The device makes no more memory requests once `.shutdown` has run. */
  readonly stopsDma: boolean;
  /** How Bus Master Enable falls: not; by pci_disable_device(), when the count reaches 0; by pci_clear_master(). */
  readonly clearsBme: 'no' | 'disable' | 'clear-master';
  /** MSI and MSI-X are given back. */
  readonly freesVectors: boolean;
  /** The function goes to D3hot when the machine is powered off (not at a reboot). */
  readonly d3hotOnPoweroff?: boolean;
  /** With `reset_devices`, its probe disables and resets the device first: hpsa_init_reset_devices(), drivers/scsi/hpsa.c. */
  readonly heedsResetDevices?: boolean;
  /** Device-specific registers that it writes back: offset, value, size. */
  readonly writes?: readonly (readonly [number, number, 1 | 2 | 4])[];
}

const nothing: EndpointDriver = { stopsDma: false, clearsBme: 'no', freesVectors: false };
const disables: EndpointDriver = { stopsDma: true, clearsBme: 'disable', freesVectors: true };
const keepsBme: EndpointDriver = { stopsDma: true, clearsBme: 'no', freesVectors: true };

export const endpointDrivers: Readonly<Record<string, EndpointDriver>> = {
  nvme: disables,
  ixgbe: { ...disables, d3hotOnPoweroff: true },
  igb: { ...disables, d3hotOnPoweroff: true },
  e1000: disables,
  e1000e: { ...disables, clearsBme: 'clear-master' },
  i40e: { ...keepsBme, d3hotOnPoweroff: true },
  mlx5_core: { ...disables, freesVectors: false },
  be2net: { ...disables, freesVectors: false },
  tg3: disables,
  bnxt_en: disables,
  ahci: { ...keepsBme, freesVectors: false },
  megaraid_sas: keepsBme,
  hpsa: { ...disables, heedsResetDevices: true },
  mpt3sas: keepsBme,
  xhci_hcd: disables,
  /** No `.shutdown`. */
  virtio_pci: nothing,
  lpc_ich: nothing,
  /** Writes the host configuration back that the BIOS had left (SMBHSTCFG: host enable). */
  i801_smbus: { ...nothing, writes: [[0x40, 0x01, 1]] },
};

/** Module names are spelled with - and _ alike. */
export function driverKey(name: string): string {
  return name.replaceAll('-', '_');
}

/** The driver's behaviour; undefined where no table knows it. `taught` comes first. */
export function endpointDriver(name: string, taught: ReadonlyMap<string, EndpointDriver>): EndpointDriver | undefined {
  const key = driverKey(name);
  return taught.get(key) ?? (Object.hasOwn(endpointDrivers, key) ? endpointDrivers[key] : undefined);
}

export function endpointShutdown(dev: PciDev, driver: EndpointDriver, poweringOff: boolean): void {
  for (const [offset, value, size] of driver.writes ?? []) dev.write(offset, size, value);
  if (driver.freesVectors) freeHandledVectors(dev);
  if (driver.clearsBme === 'disable') pciDisableDevice(dev);
  if (driver.clearsBme === 'clear-master') pciClearMaster(dev);
  if (driver.d3hotOnPoweroff && poweringOff) enterD3hot(dev);
}
