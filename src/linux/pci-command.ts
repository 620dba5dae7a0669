/** The helpers that write the Command register. drivers/pci/pci.c, alike in 5.10, 6.1, 6.12 and 7.2. */
import {
  BASE_ADDRESS_REGISTER_0,
  COMMAND,
  COMMAND_BUS_MASTER_ENABLE,
  COMMAND_INTERRUPT_DISABLE,
  COMMAND_IO_SPACE_ENABLE,
  COMMAND_MEMORY_SPACE_ENABLE,
  IO_BASE,
  IO_LIMIT,
  MEMORY_BASE,
  MEMORY_LIMIT,
} from '../spec/constants.ts';
import type { PciDev } from './pci-dev.ts';
import { powerUp } from './power.ts';

/** `__pci_set_master()`: writes only a change. */
function setMaster(dev: PciDev, enable: boolean): void {
  const old = dev.read(COMMAND, 2);
  const command = enable ? old | COMMAND_BUS_MASTER_ENABLE : old & ~COMMAND_BUS_MASTER_ENABLE;
  if (command !== old) dev.write(COMMAND, 2, command);
  dev.isBusmaster = enable;
}

export function pciSetMaster(dev: PciDev): void {
  setMaster(dev, true);
}

export function pciClearMaster(dev: PciDev): void {
  setMaster(dev, false);
}

/** `pci_enable_device()`: the bridges above first; D0, decoding and the count, never Bus Master Enable. */
export function pciEnableDevice(dev: PciDev): void {
  if (dev.enableCnt++ > 0) return;
  if (dev.bridge !== undefined) pciEnableBridge(dev.bridge);
  powerUp(dev);
  const old = dev.read(COMMAND, 2);
  const command = old | decodesOf(dev);
  if (command !== old) dev.write(COMMAND, 2, command);
}

/** The Command bits for the kinds of resources that the function has: BARs, and a bridge's open windows. */
function decodesOf(dev: PciDev): number {
  let bits = 0;
  const bars = dev.headerType === 0 ? 6 : dev.headerType === 1 ? 2 : 0;
  for (let i = 0; i < bars; i++) {
    const bar = dev.read(BASE_ADDRESS_REGISTER_0 + 4 * i, 4);
    if (bar !== 0) bits |= (bar & 1) !== 0 ? COMMAND_IO_SPACE_ENABLE : COMMAND_MEMORY_SPACE_ENABLE;
    // The upper half of a 64-bit BAR is no BAR of its own.
    if ((bar & 0x7) === 0x4) i++;
  }
  if (dev.headerType !== 1) return bits;
  if (dev.read(IO_BASE, 1) >> 4 <= dev.read(IO_LIMIT, 1) >> 4) bits |= COMMAND_IO_SPACE_ENABLE;
  if (dev.read(MEMORY_BASE, 2) >> 4 <= dev.read(MEMORY_LIMIT, 2) >> 4) bits |= COMMAND_MEMORY_SPACE_ENABLE;
  return bits;
}

/** `pci_enable_bridge()`: enabled and master, from the root down. */
export function pciEnableBridge(dev: PciDev): void {
  if (dev.bridge !== undefined) pciEnableBridge(dev.bridge);
  if (dev.enableCnt === 0) pciEnableDevice(dev);
  if (!dev.isBusmaster) pciSetMaster(dev);
}

/** `pci_disable_device()`: Bus Master Enable falls when the count reaches 0; the count never goes below. */
export function pciDisableDevice(dev: PciDev): void {
  if (dev.enableCnt === 0 || --dev.enableCnt > 0) return;
  const command = dev.read(COMMAND, 2);
  if ((command & COMMAND_BUS_MASTER_ENABLE) !== 0) dev.write(COMMAND, 2, command & ~COMMAND_BUS_MASTER_ENABLE);
  dev.isBusmaster = false;
}

/** `pci_intx()`: writes only a change. */
export function pciIntx(dev: PciDev, enable: boolean): void {
  const old = dev.read(COMMAND, 2);
  const command = enable ? old & ~COMMAND_INTERRUPT_DISABLE : old | COMMAND_INTERRUPT_DISABLE;
  if (command !== old) dev.write(COMMAND, 2, command);
}
