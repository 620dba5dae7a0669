/** Power states as the kernel reads and sets them. drivers/pci/pci.c (6.12). */
import { POWER_MANAGEMENT_CONTROL_STATUS, POWER_MANAGEMENT_CONTROL_STATUS_POWERSTATE } from '../spec/constants.ts';
import { PCI_D0, PCI_D3HOT, type PciDev } from './pci-dev.ts';
import { restoreState, saveState } from './saved-state.ts';

/** PowerState within the Power Management Capability. */
export const PMCSR_STATE = {
  offset: POWER_MANAGEMENT_CONTROL_STATUS,
  mask: POWER_MANAGEMENT_CONTROL_STATUS_POWERSTATE,
} as const;

/** What PMCSR says; D0 without the capability. */
export function powerStateOf(dev: PciDev): number {
  return dev.pmCap === 0 ? PCI_D0 : dev.read(dev.pmCap + PMCSR_STATE.offset, 2) & PMCSR_STATE.mask;
}

/**
 * pci_power_up() and pci_restore_state(): a function below D0 gets the whole word forced to 0. What that has reset (D3hot to D0
 * without No_Soft_Reset) is written back, a register at a time.
 */
export function powerUp(dev: PciDev): void {
  if (powerStateOf(dev) !== PCI_D0) {
    const saved = saveState(dev);
    dev.write(dev.pmCap + PMCSR_STATE.offset, 2, 0);
    restoreState(dev, saved);
  }
  dev.currentState = PCI_D0;
}

/** The RFC's final fixup: `current_state` becomes what PMCSR says. A function without the capability keeps what it had. */
export function readPowerState(dev: PciDev): void {
  if (dev.pmCap !== 0) dev.currentState = powerStateOf(dev);
}

/** pci_set_power_state(PCI_D3hot); nothing without the capability. */
export function enterD3hot(dev: PciDev): void {
  if (dev.pmCap === 0) return;
  const offset = dev.pmCap + PMCSR_STATE.offset;
  dev.write(offset, 2, (dev.read(offset, 2) & ~PMCSR_STATE.mask) | PCI_D3HOT);
  dev.currentState = PCI_D3HOT;
}
