/** What each port service writes when it is removed, in the order in which pcieport removes them. */
import { portTypes } from '../../spec-tables/port-types.ts';
import * as C from '../spec/constants.ts';
import type { Osc } from './bindings.ts';
import type { KernelRules } from './kernel-rules.ts';
import { type PciDev, type PortService, portServices } from './pci-dev.ts';

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
  /** Ports that stay enabled, because a live update needs them. */
  readonly preserved: ReadonlySet<PciDev>;
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

/** What pcieport finds in the port's registers to serve, whoever owns it. get_port_device_capability(). */
const hasRegistersOf: Readonly<Record<PortService, (port: PciDev) => boolean>> = {
  PME: isRoot,
  AER: (port) => isRoot(port) && port.aerCap !== 0,
  pciehp: (port) => isDownstream(port) && isHotPlugCapable(port),
  DPC: (port) => port.dpcCap !== 0,
  bwctrl: (port) => isDownstream(port) && notifiesBandwidth(port),
};

/** The services whose drivers bind to the port: what it can do and the OS owns. */
export function servicesOf(port: PciDev, rules: KernelRules, osc: Osc): PortService[] {
  const owned: Readonly<Record<PortService, boolean>> = {
    PME: osc.os_controls.includes('PME'),
    AER: rules.aerAvailable && ownsAer(osc),
    pciehp: osc.os_controls.includes('PCIeHotplug'),
    DPC: rules.aerAvailable && (osc.os_controls.includes('DPC') || offersAer(port, rules, osc)),
    bwctrl: rules.bandwidthControl,
  };
  return portServices.filter((service) => owned[service] && hasRegistersOf[service](port));
}

/**
 * The services that a record names, as far as the port has registers for them: a dump may hold less than the machine had.
 * Recorded lists leave the bandwidth controller out where its driver was late; it is there by capability all the same.
 */
export function recordedServices(
  port: PciDev,
  names: readonly string[],
  rules: KernelRules,
  osc: Osc,
): readonly PortService[] {
  const named = new Set(names.map(portServiceNamed));
  if (servicesOf(port, rules, osc).includes('bwctrl')) named.add('bwctrl');
  // Recorded without the option that takes both away.
  if (!rules.aerAvailable) for (const service of ['AER', 'DPC'] as const) named.delete(service);
  return portServices.filter((service) => named.has(service) && hasRegistersOf[service](port));
}

/**
 * Whether pcieport finds anything to serve, and so allocates vectors and sets Bus Master Enable: more than what binds, since AER
 * is offered on every port up to 6.2, and bandwidth notification has long had no driver.
 */
export function offersServices(port: PciDev, rules: KernelRules, osc: Osc): boolean {
  return servicesOf(port, rules, osc).length > 0 || offersAer(port, rules, osc) || hasRegistersOf.bwctrl(port);
}

function isRoot(port: PciDev): boolean {
  return port.pcieType === portTypes['Root Port'] || port.pcieType === portTypes['Root Complex Event Collector'];
}

function isDownstream(port: PciDev): boolean {
  return port.pcieType === portTypes['Root Port'] || port.pcieType === portTypes['Switch Downstream Port'];
}

function offersAer(port: PciDev, rules: KernelRules, osc: Osc): boolean {
  return (
    rules.aerAvailable && port.aerCap !== 0 && ownsAer(osc) && (isRoot(port) || rules.aerServiceOn === 'every port')
  );
}

function ownsAer(osc: Osc): boolean {
  return osc.os_controls.includes('AER');
}

const serviceNames: ReadonlyMap<string, PortService> = new Map([
  ['pme', 'PME'],
  ['pcie_pme', 'PME'],
  ['aer', 'AER'],
  ['hp', 'pciehp'],
  ['hotplug', 'pciehp'],
  ['pciehotplug', 'pciehp'],
  ['pciehp', 'pciehp'],
  ['dpc', 'DPC'],
  ['bwctrl', 'bwctrl'],
  ['pcie_bwctrl', 'bwctrl'],
]);

/** Reads a service's name as people and tools spell it; undefined for none that the model has. */
export function portServiceNamed(name: string): PortService | undefined {
  return serviceNames.get(name.toLowerCase());
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
