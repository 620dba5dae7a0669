/** pcieport's `.shutdown`. drivers/pci/pcie/portdrv*.c by release; see `kernel-rules.ts`. */
import { freeIrq, pciFreeIrqVectors } from './msi.ts';
import { pciClearMaster, pciDisableDevice } from './pci-command.ts';
import { type PciDev, portServices } from './pci-dev.ts';
import { interruptVector, type RemovalContext, removeService } from './port-services.ts';

export const PORT_DRIVER = 'pcieport';

export function pciePortdrvShutdown(port: PciDev, context: RemovalContext): void {
  if (context.rules.portShutdown === 'none') return;
  if (context.rules.portShutdownClearsBelow) clearMasterBelow(port);
  const handled = port.services.length > 0;
  const handlers = new Map<number, number>();
  for (const service of port.services) {
    const vector = interruptVector(port, service);
    handlers.set(vector, (handlers.get(vector) ?? 0) + 1);
  }
  // Children of the port in the order in which it registered them: by service number.
  for (const service of portServices) {
    if (!port.services.includes(service)) continue;
    removeService[service](port, context);
    const vector = interruptVector(port, service);
    const left = handlers.get(vector)! - 1;
    handlers.set(vector, left);
    if (left === 0) freeIrq(port, vector);
  }
  port.services = [];
  pciFreeIrqVectors(port, handled);
  if (context.rules.portShutdown === 'remove' && !context.preserved.has(port)) pciDisableDevice(port);
}

/** What lies deeper comes first, so that nothing is left open behind a bridge that is closed. */
function clearMasterBelow(bridge: PciDev): void {
  for (const dev of bridge.subordinate) {
    clearMasterBelow(dev);
    pciClearMaster(dev);
  }
}
