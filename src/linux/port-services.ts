/** What each port service writes when it is removed, in the order in which pcieport removes them. */
import { portTypes } from '../../spec-tables/port-types.ts';
import * as C from '../spec/constants.ts';
import type { Osc } from './bindings.ts';
import type { KernelRules } from './kernel-rules.ts';
import type { PciDev, PortService } from './pci-dev.ts';

/** Device Control's four reporting enables. */
export const REPORTING_ENABLES =
  C.DEVICE_CONTROL_CORRECTABLE_ERROR_REPORTING_ENABLE |
  C.DEVICE_CONTROL_NON_FATAL_ERROR_REPORTING_ENABLE |
  C.DEVICE_CONTROL_FATAL_ERROR_REPORTING_ENABLE |
  C.DEVICE_CONTROL_UNSUPPORTED_REQUEST_REPORTING_ENABLE;
/** Root Error Command's three enables. */
export const ROOT_INTERRUPTS =
  C.ROOT_ERROR_COMMAND_CORRECTABLE_ERROR_REPORTING_ENABLE |
  C.ROOT_ERROR_COMMAND_NON_FATAL_ERROR_REPORTING_ENABLE |
  C.ROOT_ERROR_COMMAND_FATAL_ERROR_REPORTING_ENABLE;
const SLOT_NOTIFICATIONS =
  C.SLOT_CONTROL_ATTENTION_BUTTON_PRESSED_ENABLE |
  C.SLOT_CONTROL_POWER_FAULT_DETECTED_ENABLE |
  C.SLOT_CONTROL_MRL_SENSOR_CHANGED_ENABLE |
  C.SLOT_CONTROL_PRESENCE_DETECT_CHANGED_ENABLE |
  C.SLOT_CONTROL_COMMAND_COMPLETED_INTERRUPT_ENABLE |
  C.SLOT_CONTROL_HOT_PLUG_INTERRUPT_ENABLE |
  C.SLOT_CONTROL_DATA_LINK_LAYER_STATE_CHANGED_ENABLE;
/** DPC Control: trigger on ERR_FATAL (01b), and the interrupt. */
const DPC_FATAL_TRIGGER = 0x0001;
const BANDWIDTH_INTERRUPTS =
  C.LINK_CONTROL_LINK_BANDWIDTH_MANAGEMENT_INTERRUPT_ENABLE | C.LINK_CONTROL_LINK_AUTONOMOUS_BANDWIDTH_INTERRUPT_ENABLE;

/** Read, clear, write back, whether that changes anything or not: `pcie_capability_clear_word()` and its like. */
function clearWord(dev: PciDev, offset: number, mask: number): void {
  dev.write(offset, 2, dev.read(offset, 2) & ~mask);
}

export interface RemovalContext {
  readonly rules: KernelRules;
  readonly osc: Osc;
}

export const removeService: Readonly<Record<PortService, (port: PciDev, context: RemovalContext) => void>> = {
  /** pcie_pme_remove(), drivers/pci/pcie/pme.c. */
  PME(port) {
    clearWord(port, port.pcieCap + C.ROOT_CONTROL, C.ROOT_CONTROL_PME_INTERRUPT_ENABLE);
    const status = port.pcieCap + C.ROOT_STATUS;
    port.write(status, 4, (port.read(status, 4) | C.ROOT_STATUS_PME_STATUS) >>> 0);
  },
  /** aer_disable_rootport(), drivers/pci/pcie/aer.c; the reporting enables up to 6.2 only. */
  AER(port, { rules, osc }) {
    if (rules.aerRemovalClearsReporting && ownsAer(osc)) {
      disableReporting(port);
      walkBus(port, disableReporting);
    }
    const command = port.aerCap + C.ROOT_ERROR_COMMAND;
    port.write(command, 4, (port.read(command, 4) & ~ROOT_INTERRUPTS) >>> 0);
    const status = port.aerCap + C.ROOT_ERROR_STATUS;
    port.write(status, 4, port.read(status, 4));
  },
  /** pcie_disable_notification(), drivers/pci/hotplug/pciehp_hpc.c. */
  pciehp(port) {
    clearWord(port, port.pcieCap + C.SLOT_CONTROL, SLOT_NOTIFICATIONS);
  },
  /** dpc_remove(), drivers/pci/pcie/dpc.c. */
  DPC(port) {
    clearWord(port, port.dpcCap + C.DPC_CONTROL, DPC_FATAL_TRIGGER | C.DPC_CONTROL_DPC_INTERRUPT_ENABLE);
  },
  /** pcie_bwnotif_disable(), drivers/pci/pcie/bwctrl.c. */
  bwctrl(port) {
    clearWord(port, port.pcieCap + C.LINK_CONTROL, BANDWIDTH_INTERRUPTS);
  },
};

/** set_device_error_reporting(dev, false): ports and event collectors with AER only. */
function disableReporting(dev: PciDev): void {
  if (dev.isPciePort && dev.aerCap !== 0) clearWord(dev, dev.pcieCap + C.DEVICE_CONTROL, REPORTING_ENABLES);
}

/** pci_walk_bus(): each function below, a bridge before what lies behind it. */
function walkBus(bridge: PciDev, visit: (dev: PciDev) => void): void {
  for (const dev of bridge.subordinate) {
    visit(dev);
    walkBus(dev, visit);
  }
}

/** The MSI vector of a service: pcie_message_numbers(). PME, hot plug and bandwidth control share one. */
export function interruptVector(port: PciDev, service: PortService): number {
  switch (service) {
    case 'AER':
      return port.read(port.aerCap + C.ROOT_ERROR_STATUS, 4) >>> 27;
    case 'DPC':
      return port.read(port.dpcCap + C.DPC_CAPABILITY, 2) & C.DPC_CAPABILITY_DPC_INTERRUPT_MESSAGE_NUMBER;
    default:
      return (
        (port.read(port.pcieCap + C.PCI_EXPRESS_CAPABILITIES, 2) &
          C.PCI_EXPRESS_CAPABILITIES_INTERRUPT_MESSAGE_NUMBER) >>
        9
      );
  }
}

/** The services whose drivers bind to the port: what it can do and the OS owns. get_port_device_capability(). */
export function servicesOf(port: PciDev, rules: KernelRules, osc: Osc): PortService[] {
  const owns = (name: string) => osc.os_controls.includes(name);
  const root = port.pcieType === portTypes['Root Port'] || port.pcieType === portTypes['Root Complex Event Collector'];
  const downstream = port.pcieType === portTypes['Root Port'] || port.pcieType === portTypes['Switch Downstream Port'];
  const services: PortService[] = [];
  if (root && owns('PME')) services.push('PME');
  if (root && port.aerCap !== 0 && owns('AER')) services.push('AER');
  if (downstream && isHotPlugCapable(port) && owns('PCIeHotplug')) services.push('pciehp');
  if (port.dpcCap !== 0 && (owns('DPC') || offersAer(port, rules, osc))) services.push('DPC');
  if (rules.bandwidthControl && downstream && notifiesBandwidth(port)) services.push('bwctrl');
  return services;
}

/**
 * Whether pcieport finds anything to serve, and so allocates vectors and sets Bus Master Enable: more than what binds, since AER
 * is offered on every port up to 6.2, and bandwidth notification has long had no driver.
 */
export function offersServices(port: PciDev, rules: KernelRules, osc: Osc): boolean {
  if (servicesOf(port, rules, osc).length > 0) return true;
  const downstream = port.pcieType === portTypes['Root Port'] || port.pcieType === portTypes['Switch Downstream Port'];
  return offersAer(port, rules, osc) || (downstream && notifiesBandwidth(port));
}

function offersAer(port: PciDev, rules: KernelRules, osc: Osc): boolean {
  const root = port.pcieType === portTypes['Root Port'] || port.pcieType === portTypes['Root Complex Event Collector'];
  return port.aerCap !== 0 && ownsAer(osc) && (root || rules.aerServiceOn === 'every port');
}

export function ownsAer(osc: Osc): boolean {
  return osc.os_controls.includes('AER');
}

/** Reads a service's name as people and tools spell it; undefined for none that the model has. */
export function portServiceNamed(name: string): PortService | undefined {
  const known: Readonly<Record<string, PortService>> = {
    pme: 'PME',
    pcie_pme: 'PME',
    aer: 'AER',
    hp: 'pciehp',
    hotplug: 'pciehp',
    pciehotplug: 'pciehp',
    pciehp: 'pciehp',
    dpc: 'DPC',
    bwctrl: 'bwctrl',
    pcie_bwctrl: 'bwctrl',
  };
  return known[name.toLowerCase()];
}

function isHotPlugCapable(port: PciDev): boolean {
  const capabilities = port.read(port.pcieCap + C.PCI_EXPRESS_CAPABILITIES, 2);
  return (
    (capabilities & C.PCI_EXPRESS_CAPABILITIES_SLOT_IMPLEMENTED) !== 0 &&
    (port.read(port.pcieCap + C.SLOT_CAPABILITIES, 4) & C.SLOT_CAPABILITIES_HOT_PLUG_CAPABLE) !== 0
  );
}

function notifiesBandwidth(port: PciDev): boolean {
  const mask = C.LINK_CAPABILITIES_LINK_BANDWIDTH_NOTIFICATION_CAPABILITY;
  return (port.read(port.pcieCap + C.LINK_CAPABILITIES, 4) & mask) !== 0;
}
