/** What the boot of a second kernel leaves in the registers that its shutdown reads: Command, MSI, reporting enables. Its writes are not those of a trace. */
import * as C from '../spec/constants.ts';
import type { FunctionBinding } from './bindings.ts';
import { endpointDriver } from './endpoint-drivers.ts';
import type { Kernel } from './kernel.ts';
import { enableMsi, msiEnabled, msixEnabled } from './msi.ts';
import { pciClearMaster, pciEnableBridge, pciEnableDevice, pciSetMaster } from './pci-command.ts';
import type { PciDev } from './pci-dev.ts';
import { offersServices, REPORTING_ENABLES, ROOT_INTERRUPTS } from './port-services.ts';
import { PORT_DRIVER } from './portdrv.ts';

/**
 * Enumeration disarms MSI and MSI-X everywhere; then drivers probe. Functions without a driver keep Bus Master Enable as they
 * had it. Where the bindings record a Command register, it is taken as recorded.
 */
export function bootSecondKernel(
  kernel: Kernel,
  bindings: readonly FunctionBinding[] | undefined,
  drivers: (dev: PciDev) => string | null,
): void {
  const hadVectors = new Map(
    kernel.devices.map((dev) => [dev, msixEnabled(dev) ? 'msi-x' : msiEnabled(dev) ? 'msi' : 'none']),
  );
  for (const dev of kernel.devices) disarm(dev);
  kernel.bind(bindings ?? [], drivers);
  const commands = new Map((bindings ?? []).map(({ bdf, command }) => [bdf, command]));
  for (const dev of kernel.devices)
    if (dev.driver !== null && commands.get(dev.name) === undefined) probe(kernel, dev);
    else if (dev.driver !== null && dev.bridge !== undefined) pciEnableBridge(dev.bridge);
  // What is recorded was seen after all drivers had probed.
  for (const dev of kernel.devices) {
    const command = commands.get(dev.name);
    if (command !== undefined) dev.write(C.COMMAND, 2, Number.parseInt(command, 16));
  }
  for (const dev of kernel.devices) {
    if (dev.driver !== null && wantsVectors(dev, commands.get(dev.name))) arm(dev, hadVectors.get(dev) ?? 'none');
    if (dev.driver === PORT_DRIVER) enableServices(dev);
  }
}

/** pci_msi_init(), pci_msix_init(). */
function disarm(dev: PciDev): void {
  if (msiEnabled(dev)) setMsi(dev, dev.msiCap + C.MSI_MESSAGE_CONTROL, C.MSI_MESSAGE_CONTROL_MSI_ENABLE, false);
  if (msixEnabled(dev)) setMsi(dev, dev.msixCap + C.MSI_X_MESSAGE_CONTROL, C.MSI_X_MESSAGE_CONTROL_MSI_X_ENABLE, false);
}

function setMsi(dev: PciDev, offset: number, enable: number, on: boolean): void {
  const control = dev.read(offset, 2);
  dev.write(offset, 2, on ? control | enable : control & ~enable);
}

/** A driver that uses vectors has INTx disabled; without a record of Command, what the function had before tells. */
function wantsVectors(dev: PciDev, command: string | undefined): boolean {
  return (
    command === undefined ||
    (Number.parseInt(command, 16) & C.COMMAND_INTERRUPT_DISABLE) !== 0 ||
    dev.driver === PORT_DRIVER
  );
}

/** The kind that the first kernel used; where it used none and INTx is disabled, what the function has. */
function arm(dev: PciDev, had: string): void {
  const disabled = (dev.read(C.COMMAND, 2) & C.COMMAND_INTERRUPT_DISABLE) !== 0;
  if (had === 'none' && !disabled) return;
  if (dev.msixCap !== 0 && (had === 'msi-x' || had === 'none'))
    setMsi(dev, dev.msixCap + C.MSI_X_MESSAGE_CONTROL, C.MSI_X_MESSAGE_CONTROL_MSI_X_ENABLE, true);
  else if (dev.msiCap !== 0 && disabled) enableMsi(dev);
}

/** An endpoint's driver enables it, with the bridges above, and sets master; pcieport sets master where it has services. */
function probe(kernel: Kernel, dev: PciDev): void {
  if (dev.bridge !== undefined) pciEnableBridge(dev.bridge);
  const count = dev.enableCnt;
  if (kernel.rules.resetDevices && heedsResetDevices(kernel, dev)) {
    // The reset itself is a doorbell in the device's memory.
    pciClearMaster(dev);
    kernel.hooks.onDmaStopped?.(dev);
  }
  dev.enableCnt = 0;
  pciEnableDevice(dev);
  dev.enableCnt = Math.max(count, 1);
  if (dev.driver !== PORT_DRIVER || offersServices(dev, kernel.rules, kernel.osc)) pciSetMaster(dev);
}

function heedsResetDevices(kernel: Kernel, { driver }: PciDev): boolean {
  return driver !== null && (endpointDriver(driver, kernel.taughtDrivers)?.heedsResetDevices ?? false);
}

/** pcie_pme_probe(), aer_enable_rootport() of 5.10 to 6.2: what their removal takes back. */
function enableServices(port: PciDev): void {
  const set = (offset: number, size: 2 | 4, bits: number) =>
    port.write(offset, size, (port.read(offset, size) | bits) >>> 0);
  if (port.services.includes('PME')) set(port.pcieCap + C.ROOT_CONTROL, 2, C.ROOT_CONTROL_PME_INTERRUPT_ENABLE);
  if (!port.services.includes('AER')) return;
  const clear = (offset: number, size: 2 | 4) => port.write(offset, size, port.read(offset, size));
  clear(port.pcieCap + C.DEVICE_STATUS, 2);
  clear(port.aerCap + C.ROOT_ERROR_STATUS, 4);
  clear(port.aerCap + C.CORRECTABLE_ERROR_STATUS, 4);
  clear(port.aerCap + C.UNCORRECTABLE_ERROR_STATUS, 4);
  port.write(
    port.pcieCap + C.ROOT_CONTROL,
    2,
    port.read(port.pcieCap + C.ROOT_CONTROL, 2) &
      ~(
        C.ROOT_CONTROL_SYSTEM_ERROR_ON_CORRECTABLE_ERROR_ENABLE |
        C.ROOT_CONTROL_SYSTEM_ERROR_ON_NON_FATAL_ERROR_ENABLE |
        C.ROOT_CONTROL_SYSTEM_ERROR_ON_FATAL_ERROR_ENABLE
      ),
  );
  set(port.aerCap + C.ROOT_ERROR_COMMAND, 4, ROOT_INTERRUPTS);
  enableReporting(port);
}

function enableReporting(dev: PciDev): void {
  if (dev.isPciePort && dev.aerCap !== 0) {
    const offset = dev.pcieCap + C.DEVICE_CONTROL;
    dev.write(offset, 2, dev.read(offset, 2) | REPORTING_ENABLES);
  }
  for (const child of dev.subordinate) enableReporting(child);
}
