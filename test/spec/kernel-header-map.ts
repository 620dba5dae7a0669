/** Which of the kernel's macros (include/uapi/linux/pci_regs.h) speak of which structures. */
import {
  AdvancedFeaturesCapability,
  AgpCapability,
  CompactPciHotSwapCapability,
  EnhancedAllocationCapability,
  MsiCapability,
  MsiXCapability,
  PciExpressCapability,
  PciXCapability,
  PowerManagementCapability,
  SataCapability,
  SlotIdentificationCapability,
  SubsystemIdCapability,
  Type0Header,
  Type1Header,
  Type2Header,
  VitalProductDataCapability,
} from '../../spec-tables/index.ts';
import type { Structure } from '../../src/spec/structure.ts';

/** Which structures the macros of a prefix describe; the first that fits counts. */
export const prefixes: readonly (readonly [RegExp, readonly Structure[]])[] = [
  [/^PCI_CB_/, [Type2Header]],
  [/^PCI_(VENDOR_ID|DEVICE_ID|COMMAND|STATUS|CLASS|REVISION_ID|CACHE_LINE|LATENCY|HEADER_TYPE|BIST)/, [Type0Header]],
  [/^PCI_(BASE_ADDRESS|CARDBUS_CIS|SUBSYSTEM|ROM_ADDRESS$|CAPABILITY_LIST|INTERRUPT|MIN_GNT|MAX_LAT)/, [Type0Header]],
  [/^PCI_(PRIMARY_BUS|SECONDARY_BUS|SUBORDINATE_BUS|SEC_|IO_|MEMORY_|PREF_|ROM_ADDRESS1|BRIDGE_)/, [Type1Header]],
  [/^PCI_PM_/, [PowerManagementCapability]],
  [/^PCI_AGP_/, [AgpCapability]],
  [/^PCI_VPD_/, [VitalProductDataCapability]],
  [/^PCI_SID_/, [SlotIdentificationCapability]],
  [/^PCI_MSIX_(?!ENTRY)/, [MsiXCapability]],
  [/^PCI_MSI_/, [MsiCapability]],
  [/^PCI_CHSWP_/, [CompactPciHotSwapCapability]],
  [/^PCI_AF_/, [AdvancedFeaturesCapability]],
  [/^PCI_EA_/, [EnhancedAllocationCapability]],
  [/^PCI_X_/, [PciXCapability]],
  [/^PCI_SSVID_/, [SubsystemIdCapability]],
  [/^PCI_EXP_(?!DPC_)/, [PciExpressCapability]],
  [/^PCI_SATA_/, [SataCapability]],
];
