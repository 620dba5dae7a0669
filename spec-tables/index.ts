import type { Structure } from '../src/spec/structure.ts';
import { AgpCapability } from './accelerated-graphics-port.ts';
import { AccessControlServices } from './access-control-services.ts';
import { AddressTranslationServices } from './address-translation-services.ts';
import { AdvancedErrorReporting } from './advanced-error-reporting.ts';
import { AdvancedFeaturesCapability } from './advanced-features.ts';
import { Agp8xCapability } from './agp-8x.ts';
import { AlternateProtocol } from './alternate-protocol.ts';
import { AlternativeRoutingId } from './alternative-routing-id.ts';
import { CapturedData } from './captured-data.ts';
import { CompactPciCentralResourceControlCapability } from './compactpci-central-resource-control.ts';
import { CompactPciHotSwapCapability } from './compactpci-hot-swap.ts';
import { ConfigurationAccessCorrelation } from './configuration-access-correlation.ts';
import { CxlDevice } from './cxl-device.ts';
import { CxlFlexBusPort } from './cxl-flex-bus-port.ts';
import { CxlGpfDevice } from './cxl-gpf-device.ts';
import { CxlGpfPort } from './cxl-gpf-port.ts';
import { CxlMld } from './cxl-mld.ts';
import { CxlNonCxlFunctionMap } from './cxl-non-cxl-function-map.ts';
import { CxlPortExtensions } from './cxl-port-extensions.ts';
import { CxlRegisterLocator } from './cxl-register-locator.ts';
import { DataLinkFeature } from './data-link-feature.ts';
import { DataObjectExchange } from './data-object-exchange.ts';
import { DebugPortCapability } from './debug-port.ts';
import { DesignatedVendorSpecific } from './designated-vendor-specific.ts';
import { Device3 } from './device-3.ts';
import { DeviceSerialNumber } from './device-serial-number.ts';
import { DownstreamPortContainment } from './downstream-port-containment.ts';
import { DynamicPowerAllocation } from './dynamic-power-allocation.ts';
import { EnhancedAllocationCapability } from './enhanced-allocation.ts';
import { FlatteningPortalBridgeCapability } from './flattening-portal-bridge.ts';
import { FlitErrorInjection } from './flit-error-injection.ts';
import { FlitLogging } from './flit-logging.ts';
import { FlitPerformanceMeasurement } from './flit-performance-measurement.ts';
import { FrsQueueing } from './frs-queueing.ts';
import { HierarchyId } from './hierarchy-id.ts';
import { HyperTransportCapability } from './hypertransport.ts';
import { IntegrityAndDataEncryption } from './integrity-and-data-encryption.ts';
import { L1PmSubstates } from './l1-pm-substates.ts';
import { LaneMargining } from './lane-margining.ts';
import { LatencyToleranceReporting } from './latency-tolerance-reporting.ts';
import { LnRequester } from './ln-requester.ts';
import { MPcie } from './m-pcie.ts';
import { MmioRegisterBlockLocator } from './mmio-register-block-locator.ts';
import { MsiCapability } from './msi.ts';
import { MsiXCapability } from './msi-x.ts';
import { MultiFunctionVirtualChannel } from './multi-function-virtual-channel.ts';
import { MultiRootIoVirtualization } from './multi-root-io-virtualization.ts';
import { Multicast } from './multicast.ts';
import { NopFlit } from './nop-flit.ts';
import { NativePcieEnclosureManagement } from './npem.ts';
import { NullCapability } from './null.ts';
import { PageRequestInterface } from './page-request-interface.ts';
import { PciExpressCapability } from './pci-express.ts';
import { PciXCapability } from './pci-x.ts';
import { PhysicalLayer16 } from './physical-layer-16.ts';
import { PhysicalLayer32 } from './physical-layer-32.ts';
import { PhysicalLayer64 } from './physical-layer-64.ts';
import { PhysicalLayer128 } from './physical-layer-128.ts';
import { PowerBudgeting } from './power-budgeting.ts';
import { PowerManagementCapability } from './power-management.ts';
import { PrecisionTimeMeasurement } from './precision-time-measurement.ts';
import { ProcessAddressSpaceId } from './process-address-space-id.ts';
import { ProtocolMultiplexing } from './protocol-multiplexing.ts';
import { RcrbHeader } from './rcrb-header.ts';
import { ReadinessTimeReporting } from './readiness-time-reporting.ts';
import { ResizableBar } from './resizable-bar.ts';
import { RootComplexEventCollectorAssociation } from './root-complex-event-collector.ts';
import { RootComplexInternalLinkControl } from './root-complex-internal-link-control.ts';
import { RootComplexLinkDeclaration } from './root-complex-link-declaration.ts';
import { SataCapability } from './sata.ts';
import { ScalableIoVirtualization } from './scalable-io-virtualization.ts';
import { SecondaryPciExpress } from './secondary-pci-express.ts';
import { SecureDeviceCapability } from './secure-device.ts';
import { ShadowFunctions } from './shadow-functions.ts';
import { SingleRootIoVirtualization } from './single-root-io-virtualization.ts';
import { SlotIdentificationCapability } from './slot-identification.ts';
import { StandardHotPlugControllerCapability } from './standard-hot-plug-controller.ts';
import { StreamlinedVirtualChannel } from './streamlined-virtual-channel.ts';
import { SubsystemIdCapability } from './subsystem-id.ts';
import { SystemFirmwareIntermediary } from './system-firmware-intermediary.ts';
import { TphRequester } from './tph-requester.ts';
import { Type0Header } from './type-0-header.ts';
import { Type1Header } from './type-1-header.ts';
import { Type2Header } from './type-2-header.ts';
import { VendorSpecificCapability } from './vendor-specific.ts';
import { VendorSpecificExtended } from './vendor-specific-extended.ts';
import { VfResizableBar } from './vf-resizable-bar.ts';
import { VirtualChannel, VirtualChannelWithMfvc } from './virtual-channel.ts';
import { VitalProductDataCapability } from './vital-product-data.ts';

export {
  AccessControlServices,
  AddressTranslationServices,
  AdvancedErrorReporting,
  AdvancedFeaturesCapability,
  Agp8xCapability,
  AgpCapability,
  AlternateProtocol,
  AlternativeRoutingId,
  CapturedData,
  CompactPciCentralResourceControlCapability,
  CompactPciHotSwapCapability,
  ConfigurationAccessCorrelation,
  CxlDevice,
  CxlFlexBusPort,
  CxlGpfDevice,
  CxlGpfPort,
  CxlMld,
  CxlNonCxlFunctionMap,
  CxlPortExtensions,
  CxlRegisterLocator,
  DataLinkFeature,
  DataObjectExchange,
  DebugPortCapability,
  DesignatedVendorSpecific,
  Device3,
  DeviceSerialNumber,
  DownstreamPortContainment,
  DynamicPowerAllocation,
  EnhancedAllocationCapability,
  FlatteningPortalBridgeCapability,
  FlitErrorInjection,
  FlitLogging,
  FlitPerformanceMeasurement,
  FrsQueueing,
  HierarchyId,
  HyperTransportCapability,
  IntegrityAndDataEncryption,
  L1PmSubstates,
  LaneMargining,
  LatencyToleranceReporting,
  LnRequester,
  MmioRegisterBlockLocator,
  MPcie,
  MsiCapability,
  MsiXCapability,
  Multicast,
  MultiFunctionVirtualChannel,
  MultiRootIoVirtualization,
  NativePcieEnclosureManagement,
  NopFlit,
  NullCapability,
  PageRequestInterface,
  PciExpressCapability,
  PciXCapability,
  PhysicalLayer16,
  PhysicalLayer32,
  PhysicalLayer64,
  PhysicalLayer128,
  PowerBudgeting,
  PowerManagementCapability,
  PrecisionTimeMeasurement,
  ProcessAddressSpaceId,
  ProtocolMultiplexing,
  RcrbHeader,
  ReadinessTimeReporting,
  ResizableBar,
  RootComplexEventCollectorAssociation,
  RootComplexInternalLinkControl,
  RootComplexLinkDeclaration,
  SataCapability,
  ScalableIoVirtualization,
  SecondaryPciExpress,
  SecureDeviceCapability,
  ShadowFunctions,
  SingleRootIoVirtualization,
  SlotIdentificationCapability,
  StandardHotPlugControllerCapability,
  StreamlinedVirtualChannel,
  SubsystemIdCapability,
  SystemFirmwareIntermediary,
  TphRequester,
  Type0Header,
  Type1Header,
  Type2Header,
  VendorSpecificCapability,
  VendorSpecificExtended,
  VfResizableBar,
  VirtualChannel,
  VirtualChannelWithMfvc,
  VitalProductDataCapability,
};

/** Every structure that has a table. A capability without one keeps a dump's bytes, read-only. */
export const structures: readonly Structure[] = [
  Type0Header,
  Type1Header,
  PowerManagementCapability,
  MsiCapability,
  MsiXCapability,
  PciExpressCapability,
  AdvancedErrorReporting,
  DownstreamPortContainment,
  SubsystemIdCapability,
  AccessControlServices,
  AgpCapability,
  Agp8xCapability,
  AdvancedFeaturesCapability,
  CompactPciCentralResourceControlCapability,
  CompactPciHotSwapCapability,
  DebugPortCapability,
  EnhancedAllocationCapability,
  FlatteningPortalBridgeCapability,
  HyperTransportCapability,
  NullCapability,
  PciXCapability,
  SataCapability,
  SecureDeviceCapability,
  SlotIdentificationCapability,
  StandardHotPlugControllerCapability,
  Type2Header,
  VendorSpecificCapability,
  VitalProductDataCapability,
  AddressTranslationServices,
  AlternativeRoutingId,
  ConfigurationAccessCorrelation,
  DeviceSerialNumber,
  DynamicPowerAllocation,
  LatencyToleranceReporting,
  MultiFunctionVirtualChannel,
  MultiRootIoVirtualization,
  Multicast,
  PageRequestInterface,
  PowerBudgeting,
  ProcessAddressSpaceId,
  ProtocolMultiplexing,
  RcrbHeader,
  ResizableBar,
  RootComplexEventCollectorAssociation,
  RootComplexInternalLinkControl,
  RootComplexLinkDeclaration,
  SingleRootIoVirtualization,
  TphRequester,
  VendorSpecificExtended,
  VirtualChannel,
  VirtualChannelWithMfvc,
  SecondaryPciExpress,
  LnRequester,
  L1PmSubstates,
  PrecisionTimeMeasurement,
  MPcie,
  FrsQueueing,
  ReadinessTimeReporting,
  VfResizableBar,
  DataLinkFeature,
  PhysicalLayer16,
  LaneMargining,
  HierarchyId,
  NativePcieEnclosureManagement,
  PhysicalLayer32,
  AlternateProtocol,
  SystemFirmwareIntermediary,
  ShadowFunctions,
  DataObjectExchange,
  Device3,
  IntegrityAndDataEncryption,
  PhysicalLayer64,
  PhysicalLayer128,
  FlitLogging,
  FlitPerformanceMeasurement,
  FlitErrorInjection,
  StreamlinedVirtualChannel,
  MmioRegisterBlockLocator,
  NopFlit,
  ScalableIoVirtualization,
  CapturedData,
  DesignatedVendorSpecific,
  CxlDevice,
  CxlNonCxlFunctionMap,
  CxlPortExtensions,
  CxlGpfPort,
  CxlGpfDevice,
  CxlFlexBusPort,
  CxlRegisterLocator,
  CxlMld,
];
