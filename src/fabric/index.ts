/** Topology, the exact router, error reporting, messages, and the root complex. */
export { type AddressSpace, barAt, windowAt } from './address-decode.ts';
export { ConfigAddressPorts, EcamWindow, ecamOffset } from './config-mechanisms.ts';
export type { ContainmentEvent, ContainmentReason } from './containment.ts';
export type { Delivery, DeliveryOutcome } from './delivery.ts';
export { type ErrorInterrupt, type MessageDelivery, type MessageHop, sendErrorMessage } from './error-messages.ts';
export {
  type DetectedError,
  type ErrorName,
  type ErrorReport,
  firstByPrecedence,
  reportError,
} from './error-reporting.ts';
export type { SignaledError } from './error-signaling.ts';
export { ExactRouter, HOST, type SendOptions } from './exact-router.ts';
export { type Checkpoint, Fabric } from './fabric.ts';
export type { AcceleratorMemory } from './fast-router/accelerator/accelerator.ts';
export { FastRouter, type FastRouterOptions } from './fast-router/fast-router.ts';
export { functionOf, outcomeOf, type RingOutcome, ringOutcomes } from './fast-router/results.ts';
export { type Fault, faultKinds } from './faults.ts';
export { HeaderLogs, type OffendingTlp } from './header-logs.ts';
export type { Hop, Outcome, Route } from './hop.ts';
export { HostMemory } from './host-memory.ts';
export { type Interrupt, type InterruptHost, Interrupts } from './interrupts.ts';
export { type IntxHost, type IntxMessage, IntxWires, swizzledPin } from './intx.ts';
export type { Iommu, Remapped } from './iommu.ts';
export { isLinkUp } from './link.ts';
export { type AddressRange, MemoryMap } from './memory-map.ts';
export { MSI_X_ENTRY_SIZE, MsiXTable } from './msi-x-table.ts';
export {
  type PlatformReaction,
  platformReactions,
  type Reaction,
  type ReactionResult,
  react,
} from './platform-reaction.ts';
export { Readiness } from './readiness.ts';
export type { RootPortIoError } from './root-port-io.ts';
export type { RoutingOptions } from './routing-options.ts';
export { type Credits, defaultCredits } from './timed/credits.ts';
export { type Exploration, type ExploreOptions, explore } from './timed/explore.ts';
export { mayPass, type OrderedTlp, type OrderingClass, orderingTable } from './timed/ordering.ts';
export { type Move, type TimedCheckpoint, TimedFabric, type TimedOptions } from './timed/timed-fabric.ts';
export type { Ingress, TimedDelivery, TimedTlp } from './timed/timed-tlp.ts';
export {
  ancestors,
  buildTopology,
  hasConventionalSecondary,
  isBridge,
  NONE,
  type RootBus,
  requesterIdOf,
  subtree,
  type Topology,
  type TopologyProblem,
} from './topology.ts';
export type { Answer, TransactionOptions } from './transactions.ts';
export { enabledVirtualFunctions, virtualRoutingId } from './virtual-functions.ts';
export type { FaultRecord } from './vtd/fault-records.ts';
export { type VtdOptions, VtdUnit } from './vtd/unit.ts';
export type { VtdFeatures } from './vtd/walk.ts';
