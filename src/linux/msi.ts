/**
 * Giving interrupt vectors back. drivers/pci/msi/msi.c (6.1): pci_msi_shutdown(), pci_msix_shutdown(), __pci_write_msi_msg(). The
 * order was seen in traces of 6.1, 6.12 and 7.3, with handlers on the vectors and without.
 */
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

/** How many vectors a function's MSI has; 0 where it is off. */
function enabledVectors(dev: PciDev): number {
  if (!msiEnabled(dev)) return 0;
  const flags = dev.read(dev.msiCap + C.MSI_MESSAGE_CONTROL, 2);
  return 1 << ((flags & C.MSI_MESSAGE_CONTROL_MULTIPLE_MESSAGE_ENABLE) >> 4);
}

/**
 * `free_irq()` of the last handler on an MSI vector: the vector is masked, and leaves its domain with an empty message (which
 * all vectors share, so the first one takes it along). MSI-X does both in the table, which is in BAR memory.
 */
export function freeIrq(dev: PciDev, vector: number): void {
  if (!msiEnabled(dev)) return;
  const { maskable, maskBits } = msiRegisters(dev);
  if (maskable) dev.write(maskBits, 4, (dev.read(maskBits, 4) | (1 << vector)) >>> 0);
  if (vector === 0) writeEmptyMessage(dev);
}

/**
 * `pci_free_irq_vectors()`: MSI-X, then MSI; nothing where neither is on.
 * @param handled the vectors had handlers, whose `free_irq()` has emptied the message already
 */
export function pciFreeIrqVectors(dev: PciDev, handled: boolean): void {
  if (msixEnabled(dev)) pciDisableMsix(dev);
  if (msiEnabled(dev)) pciDisableMsi(dev, handled);
}

/** A driver lets go of every vector that it handles. */
export function freeHandledVectors(dev: PciDev): void {
  for (let vector = 0; vector < enabledVectors(dev); vector++) freeIrq(dev, vector);
  pciFreeIrqVectors(dev, true);
}

function pciDisableMsix(dev: PciDev): void {
  const offset = dev.msixCap + C.MSI_X_MESSAGE_CONTROL;
  dev.write(offset, 2, dev.read(offset, 2) & ~C.MSI_X_MESSAGE_CONTROL_MSI_X_ENABLE);
  pciIntx(dev, true);
}

function pciDisableMsi(dev: PciDev, handled: boolean): void {
  const { control, maskable, maskBits } = msiRegisters(dev);
  const flags = dev.read(control, 2);
  dev.write(control, 2, flags & ~C.MSI_MESSAGE_CONTROL_MSI_ENABLE);
  pciIntx(dev, true);
  // The function is handed back unmasked.
  if (maskable) dev.write(maskBits, 4, (dev.read(maskBits, 4) & ~allVectors(flags)) >>> 0);
  if (!handled) writeEmptyMessage(dev);
}

/** `__pci_write_msi_msg()` of a message of zeros; a function that is not in D0 is left alone. */
function writeEmptyMessage(dev: PciDev): void {
  if (dev.currentState !== PCI_D0) return;
  const { control, is64 } = msiRegisters(dev);
  dev.write(control, 2, dev.read(control, 2) & ~C.MSI_MESSAGE_CONTROL_MULTIPLE_MESSAGE_ENABLE);
  dev.write(dev.msiCap + C.MSI_MESSAGE_ADDRESS, 4, 0);
  if (is64) dev.write(dev.msiCap + C.MSI_MESSAGE_UPPER_ADDRESS, 4, 0);
  dev.write(dev.msiCap + (is64 ? C.MSI_MESSAGE_DATA_64 : C.MSI_MESSAGE_DATA_32), 2, 0);
}

/**
 * `pci_alloc_irq_vectors()` of one vector and `request_irq()`: all vectors that the function is capable of are masked, MSI is
 * enabled, and the one that has a handler is unmasked. drivers/pci/msi/msi.c (6.1): msi_capability_init().
 */
export function enableMsi(dev: PciDev): void {
  const { control, maskable, maskBits } = msiRegisters(dev);
  const flags = dev.read(control, 2);
  if (maskable) dev.write(maskBits, 4, (dev.read(maskBits, 4) | allVectors(flags)) >>> 0);
  dev.write(control, 2, flags | C.MSI_MESSAGE_CONTROL_MSI_ENABLE);
  if (maskable) dev.write(maskBits, 4, (dev.read(maskBits, 4) & ~1) >>> 0);
}

/** Mask bits of all vectors that a function asks for. */
function allVectors(flags: number): number {
  const vectors = 1 << ((flags & C.MSI_MESSAGE_CONTROL_MULTIPLE_MESSAGE_CAPABLE) >> 1);
  return vectors >= 32 ? 0xffffffff : 2 ** vectors - 1;
}

function msiRegisters(dev: PciDev): { control: number; maskable: boolean; is64: boolean; maskBits: number } {
  const control = dev.msiCap + C.MSI_MESSAGE_CONTROL;
  const flags = dev.read(control, 2);
  const is64 = (flags & C.MSI_MESSAGE_CONTROL_64_BIT_ADDRESS_CAPABLE) !== 0;
  return {
    control,
    maskable: (flags & C.MSI_MESSAGE_CONTROL_PER_VECTOR_MASKING_CAPABLE) !== 0,
    is64,
    maskBits: dev.msiCap + (is64 ? C.MSI_MASK_BITS_64 : C.MSI_MASK_BITS_32),
  };
}
