/** device_shutdown() and what it does to a PCI function. drivers/base/core.c, drivers/pci/pci-driver.c; alike in 5.10 to 7.2. */
import { endpointDriver, endpointShutdown } from './endpoint-drivers.ts';
import type { Kernel } from './kernel.ts';
import { pciClearMaster } from './pci-command.ts';
import type { PciDev } from './pci-dev.ts';
import { PORT_DRIVER, pciePortdrvShutdown } from './portdrv.ts';

/**
 * Every function from the tail of the list, whether it has a driver or not.
 * @param order instead of the kernel's own order
 */
export function deviceShutdown(kernel: Kernel, order: readonly PciDev[] = [...kernel.devicesKset].reverse()): void {
  for (const dev of order) {
    kernel.hooks.onShutdown?.(dev);
    pciDeviceShutdown(kernel, dev);
  }
}

/** pci_device_shutdown(): resume; the driver's own `.shutdown`; then, under a condition, Bus Master Enable. */
export function pciDeviceShutdown(kernel: Kernel, dev: PciDev): void {
  kernel.resume(dev);
  if (dev.driver === PORT_DRIVER) pciePortdrvShutdown(dev, kernel);
  // The driver of a function that is preserved lets it run.
  else if (dev.driver !== null && !kernel.preserved.has(dev)) {
    const driver = endpointDriver(dev.driver, kernel.taughtDrivers);
    if (driver === undefined) kernel.hooks.onUnknownDriver?.(dev);
    else {
      if (driver.stopsDma) kernel.hooks.onDmaStopped?.(dev);
      endpointShutdown(dev, driver, kernel.poweringOff);
    }
  }
  if (kernel.clearMasterRule(kernel, dev)) pciClearMaster(dev);
}
