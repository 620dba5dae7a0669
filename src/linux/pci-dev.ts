/** `struct pci_dev`: what the kernel keeps of a function beside its registers. */

import { portTypes } from '../../spec-tables/port-types.ts';
import type { AccessSize } from '../config/registers.ts';
import {
  CAPABILITIES_POINTER,
  CAPABILITY_ID_MSI,
  CAPABILITY_ID_MSI_X,
  CAPABILITY_ID_PCI_EXPRESS,
  CAPABILITY_ID_POWER_MANAGEMENT,
  CLASS_CODE,
  EXTENDED_CAPABILITY_ID_ADVANCED_ERROR_REPORTING,
  EXTENDED_CAPABILITY_ID_DOWNSTREAM_PORT_CONTAINMENT,
  HEADER_TYPE,
  HEADER_TYPE_HEADER_LAYOUT,
  PCI_EXPRESS_CAPABILITIES,
  STATUS,
  STATUS_CAPABILITIES_LIST,
} from '../spec/constants.ts';

/** `pci_power_t`, include/linux/pci.h. */
export const PCI_D0 = 0;
export const PCI_D3HOT = 3;
export const PCI_D3COLD = 4;
export const PCI_UNKNOWN = 5;
export const powerStateNames = ['D0', 'D1', 'D2', 'D3hot', 'D3cold', 'unknown'] as const;

/** Services of a port, named as in `oracles/linux`. */
export const portServices = ['PME', 'AER', 'pciehp', 'DPC', 'bwctrl'] as const;
export type PortService = (typeof portServices)[number];

/** include/linux/pci_ids.h. */
export const PCI_CLASS_BRIDGE_PCI = 0x0604;
export const PCI_CLASS_DISPLAY_VGA = 0x0300;
const PCI_CLASS_SYSTEM_RCEC = 0x0807;

/** `PCI_FIND_CAP_TTL`, drivers/pci/pci.h; the extended walk has as many steps as headers fit. */
const CAPABILITY_TTL = 48;
const EXTENDED_TTL = (4096 - 256) / 8;
/** `PCI_CFG_SPACE_EXP_SIZE`. */
const CONFIG_SPACE_END = 4096;

export class PciDev {
  readonly segment: number;
  readonly routingId: number;
  readonly name: string;
  /** The bridge above, as the scan found it. */
  bridge: PciDev | undefined;
  /** Functions on the bus below, in scan order; empty for all but bridges. */
  readonly subordinate: PciDev[] = [];
  driver: string | null = null;
  enableCnt = 0;
  /** `current_state`. */
  currentState: number = PCI_UNKNOWN;
  isBusmaster = false;
  runtimeSuspended = false;
  services: readonly PortService[] = [];

  readonly #read: (offset: number, size: AccessSize) => number;
  readonly #write: (offset: number, size: AccessSize, value: number) => void;
  readonly #capabilities = new Map<number, number>();

  constructor(
    address: { segment: number; routingId: number },
    name: string,
    access: {
      read: (offset: number, size: AccessSize) => number;
      write: (offset: number, size: AccessSize, value: number) => void;
    },
  ) {
    this.segment = address.segment;
    this.routingId = address.routingId;
    this.name = name;
    this.#read = access.read;
    this.#write = access.write;
  }

  /**
   * A register of a capability that runs past the end of the space, which the kernel does not look for: the read gives all ones, the
   * write is lost. pci_mmcfg_read(), pci_mmcfg_write(), arch/x86/pci/mmconfig_64.c.
   */
  read(offset: number, size: AccessSize): number {
    if (offset >= CONFIG_SPACE_END) return size === 4 ? 0xffffffff : 2 ** (8 * size) - 1;
    return this.#read(offset, size);
  }

  write(offset: number, size: AccessSize, value: number): void {
    if (offset < CONFIG_SPACE_END) this.#write(offset, size, value);
  }

  /** `hdr_type`: 0, 1 (bridge) or 2 (CardBus bridge). */
  get headerType(): number {
    return this.#remember(-1, () => this.read(HEADER_TYPE, 1) & HEADER_TYPE_HEADER_LAYOUT);
  }

  get isBridge(): boolean {
    return this.headerType === 1 || this.headerType === 2;
  }

  get pcieCap(): number {
    return this.#standard(CAPABILITY_ID_PCI_EXPRESS);
  }

  get pmCap(): number {
    return this.#standard(CAPABILITY_ID_POWER_MANAGEMENT);
  }

  get msiCap(): number {
    return this.#standard(CAPABILITY_ID_MSI);
  }

  get msixCap(): number {
    return this.#standard(CAPABILITY_ID_MSI_X);
  }

  get aerCap(): number {
    return this.#extended(EXTENDED_CAPABILITY_ID_ADVANCED_ERROR_REPORTING);
  }

  get dpcCap(): number {
    return this.#extended(EXTENDED_CAPABILITY_ID_DOWNSTREAM_PORT_CONTAINMENT);
  }

  /** `pci_pcie_type()`; -1 where the function is not PCI Express. */
  get pcieType(): number {
    return this.#remember(-2, () =>
      this.pcieCap === 0 ? -1 : (this.read(this.pcieCap + PCI_EXPRESS_CAPABILITIES, 2) >> 4) & 0xf,
    );
  }

  /** What pcieport's id table and probe accept: PCI bridges and event collectors by class, ports by type. */
  get isForPortDriver(): boolean {
    const { pciClass } = this;
    return (pciClass === PCI_CLASS_BRIDGE_PCI || pciClass === PCI_CLASS_SYSTEM_RCEC) && this.isPciePort;
  }

  /** Base class and sub-class: `class >> 8`. */
  get pciClass(): number {
    return this.#remember(-3, () => this.read(CLASS_CODE, 2));
  }

  /** Root ports and switch downstream ports: a link lies below. */
  get leadsToLink(): boolean {
    return this.pcieType === portTypes['Root Port'] || this.pcieType === portTypes['Switch Downstream Port'];
  }

  /** Root, upstream and downstream ports, event collectors, by Device/Port Type alone. */
  get isPciePort(): boolean {
    return (
      this.pcieType === portTypes['Root Port'] ||
      this.pcieType === portTypes['Switch Upstream Port'] ||
      this.pcieType === portTypes['Switch Downstream Port'] ||
      this.pcieType === portTypes['Root Complex Event Collector']
    );
  }

  /** `pci_find_capability()`. */
  #standard(id: number): number {
    return this.#remember(id, () => {
      if ((this.read(STATUS, 2) & STATUS_CAPABILITIES_LIST) === 0) return 0;
      const cardbus = this.headerType === 2;
      let offset = this.read(cardbus ? 0x14 : CAPABILITIES_POINTER, 1) & 0xfc;
      for (let ttl = CAPABILITY_TTL; ttl > 0 && offset >= 0x40; ttl--) {
        const entry = this.read(offset, 2);
        if ((entry & 0xff) === 0xff) return 0;
        if ((entry & 0xff) === id) return offset;
        offset = (entry >> 8) & 0xfc;
      }
      return 0;
    });
  }

  /** `pci_find_ext_capability()`. */
  #extended(id: number): number {
    return this.#remember(0x100 + id, () => {
      // pci_cfg_space_size(): only PCI Express has more than 256 bytes (PCI-X mode 2 aside).
      if (this.pcieCap === 0) return 0;
      let offset = 0x100;
      for (let ttl = EXTENDED_TTL; ttl > 0 && offset >= 0x100; ttl--) {
        const header = this.read(offset, 4);
        if (header === 0 || header === 0xffffffff) return 0;
        if ((header & 0xffff) === id) return offset;
        offset = (header >>> 20) & 0xffc;
      }
      return 0;
    });
  }

  #remember(key: number, find: () => number): number {
    const known = this.#capabilities.get(key);
    if (known !== undefined) return known;
    const value = find();
    this.#capabilities.set(key, value);
    return value;
  }
}
