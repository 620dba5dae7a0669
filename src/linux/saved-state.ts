/** pci_save_state() and pci_restore_state(): the registers that a function gets back after it has lost them. drivers/pci/pci.c (6.12). */
import {
  ADVANCED_ERROR_CAPABILITIES_AND_CONTROL,
  CORRECTABLE_ERROR_MASK,
  DEVICE_CONTROL,
  DEVICE_CONTROL_2,
  LINK_CONTROL,
  LINK_CONTROL_2,
  POWER_MANAGEMENT_CONTROL_STATUS,
  ROOT_CONTROL,
  ROOT_ERROR_COMMAND,
  SLOT_CONTROL,
  SLOT_CONTROL_2,
  UNCORRECTABLE_ERROR_MASK,
  UNCORRECTABLE_ERROR_SEVERITY,
} from '../spec/constants.ts';
import type { PciDev } from './pci-dev.ts';

/** DWORDs by offset. */
export type SavedState = ReadonlyMap<number, number>;

/** pcie_capability registers that are saved, words, in the order in which they are written back: pci_restore_pcie_state(). */
const pcieControls = [
  DEVICE_CONTROL,
  LINK_CONTROL,
  SLOT_CONTROL,
  ROOT_CONTROL,
  DEVICE_CONTROL_2,
  LINK_CONTROL_2,
  SLOT_CONTROL_2,
];
/** pci_restore_aer_state(). */
const aerControls = [
  UNCORRECTABLE_ERROR_MASK,
  UNCORRECTABLE_ERROR_SEVERITY,
  CORRECTABLE_ERROR_MASK,
  ADVANCED_ERROR_CAPABILITIES_AND_CONTROL,
  ROOT_ERROR_COMMAND,
];
const CONFIG_SPACE = 0x100;
const FIRST_CAPABILITY = 0x40;

/** What the function holds now, which is what it held when it was put to sleep: below D0 nobody writes it. */
export function saveState(dev: PciDev): SavedState {
  const saved = new Map<number, number>();
  const save = (offset: number) => saved.set(offset, dev.read(offset, 4));
  for (let offset = 0; offset < CONFIG_SPACE; offset += 4) save(offset);
  if (dev.aerCap !== 0) for (const offset of aerControls) save(dev.aerCap + offset);
  return saved;
}

/** Writes back what differs, in the kernel's order: PCI Express, AER, the header, then MSI and what else there is. */
export function restoreState(dev: PciDev, saved: SavedState): void {
  const restore = (offset: number, size: 2 | 4) => {
    const dword = saved.get(offset & ~3);
    if (dword === undefined) return;
    const value = size === 4 ? dword : (dword >>> (8 * (offset & 2))) & 0xffff;
    if (dev.read(offset, size) !== value) dev.write(offset, size, value);
  };
  if (dev.pcieCap !== 0) for (const offset of pcieControls) restore(dev.pcieCap + offset, 2);
  if (dev.aerCap !== 0) for (const offset of aerControls) restore(dev.aerCap + offset, 4);
  for (const [last, first] of dev.isBridge ? bridgeHeader : endpointHeader)
    for (let dword = last; dword >= first; dword--) restore(4 * dword, 4);
  for (let offset = FIRST_CAPABILITY; offset < CONFIG_SPACE; offset += 4)
    if (offset !== dev.pmCap + POWER_MANAGEMENT_CONTROL_STATUS) restore(offset, 4);
}

/** DWORDs of the header from the last to the first: pci_restore_config_space(). */
const endpointHeader = [
  [15, 10],
  [9, 4],
  [3, 0],
] as const;
const bridgeHeader = [
  [15, 12],
  [11, 9],
  [8, 0],
] as const;
