/** Power states as the kernel reads and sets them. drivers/pci/pci.c (6.12). */
import { POWER_MANAGEMENT_CONTROL_STATUS, POWER_MANAGEMENT_CONTROL_STATUS_POWERSTATE } from '../spec/constants.ts';
import { PCI_D0, type PciDev } from './pci-dev.ts';

/** PowerState within the Power Management Capability. */
export const PMCSR_STATE = {
  offset: POWER_MANAGEMENT_CONTROL_STATUS,
  mask: POWER_MANAGEMENT_CONTROL_STATUS_POWERSTATE,
} as const;

/** pci_power_up(): a function below D0 gets the whole word forced to 0. Its registers' restoration is not modelled. */
export function powerUp(dev: PciDev): void {
  if (dev.pmCap !== 0) {
    const offset = dev.pmCap + PMCSR_STATE.offset;
    if ((dev.read(offset, 2) & PMCSR_STATE.mask) !== 0) dev.write(offset, 2, 0);
  }
  dev.currentState = PCI_D0;
}

/** The RFC's final fixup: `current_state` becomes what PMCSR says. A function without the capability keeps what it had. */
export function readPowerState(dev: PciDev): void {
  if (dev.pmCap !== 0) dev.currentState = dev.read(dev.pmCap + PMCSR_STATE.offset, 2) & PMCSR_STATE.mask;
}
