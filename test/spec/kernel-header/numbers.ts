/** The kernel's macros that say a number of a structure: an ID, a length, a count, a field far from its register. */
import {
  AccessControlServices,
  AddressTranslationServices,
  AdvancedFeaturesCapability,
  AgpCapability,
  AlternativeRoutingId,
  CxlDevice,
  CxlFlexBusPort,
  CxlGpfDevice,
  CxlGpfPort,
  CxlNonCxlFunctionMap,
  CxlPortExtensions,
  CxlRegisterLocator,
  DataObjectExchange,
  DeviceSerialNumber,
  DynamicPowerAllocation,
  EnhancedAllocationCapability,
  HyperTransportCapability,
  IntegrityAndDataEncryption,
  LatencyToleranceReporting,
  MsiXCapability,
  Multicast,
  PageRequestInterface,
  PciExpressCapability,
  PciXCapability,
  PowerBudgeting,
  PowerManagementCapability,
  ProcessAddressSpaceId,
  SataCapability,
  SingleRootIoVirtualization,
  TphRequester,
  Type0Header,
  Type1Header,
  Type2Header,
  VirtualChannel,
  VitalProductDataCapability,
} from '../../../spec-tables/index.ts';
import { portTypes } from '../../../spec-tables/port-types.ts';
import { CONFIG_SPACE_SIZE } from '../../../src/config/arena.ts';
import { type Block, fieldMask, fieldNamed, type Structure } from '../../../src/spec/structure.ts';
import { elementsOf, endOf, registersOf } from './registers.ts';

const registerIn = (structure: Structure, name: string) => {
  const register = registersOf(structure).find((candidate) => candidate.name === name);
  if (register === undefined) throw new Error(`${structure.name}: expected a register of its own, got "${name}"`);
  return register;
};
const offsetOf = (structure: Structure, register: string) => registerIn(structure, register).offset;
const maskOf = (structure: Structure, register: string, field: string) =>
  fieldMask(fieldNamed(registerIn(structure, register), field).bits);
/** Where a field that begins with a byte has that byte. */
const byteOf = (structure: Structure, name: string, field: string) => {
  const register = registerIn(structure, name);
  return register.offset + fieldNamed(register, field).bits[1] / 8;
};
/** The mask with ones above the register, as `~0x0f` has them. */
const addressMask = (structure: Structure, name: string, field: string) =>
  (maskOf(structure, name, field) | ~(2 ** registerIn(structure, name).width - 1)) >>> 0;
const lengthOf = (structure: Structure) => endOf(structure.registers);
/** Length up to and with a register. */
const lengthTo = (structure: Structure, register: string) => endOf([registerIn(structure, register)]);
const countOf = (structure: Structure, pattern: RegExp) =>
  structure.registers.filter(({ name }) => pattern.test(name)).length;
const sizeOf = ({ registers }: Block) => endOf(registers);

const [linkStream, selectiveStream] = IntegrityAndDataEncryption.blocks;
const [addressAssociation] = selectiveStream.blocks;
const [entriesInBridge, entriesInFunction] = EnhancedAllocationCapability.blocks;
/** Of the byte at 3, where the kernel reads the type. */
const threeBitType = maskOf(HyperTransportCapability, 'HT Switch Command', 'Capability Type 15:13') >> 8;
const entry: Structure = { name: 'EA entry', registers: elementsOf(entriesInFunction) };

export const lengths: Readonly<Record<string, number>> = {
  PCI_CFG_SPACE_SIZE: 0x100,
  PCI_CFG_SPACE_EXP_SIZE: CONFIG_SPACE_SIZE,
  PCI_STD_HEADER_SIZEOF: lengthOf(Type0Header),
  PCI_PM_SIZEOF: lengthOf(PowerManagementCapability),
  PCI_AGP_SIZEOF: lengthOf(AgpCapability),
  PCI_CAP_VPD_SIZEOF: lengthOf(VitalProductDataCapability),
  PCI_CAP_MSIX_SIZEOF: lengthOf(MsiXCapability),
  PCI_CAP_AF_SIZEOF: lengthOf(AdvancedFeaturesCapability),
  PCI_CAP_PCIX_SIZEOF_V0: lengthTo(PciXCapability, 'PCI-X Status'),
  PCI_CAP_PCIX_SIZEOF_V1: lengthTo(PciXCapability, 'PCI-X ECC Attribute'),
  PCI_CAP_PCIX_SIZEOF_V2: lengthTo(PciXCapability, 'PCI-X ECC Attribute'),
  PCI_CAP_EXP_RC_ENDPOINT_SIZEOF_V1: lengthTo(PciExpressCapability, 'Device Status'),
  PCI_CAP_EXP_ENDPOINT_SIZEOF_V1: lengthTo(PciExpressCapability, 'Link Status'),
  PCI_CAP_EXP_RC_ENDPOINT_SIZEOF_V2: lengthTo(PciExpressCapability, 'Device Status 2'),
  PCI_CAP_EXP_ENDPOINT_SIZEOF_V2: lengthTo(PciExpressCapability, 'Link Status 2'),
  PCI_EXT_CAP_DSN_SIZEOF: lengthOf(DeviceSerialNumber),
  PCI_EXT_CAP_MCAST_ENDPOINT_SIZEOF: lengthTo(Multicast, 'MC_Block_Untranslated Upper'),
  PCI_CAP_VC_BASE_SIZEOF: lengthTo(VirtualChannel, 'Port VC Status'),
  PCI_CAP_VC_PER_VC_SIZEOF:
    lengthTo(VirtualChannel, 'VC0 Resource Status') - lengthTo(VirtualChannel, 'Port VC Status'),
  PCI_EXT_CAP_PWR_SIZEOF: lengthOf(PowerBudgeting),
  HT_CAP_SIZEOF_LONG: lengthTo(HyperTransportCapability, 'HT Slave Reserved'),
  HT_CAP_SIZEOF_SHORT: lengthTo(HyperTransportCapability, 'HT Host Reserved 16h'),
  PCI_EXT_CAP_ARI_SIZEOF: lengthOf(AlternativeRoutingId),
  PCI_EXT_CAP_ATS_SIZEOF: lengthOf(AddressTranslationServices),
  PCI_EXT_CAP_PRI_SIZEOF: lengthOf(PageRequestInterface),
  PCI_EXT_CAP_PASID_SIZEOF: lengthOf(ProcessAddressSpaceId),
  PCI_EXT_CAP_SRIOV_SIZEOF: lengthOf(SingleRootIoVirtualization),
  PCI_EXT_CAP_LTR_SIZEOF: lengthOf(LatencyToleranceReporting),
  PCI_SATA_SIZEOF_SHORT: lengthTo(SataCapability, 'SATA Capability 1'),
  PCI_SATA_SIZEOF_LONG: lengthOf(SataCapability),
  PCI_DPA_BASE_SIZEOF: lengthOf(DynamicPowerAllocation),
  PCI_TPH_BASE_SIZEOF: lengthOf(TphRequester),
  PCI_DOE_CAP_SIZEOF: lengthOf(DataObjectExchange),
  PCI_IDE_LINK_BLOCK_SIZE: sizeOf(linkStream),
  PCI_IDE_SEL_ADDR_BLOCK_SIZE: sizeOf(addressAssociation),
};

/** Of function-like macros: the values for 0, 1, … */
export const series: Readonly<Record<string, readonly number[]>> = {
  PCI_IDE_SEL_BLOCK_SIZE: [0, 1, 2].map((count) => sizeOf(selectiveStream) + count * sizeOf(addressAssociation)),
};

export const counts: Readonly<Record<string, number>> = {
  PCI_STD_NUM_BARS: countOf(Type0Header, /^Base Address Register/),
  PCI_SRIOV_NUM_BARS: countOf(SingleRootIoVirtualization, /^VF BAR/),
  CXL_DVSEC_RANGE_MAX: countOf(CxlDevice, /^CXL Range \d Base High/),
  // Depth 0 stands for the most.
  PCI_ATS_MAX_QDEP: maskOf(AddressTranslationServices, 'ATS Capability', 'Invalidate Queue Depth') + 1,
  PCI_IDE_SEL_CTL_ID_MAX: 2 ** 8 - 1,
};

export const codes: Readonly<Record<string, number>> = {
  PCI_HEADER_TYPE_NORMAL: Type0Header.headerType,
  PCI_HEADER_TYPE_BRIDGE: Type1Header.headerType,
  PCI_HEADER_TYPE_CARDBUS: Type2Header.headerType,
  PCI_EXP_TYPE_ENDPOINT: portTypes['PCI Express Endpoint'],
  PCI_EXP_TYPE_LEG_END: portTypes['Legacy PCI Express Endpoint'],
  PCI_EXP_TYPE_ROOT_PORT: portTypes['Root Port'],
  PCI_EXP_TYPE_UPSTREAM: portTypes['Switch Upstream Port'],
  PCI_EXP_TYPE_DOWNSTREAM: portTypes['Switch Downstream Port'],
  PCI_EXP_TYPE_PCI_BRIDGE: portTypes['PCI Express to PCI/PCI-X Bridge'],
  PCI_EXP_TYPE_PCIE_BRIDGE: portTypes['PCI/PCI-X to PCI Express Bridge'],
  PCI_EXP_TYPE_RC_END: portTypes['Root Complex Integrated Endpoint'],
  PCI_EXP_TYPE_RC_EC: portTypes['Root Complex Event Collector'],
  PCI_DVSEC_CXL_DEVICE: CxlDevice.dvsec.id,
  PCI_DVSEC_CXL_FUNCTION_MAP: CxlNonCxlFunctionMap.dvsec.id,
  PCI_DVSEC_CXL_PORT: CxlPortExtensions.dvsec.id,
  PCI_DVSEC_CXL_PORT_GPF: CxlGpfPort.dvsec.id,
  PCI_DVSEC_CXL_DEVICE_GPF: CxlGpfDevice.dvsec.id,
  PCI_DVSEC_CXL_FLEXBUS_PORT: CxlFlexBusPort.dvsec.id,
  PCI_DVSEC_CXL_REG_LOCATOR: CxlRegisterLocator.dvsec.id,
};

/** Where a macro's place in the header does not tell its register. */
export const fields: Readonly<Record<string, number>> = {
  PCI_IO_RANGE_TYPE_MASK: maskOf(Type1Header, 'I/O Base', 'I/O Base Addressing'),
  PCI_IO_RANGE_MASK: addressMask(Type1Header, 'I/O Base', 'I/O Base Address 15:12'),
  PCI_MEMORY_RANGE_MASK: addressMask(Type1Header, 'Memory Base', 'Memory Base Address 31:20'),
  PCI_PREF_RANGE_TYPE_MASK: maskOf(Type1Header, 'Prefetchable Memory Base', 'Prefetchable Base Addressing'),
  PCI_PREF_RANGE_MASK: addressMask(Type1Header, 'Prefetchable Memory Base', 'Prefetchable Base Address 31:20'),
  PCI_CB_IO_RANGE_MASK: addressMask(Type2Header, 'CardBus I/O Base 0', 'I/O Base Address 15:2'),
  PCI_ACS_EGRESS_BITS: byteOf(AccessControlServices, 'ACS Capability', 'Egress Control Vector Size'),
  PCI_EA_FIRST_ENT: entriesInFunction.offset,
  PCI_EA_FIRST_ENT_BRIDGE: entriesInBridge.offset,
  PCI_EA_SEC_BUS_MASK: maskOf(EnhancedAllocationCapability, 'EA Fixed Bus Numbers', 'Fixed Secondary Bus Number'),
  PCI_EA_SUB_BUS_MASK: maskOf(EnhancedAllocationCapability, 'EA Fixed Bus Numbers', 'Fixed Subordinate Bus Number'),
  PCI_EA_SUB_BUS_SHIFT: fieldNamed(
    registerIn(EnhancedAllocationCapability, 'EA Fixed Bus Numbers'),
    'Fixed Subordinate Bus Number',
  ).bits[1],
  PCI_EA_ES: maskOf(entry, 'EA Entry {n}', 'Entry Size'),
  PCI_EA_BEI: maskOf(entry, 'EA Entry {n}', 'BAR Equivalent Indicator'),
  PCI_EA_PP: maskOf(entry, 'EA Entry {n}', 'Primary Properties'),
  PCI_EA_SP: maskOf(entry, 'EA Entry {n}', 'Secondary Properties'),
  PCI_EA_WRITABLE: maskOf(entry, 'EA Entry {n}', 'Writable'),
  PCI_EA_ENABLE: maskOf(entry, 'EA Entry {n}', 'Enable'),
  PCI_EA_BASE: offsetOf(entry, 'EA Entry {n} Base'),
  PCI_EA_MAX_OFFSET: offsetOf(entry, 'EA Entry {n} MaxOffset'),
  PCI_EA_IS_64: maskOf(entry, 'EA Entry {n} Base', 'Base Size'),
  PCI_EA_FIELD_MASK: maskOf(entry, 'EA Entry {n} MaxOffset', 'MaxOffset 31:2'),
  HT_3BIT_CAP_MASK: threeBitType,
  HT_5BIT_CAP_MASK:
    threeBitType + (maskOf(HyperTransportCapability, 'HT Switch Command', 'Capability Type 12:11') >> 8),
  HT_MSI_FLAGS: offsetOf(HyperTransportCapability, 'HT MSI Mapping Command'),
  HT_MSI_FLAGS_ENABLE: maskOf(HyperTransportCapability, 'HT MSI Mapping Command', 'Enable'),
  HT_MSI_FLAGS_FIXED: maskOf(HyperTransportCapability, 'HT MSI Mapping Command', 'Fixed'),
  HT_MSI_ADDR_LO: offsetOf(HyperTransportCapability, 'HT MSI Mapping Address Lower'),
  HT_MSI_ADDR_LO_MASK: maskOf(HyperTransportCapability, 'HT MSI Mapping Address Lower', 'Mapping Address 31:20'),
  HT_MSI_ADDR_HI: offsetOf(HyperTransportCapability, 'HT MSI Mapping Address Upper'),
};
