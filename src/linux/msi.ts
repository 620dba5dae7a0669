/** Giving interrupt vectors back. drivers/pci/msi/msi.c (6.1): pci_msi_shutdown(), pci_msix_shutdown(), __pci_write_msi_msg(). */
import * as C from '../spec/constants.ts';
import { pciIntx } from './pci-command.ts';
import { PCI_D0, type PciDev } from './pci-dev.ts';

export function msiEnabled(dev: PciDev): boolean {
  return dev.msiCap !== 0 && (dev.read(dev.msiCap + C.MSI_MESSAGE_CONTROL, 2) & C.MSI_MESSAGE_CONTROL_MSI_ENABLE) !== 0;
}

export function msixEnabled(dev: PciDev): boolean {
  return (
    dev.msixCap !== 0 &&
    (dev.read(dev.msixCap + C.MSI_X_MESSAGE_CONTROL, 2) & C.MSI_X_MESSAGE_CONTROL_MSI_X_ENABLE) !== 0
  );
}

/** `pci_free_irq_vectors()`: MSI-X, then MSI; nothing where neither is on. */
export function pciFreeIrqVectors(dev: PciDev): void {
  if (msixEnabled(dev)) pciDisableMsix(dev);
  if (msiEnabled(dev)) pciDisableMsi(dev);
}

function pciDisableMsix(dev: PciDev): void {
  const offset = dev.msixCap + C.MSI_X_MESSAGE_CONTROL;
  dev.write(offset, 2, dev.read(offset, 2) & ~C.MSI_X_MESSAGE_CONTROL_MSI_X_ENABLE);
  pciIntx(dev, true);
  // The vectors' messages are zeroed in the table, which is in BAR memory: no configuration writes.
}

function pciDisableMsi(dev: PciDev): void {
  const control = dev.msiCap + C.MSI_MESSAGE_CONTROL;
  const flags = dev.read(control, 2);
  const maskable = (flags & C.MSI_MESSAGE_CONTROL_PER_VECTOR_MASKING_CAPABLE) !== 0;
  const is64 = (flags & C.MSI_MESSAGE_CONTROL_64_BIT_ADDRESS_CAPABLE) !== 0;
  const mask = dev.msiCap + (is64 ? C.MSI_MASK_BITS_64 : C.MSI_MASK_BITS_32);
  const vectors = 1 << ((flags & C.MSI_MESSAGE_CONTROL_MULTIPLE_MESSAGE_CAPABLE) >> 1);
  const all = vectors >= 32 ? 0xffffffff : 2 ** vectors - 1;

  dev.write(control, 2, flags & ~C.MSI_MESSAGE_CONTROL_MSI_ENABLE);
  pciIntx(dev, true);
  // The function is handed back unmasked.
  if (maskable) dev.write(mask, 4, (dev.read(mask, 4) & ~all) >>> 0);

  // Taking the vector out of its domain writes an empty message, unless the function is asleep.
  if (dev.currentState !== PCI_D0) return;
  dev.write(control, 2, dev.read(control, 2) & ~C.MSI_MESSAGE_CONTROL_MULTIPLE_MESSAGE_ENABLE);
  dev.write(dev.msiCap + C.MSI_MESSAGE_ADDRESS, 4, 0);
  if (is64) dev.write(dev.msiCap + C.MSI_MESSAGE_UPPER_ADDRESS, 4, 0);
  dev.write(dev.msiCap + (is64 ? C.MSI_MESSAGE_DATA_64 : C.MSI_MESSAGE_DATA_32), 2, 0);
}
