import { pciClearMaster } from '../pci-command.ts';
import { PCI_CLASS_BRIDGE_PCI } from '../pci-dev.ts';
import { baseline } from './baseline.ts';
import type { Policy } from './policy.ts';

/**
 * efi_pci_disable_bridge_busmaster(), drivers/firmware/efi/libstub/pci.c (6.12): every PCI bridge, by class; what is spared on bus 0
 * and of VGA is the disconnection of firmware's drivers, of which a kdump boot has none. A kernel that kexec starts on x86 is entered
 * past its EFI stub; taken here at the beginning of the boot, to show what it would do.
 */
export const efiDisableEarlyDma: Policy = {
  ...baseline,
  id: 'efi-disable-early-dma',
  phase: 'boot',
  does: 'the EFI stub clears BME of every function of class 0604; it comes back when pcieport binds or a child is enabled',
  promises: 'nothing for devices that still send: it makes the hazard, since they meet a closed bridge',
  source: 'drivers/firmware/efi/libstub/pci.c; CONFIG_EFI_DISABLE_PCI_DMA',
  status: 'merged, opt-in',
  atBoot: (second) => {
    for (const dev of second.devices) if (dev.pciClass === PCI_CLASS_BRIDGE_PCI) pciClearMaster(dev);
  },
};
