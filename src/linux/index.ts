/** The Linux shutdown model: device list, driver core, port driver, endpoint drivers, kexec and crash, policies. */
export { type Bindings, defaultOsc, type FunctionBinding, type Osc } from './bindings.ts';
export { moveProbed, scanFunctions } from './device-list.ts';
export { deviceShutdown, pciDeviceShutdown } from './device-shutdown.ts';
export { driverKey, type EndpointDriver, endpointDriver, endpointDrivers } from './endpoint-drivers.ts';
export type { PciHost } from './host.ts';
export {
  DMA_PTE_READ,
  DMA_PTE_WRITE,
  type DmarDomain,
  type DmarHost,
  type InitDmars,
  IntelIommu,
  type KernelMemory,
} from './intel-iommu.ts';
export { type ClearMasterRule, type ConfigWrite, Kernel, type KernelHooks } from './kernel.ts';
export { KernelPages } from './kernel-pages.ts';
export { type KernelRules, kernelChanges, kernelRules } from './kernel-rules.ts';
export { formatKernelVersion, type KernelVersion, parseKernelVersion } from './kernel-version.ts';
export { pciClearMaster, pciSetMaster } from './pci-command.ts';
export { PciDev, type PortService, portServices, powerStateNames } from './pci-dev.ts';
export {
  allPromise,
  expectNoContradiction,
  type KdumpIommu,
  type Policy,
  type PolicyPhase,
  policies,
  policyNamed,
  type ShutdownPath,
  type Situation,
  shutdownPaths,
} from './policies/index.ts';
export { bootSecondKernel } from './second-kernel.ts';
