/** pcieport's `.shutdown`. drivers/pci/pcie/portdrv*.c by release; see `kernel-rules.ts`. */
import { pciFreeIrqVectors } from './msi.ts';
import { pciDisableDevice } from './pci-command.ts';
import { type PciDev, portServices } from './pci-dev.ts';
import { type RemovalContext, removeService } from './port-services.ts';

export const PORT_DRIVER = 'pcieport';

export function pciePortdrvShutdown(port: PciDev, context: RemovalContext): void {
  if (context.rules.portShutdown === 'none') return;
  // Children of the port in the order in which it registered them: by service number.
  for (const service of portServices) if (port.services.includes(service)) removeService[service](port, context);
  port.services = [];
  pciFreeIrqVectors(port);
  if (context.rules.portShutdown === 'remove') pciDisableDevice(port);
}
