/**
 * Machines, shutdown runs, random orders, and what is counted in them. Campaigns over worker threads are the command's own: this
 * part runs anywhere.
 */
export {
  type Failure,
  firstFailure,
  type PolicyOutcome,
  type ReactionOutcome,
  runReactions,
  runScenario,
  runScenarios,
  type ScenarioOutcome,
} from './case.ts';
export { crashMemory, type DmaEnd, DmaMemory } from './dma-memory.ts';
export {
  type ChunkResult,
  type Counterexample,
  chunksOf,
  Fuzzer,
  type FuzzResult,
  type FuzzSpec,
  MAX_RUNS,
  Tally,
} from './fuzz.ts';
export { type Implementation, type ImplementationRule, implementations } from './implementations/index.ts';
export { dmaInFlight, type InFlight } from './in-flight.ts';
export { assemble, driverOf, type Machine, machineOfDump, machineOfPlatform } from './machine.ts';
export { type MemorySafety, memorySafety } from './memory-safety.ts';
export { type Observation, observations, simulateHangs } from './observations.ts';
export { ExactOrders, inOrder, type OrderJson } from './orders/exact-orders.ts';
export { type OrderKind, type OrderSet, orderKinds, orderSetOf } from './orders/order-kinds.ts';
export { OrderModel, orderModelOf } from './orders/order-model.ts';
export { countOrders, type Proof, proveOrders, TooManyStates } from './orders/prove-orders.ts';
export type { OrderFailure } from './orders/walk-state.ts';
export { NotDecomposable } from './orders/watch.ts';
export { type ProveResult, prove } from './prove.ts';
export { Random } from './random.ts';
export { firstWrite, hangProbability, meanWritesFor } from './rate.ts';
export { type RefusalRegisters, refusalRegisters } from './refusal-registers.ts';
export { type Mismatch, type ReplayResult, replay } from './replay.ts';
export { type Attempt, type DmaChoice, type SenderOptions, Senders } from './senders.ts';
export { type RequestJson, requestJson, type ShutdownJson, shutdownJson } from './shutdown-json.ts';
export {
  type PhaseName,
  type PhaseResult,
  phaseNames,
  type RefusedRequest,
  runShutdown,
  type ShutdownOptions,
  type ShutdownResult,
  type StrayDma,
  type WritesAfterPanic,
} from './shutdown-run.ts';
export { defaultSpec, functionNamed, optionsOf, type ShutdownSpec } from './shutdown-spec.ts';
export { withTraceBarSizes } from './trace-bar-sizes.ts';
