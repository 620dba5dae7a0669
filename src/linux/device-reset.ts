/** Resets that software asks a function or a port for, and what the functions get back after them. drivers/pci/pci.c (6.12). */
import * as C from '../spec/constants.ts';
import type { Kernel } from './kernel.ts';
import type { PciDev } from './pci-dev.ts';
import { restoreState, saveState } from './saved-state.ts';

/** pcie_flr(): whether the function can, by Device Capabilities. */
export function hasFlr(dev: PciDev): boolean {
  if (dev.pcieCap === 0) return false;
  const capabilities = dev.read(dev.pcieCap + C.DEVICE_CAPABILITIES, 4);
  return (capabilities & C.DEVICE_CAPABILITIES_FUNCTION_LEVEL_RESET_CAPABILITY) !== 0;
}

/** Function Level Reset. The function gets its registers back, but for Bus Master Enable: nobody drives it yet. */
export function resetFunction(kernel: Kernel, dev: PciDev): void {
  keepingRegisters(kernel, [dev], () => {
    const offset = dev.pcieCap + C.DEVICE_CONTROL;
    const initiate = C.DEVICE_CONTROL_BRIDGE_CONFIGURATION_RETRY_ENABLE_INITIATE_FUNCTION_LEVEL_RESET;
    dev.write(offset, 2, dev.read(offset, 2) | initiate);
  });
}

/** pci_reset_secondary_bus(): Bridge Control's reset bit set and cleared; all that lies behind gets its registers back, without Bus Master Enable. */
export function resetSecondaryBus(kernel: Kernel, bridge: PciDev): void {
  keepingRegisters(kernel, behind(bridge), () => {
    const control = bridge.read(C.BRIDGE_CONTROL, 2);
    bridge.write(C.BRIDGE_CONTROL, 2, control | C.BRIDGE_CONTROL_SECONDARY_BUS_RESET);
    bridge.write(C.BRIDGE_CONTROL, 2, control & ~C.BRIDGE_CONTROL_SECONDARY_BUS_RESET);
  });
}

/** Every function below a bridge, a bridge before what lies behind it. */
export function behind(bridge: PciDev): PciDev[] {
  return bridge.subordinate.flatMap((dev) => [dev, ...behind(dev)]);
}

function keepingRegisters(kernel: Kernel, devices: readonly PciDev[], reset: () => void): void {
  const saved = devices.map((dev) => new Map(saveState(dev)));
  reset();
  devices.forEach((dev, i) => {
    // A device that was reset has forgotten what it was doing.
    kernel.hooks.onDmaStopped?.(dev);
    const command = saved[i]!.get(C.COMMAND)!;
    if (!dev.isBridge) saved[i]!.set(C.COMMAND, (command & ~C.COMMAND_BUS_MASTER_ENABLE) >>> 0);
    restoreState(dev, saved[i]!);
  });
}
